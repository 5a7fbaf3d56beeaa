/** Models side by side on the same images. */
import type { Split } from '../datasets/types.ts';
import { AppError } from '../errors.ts';
import { describeObjective } from '../train/config.ts';
import { architectureName } from '../model/architecture.ts';
import type { ModelInfo } from '../model/model-file.ts';
import { decideVerdict } from '../metrics/verdict.ts';
import { SPLIT_CODES, STATUS_CODES } from '../query/image-index.ts';
import type { SetStatistics } from '../protocol/experiment-result.ts';
import type { ProgressListener } from '../progress.ts';
import { PhaseReporter, within } from '../progress.ts';
import type { Estimate, Verdict } from '../report/audit.ts';
import type { ModelRow } from '../store/models.ts';
import type { Workspace } from '../store/workspace.ts';
import type { PairedDifferences, SetCurves } from './compare-columns.ts';
import { runTask } from './compute/run-task.ts';
import { leakage } from './leakage.ts';
import { loadScope, scoreOverview, type LoadedScope, type Scope, type ScopeOverview } from './score-overview.ts'; // prettier-ignore
import { scopeColumns, type ScopeColumns, type ScoredSource } from './scope-columns.ts';
import type { ScoreSources, ScoringHooks } from './score-sources.ts';
import { setStatistics } from './set-statistics.ts';
import { trainingSummary } from './training-summary.ts';

/** Full ids; the first model is the one that the others are compared with. */
export interface CompareRequest {
  readonly modelIds: readonly string[];
  readonly detector: string;
  readonly idDatasetId: string;
  readonly split: Split;
  readonly oodDatasetIds: readonly string[];
}

export interface ComparedModel {
  readonly modelId: string;
  readonly name: string;
  readonly role: 'before' | 'control' | 'sparse' | 'batch-norm' | 'other';
  readonly scope: Scope;
  readonly overview: ScopeOverview;
  readonly curves: readonly SetCurves[];
  /** Features and energies of the ID images and of each OOD set. */
  readonly statistics: readonly SetStatistics[];
}

/** A model minus the first, paired over the same images. */
export interface ModelDifference {
  readonly modelId: string;
  readonly baseModelId: string;
  /** Null for the mean over the sets, and for the accuracy. */
  readonly datasetId: string | null;
  readonly metric: 'fpr95' | 'auroc' | 'accuracy';
  readonly difference: Estimate;
}

/** Mean, and sample standard deviation (divided by n - 1), over seeds. */
export interface Spread {
  readonly mean: number;
  readonly std: number;
}

/** Models that differ in nothing but their seed. */
export interface SeedFamily {
  readonly label: string;
  readonly modelIds: readonly string[];
  readonly fpr95: Spread;
  readonly auroc: Spread;
  readonly accuracy: Spread;
}

export interface Comparison {
  readonly models: readonly ComparedModel[];
  readonly differences: readonly ModelDifference[];
  /** Null when no sparse model is among them, or its start is not scored on these sets. */
  readonly verdict: Verdict | null;
  readonly seeds: readonly SeedFamily[];
}

export interface CompareOptions {
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ProgressListener | undefined;
  /** Where overviews are kept; computed anew when not given. */
  readonly overview?: (scope: Scope) => Promise<ScopeOverview>;
}

/** Share of the progress that goes to the scores. */
const LOADING = 0.4;

interface Loaded {
  readonly row: ModelRow;
  readonly scope: Scope;
  readonly sets: LoadedScope;
  readonly columns: ScopeColumns;
}

/**
 * @throws AppError `not-found` when a model is not scored on a set; `invalid-data` when the models did not see the
 * same images; `cancelled`
 */
export async function compareModels(
  workspace: Workspace,
  sources: ScoreSources,
  request: CompareRequest,
  { signal, onProgress, overview = (scope) => scoreOverview(sources, scope, { signal }) }: CompareOptions = {}, // prettier-ignore
): Promise<Comparison> {
  const load = (modelId: string, hooks: ScoringHooks = { signal }) =>
    loadModelScope(workspace, sources, request, modelId, hooks);
  const loaded: Loaded[] = [];
  // Before the first time under a detector that learns something, this takes longest.
  for (const [i, modelId] of request.modelIds.entries())
    loaded.push(
      await load(modelId, {
        signal,
        onProgress: within(onProgress, (LOADING * i) / request.modelIds.length, (LOADING * (i + 1)) / request.modelIds.length), // prettier-ignore
      }),
    );
  const [first] = loaded as [Loaded, ...Loaded[]];
  for (const other of loaded) checkSameImages(first, other);
  const steps = new PhaseReporter({ phase: 'Compare', total: 3 * loaded.length, unit: 'steps', from: LOADING, to: 1, listener: onProgress }); // prettier-ignore
  let done = 0;
  const step = <Result>(result: Result): Result => {
    steps.report(++done);
    return result;
  };
  const models: ComparedModel[] = [];
  for (const { row, scope, columns } of loaded)
    models.push({
      modelId: row.id,
      name: row.name,
      role: roleOf(row),
      scope,
      overview: step(await overview(scope)),
      curves: step(await runTask('curves', columns, { signal })),
      statistics: await setStatistics(sources, scope, { signal }),
    });
  const pair = pairs(signal);
  const differences: ModelDifference[] = [];
  step(null);
  for (const model of loaded.slice(1))
    differences.push(...differencesOf(model, first, step(await pair(model, first))));
  return {
    models,
    differences,
    verdict: await verdictOf(workspace, loaded, load, pair, signal),
    seeds: seedFamilies(loaded, models),
  };
}

async function loadModelScope(
  workspace: Workspace,
  sources: ScoreSources,
  { detector, idDatasetId, split, oodDatasetIds }: CompareRequest,
  modelId: string,
  hooks: ScoringHooks,
): Promise<Loaded> {
  const scope = { modelId, detector, idDatasetId, split, oodDatasetIds };
  const sets = await loadScope(sources, scope, hooks);
  const columns = scopeColumns(sets.id, split, sets.ood);
  return { row: workspace.getModel(modelId), scope, sets, columns };
}

function roleOf({ role }: ModelRow): ComparedModel['role'] {
  const known = ['before', 'control', 'sparse', 'batch-norm'] as const;
  return known.find((one) => one === role) ?? 'other';
}

/** Paired comparisons need every model to have seen the same images. */
function checkSameImages(a: Loaded, b: Loaded): void {
  const sets = [
    [a.columns.id, b.columns.id] as const,
    ...a.columns.ood.map((set, i) => [set, b.columns.ood[i]!] as const),
  ];
  for (const [one, other] of sets) {
    const same =
      one.ordinals.length === other.ordinals.length &&
      one.ordinals.every((ordinal, i) => ordinal === other.ordinals[i]);
    if (!same)
      throw new AppError(
        'invalid-data',
        `${a.row.name} and ${b.row.name} were not scored on the same images of ${one.name}: ${one.ordinals.length.toLocaleString('en-US')} and ${other.ordinals.length.toLocaleString('en-US')}. Compute the scores of both again.`,
      );
  }
}

type Pair = (a: Loaded, b: Loaded) => Promise<PairedDifferences>;

/** Each pair is computed once. */
function pairs(signal: AbortSignal | undefined): Pair {
  const known = new Map<string, Promise<PairedDifferences>>();
  return (a, b) => {
    const key = `${a.row.id} ${b.row.id}`;
    const pair = known.get(key) ?? runTask('pairs', { a: a.columns, b: b.columns }, { signal });
    known.set(key, pair);
    return pair;
  };
}

function differencesOf(
  model: Loaded,
  base: Loaded,
  { ood, accuracy }: PairedDifferences,
): ModelDifference[] {
  const of = { modelId: model.row.id, baseModelId: base.row.id };
  const metrics = ['fpr95', 'auroc'] as const;
  return [
    ...base.columns.ood.flatMap(({ datasetId }, i) =>
      metrics.map((metric) => ({ ...of, datasetId, metric, difference: ood.perSet[i]![metric] })),
    ),
    ...metrics.map((metric) => ({ ...of, datasetId: null, metric, difference: ood.mean[metric] })),
    { ...of, datasetId: null, metric: 'accuracy' as const, difference: accuracy },
  ];
}

const infoOf = ({ json }: ModelRow): ModelInfo => json as ModelInfo;
/** What tells whether a model is another one's control. */
export const comparedRun = (row: ModelRow) => ({
  parentId: row.parentId,
  training: trainingSummary(infoOf(row)),
});

/** A sparse model, where it started, and its control among the models. */
interface Repeat {
  readonly sparse: Loaded;
  readonly before: Loaded;
  readonly control: Loaded | null;
}

/**
 * About the first sparse model and its seeds: when the models hold it with several seeds, each with its start scored on
 * these sets, the verdict is over the seeds.
 */
async function verdictOf(
  workspace: Workspace,
  loaded: readonly Loaded[],
  load: (modelId: string) => Promise<Loaded>,
  pair: Pair,
  signal: AbortSignal | undefined,
): Promise<Verdict | null> {
  const first = loaded.find(({ row }) => row.role === 'sparse');
  if (!first || first.columns.ood.length === 0) return null;
  const family = loaded.filter(({ row }) => familyKey(row) === familyKey(first.row));
  const known = new Map<string, Loaded | null>();
  const repeats: Repeat[] = [];
  for (const sparse of family) {
    const parentId = sparse.row.parentId;
    if (!parentId || repeats.some((other) => seedOf(other.sparse.row) === seedOf(sparse.row))) continue; // prettier-ignore
    if (!known.has(parentId)) known.set(parentId, await startOf(workspace, sparse, loaded, load));
    const before = known.get(parentId);
    if (!before) continue;
    checkSameImages(sparse, before);
    repeats.push({ sparse, before, control: controlFor(sparse, loaded) });
  }
  const one = repeats.find(({ sparse }) => sparse === first);
  if (!one) return null;
  const common = {
    sparse: comparedRun(first.row),
    sets: first.columns.ood.map(({ name, ordinals }) => ({ name, n: ordinals.length })),
    idImages: first.columns.id.ordinals.length,
    leakage: leakageOf(first.sets),
  };
  if (repeats.length > 1)
    return decideVerdict({ ...common, ...(await overSeeds(repeats, signal)) });
  const controls = loaded.filter(({ row }) => row.role === 'control');
  const control = one.control ?? controls[0] ?? null;
  const againstBefore = await pair(first, one.before);
  return decideVerdict({
    ...common,
    control: control
      ? { run: comparedRun(control.row), difference: (await pair(first, control)).ood }
      : null,
    againstBefore: againstBefore.ood,
    accuracyChange: againstBefore.accuracy,
    seeds: 1,
  });
}

/** The model a sparse one was fine-tuned from; null when it is not scored on these sets. */
async function startOf(
  workspace: Workspace,
  { row: { parentId }, scope }: Loaded,
  loaded: readonly Loaded[],
  load: (modelId: string) => Promise<Loaded>,
): Promise<Loaded | null> {
  const listed = loaded.find(({ row }) => row.id === parentId);
  if (listed) return listed;
  const scored = workspace.listScores().filter(({ modelId }) => modelId === parentId);
  const wanted = [scope.idDatasetId, ...scope.oodDatasetIds];
  return wanted.every((id) => scored.some(({ datasetId }) => datasetId === id)) ? load(parentId!) : null; // prettier-ignore
}

const controlFor = ({ row }: Loaded, loaded: readonly Loaded[]): Loaded | null =>
  loaded.find(
    (other) =>
      other.row.role === 'control' &&
      other.row.parentId === row.parentId &&
      seedOf(other.row) === seedOf(row),
  ) ?? null;

async function overSeeds(repeats: readonly Repeat[], signal: AbortSignal | undefined) {
  const pairsWith = (other: (repeat: Repeat) => Loaded) =>
    runTask(
      'seedPairs',
      repeats.map((repeat) => ({ a: repeat.sparse.columns, b: other(repeat).columns })),
      { signal },
    );
  const againstBefore = await pairsWith(({ before }) => before);
  const controlled = repeats.every(({ control }) => control !== null);
  const againstControl = controlled ? await pairsWith(({ control }) => control!) : null;
  return {
    control: againstControl
      ? {
          run: comparedRun(repeats[0]!.control!.row),
          difference: againstControl.ood.estimates,
        }
      : null,
    againstBefore: againstBefore.ood.estimates,
    accuracyChange: againstBefore.accuracy,
    seeds: repeats.length,
    repeats: {
      seeds: repeats.map(({ sparse }) => seedOf(sparse.row)!),
      runs: repeats.map(({ sparse, control }) => ({
        sparse: comparedRun(sparse.row),
        control: control && comparedRun(control.row),
      })),
      againstControl: againstControl?.ood.mean.map(({ fpr95 }) => fpr95) ?? null,
      oneStart: new Set(repeats.map(({ before }) => before.row.id)).size === 1,
    },
  };
}

const seedOf = (row: ModelRow): number | undefined =>
  (infoOf(row).config as ModelInfo['config'] | undefined)?.seed;

/** Images that the sets of a scope share, by their bytes. */
export function leakageOf({ id, ood }: LoadedScope) {
  const hashes = ({ index, marks }: ScoredSource, split: Split | null): string[] => {
    const found: string[] = [];
    for (let ordinal = 0; ordinal < index.count; ordinal++)
      if (
        index.statuses[ordinal] === STATUS_CODES.ok &&
        marks?.excluded[ordinal] !== 1 &&
        (split === null || index.splits[ordinal] === SPLIT_CODES[split])
      )
        found.push(index.sha256(ordinal));
    return found;
  };
  return leakage({
    train: hashes(id, 'train'),
    val: hashes(id, 'val'),
    test: hashes(id, 'test'),
    all: hashes(id, null),
    ood: ood.map((source) => ({ name: source.name, hashes: hashes(source, null) })),
  });
}

/** The same for models that differ in nothing but their seed (and so in the model that they started from). */
function familyKey(row: ModelRow): string {
  const { architecture, config, preset, decode } = infoOf(row);
  // OECC's A_tr is measured on each model's own start, which has a seed of its own.
  const { settings, ...rest } = { ...config };
  const same = { ...rest, seed: null, settings: { ...settings, trainingAccuracy: null } };
  return JSON.stringify([row.role, architecture, same, preset, decode]);
}

function seedFamilies(
  loaded: readonly Loaded[],
  models: readonly ComparedModel[],
): readonly SeedFamily[] {
  const families = new Map<string, number[]>();
  for (const [i, { row }] of loaded.entries()) {
    const key = familyKey(row);
    families.set(key, [...(families.get(key) ?? []), i]);
  }
  return [...families.values()]
    .filter((members) => new Set(members.map((i) => seedOf(loaded[i]!.row))).size > 1)
    .map((members): SeedFamily => {
      const { row } = loaded[members[0]!]!;
      const { architecture, config } = infoOf(row);
      const over = (pick: (overview: ScopeOverview) => number): Spread =>
        spread(members.map((i) => pick(models[i]!.overview)));
      return {
        label: `${architectureName(architecture)}, ${LABELS[roleOf(row)]}${config.lambda > 0 || roleOf(row) === 'other' ? `, ${describeObjective(config)}` : ''}`,
        modelIds: members.map((i) => loaded[i]!.row.id),
        fpr95: over(({ evaluation }) => evaluation!.average.fpr95),
        auroc: over(({ evaluation }) => evaluation!.average.auroc),
        accuracy: over(({ idAccuracy }) => idAccuracy.value),
      };
    });
}

const LABELS = {
  before: 'pretrained',
  control: 'control',
  sparse: 'sparse',
  'batch-norm': 'batch-norm control',
  other: 'other',
} as const;

/** @param values at least two */
export function spread(values: readonly number[]): Spread {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, std: Math.sqrt(squares / (values.length - 1)) };
}
