/** From models and sets of the workspace to a report: scores what is missing, then computes every number. */
import { AppError } from '../../errors.ts';
import { loadModel, type Model } from '../../model/model-file.ts';
import { PhaseReporter, within } from '../../progress.ts';
import type { ProtocolId } from '../../protocol/protocols.ts';
import { planProtocol, protocolNamed } from '../../protocol/protocols.ts';
import { assembleAudit, settingsFrom, type AuditFacts, type PeopleParts } from '../../report/assemble.ts'; // prettier-ignore
import type { Audit, ModelRole } from '../../report/audit.ts';
import type { ReportColumns } from '../../report/columns.ts';
import type { ReportSubject } from '../../report/draft.ts';
import { intervalMethod, measureReport } from '../../report/measure/measure.ts';
import type { ThresholdDecision } from '../../report/measure/settings.ts';
import { testedOf } from '../../report/measure/tested.ts';
import { EMPTY_COVER, noStatements } from '../../report/not-supplied.ts';
import { AUDIT_SCHEMA } from '../../report/schema/audit.ts';
import { DETECTORS, detectorById, PRIMARY_DETECTOR } from '../../score/registry.ts';
import type { Detector } from '../../score/types.ts';
import { sha256Hex } from '../../sha256.ts';
import type { Workspace } from '../../store/workspace.ts';
import type { Runtime } from '../../tf/runtime.ts';
import { refuseBarred } from '../barred-sets.ts';
import { runTask } from '../compute/run-task.ts';
import { scoreDatasets } from '../score-datasets.ts';
import { scoringSession } from '../score-model.ts';
import { ScoreSources } from '../score-sources.ts';
import { extrasOf, missingInput } from '../stored-inputs.ts';
import type { WorkflowHooks } from '../train-model.ts';
import { curationOf, environmentOf, modelFactsOf, nearCopiesOf, scoreFactsOf, setFactsOf } from './facts.ts'; // prettier-ignore
import { gatherColumns, type Gathered } from './gather-columns.ts';
import { PlainImageKnowledge } from './image-knowledge.ts';
import { explainGalleries, ReportPictures } from './pictures.ts';
import { protocolText } from './protocol-text.ts';
import { rerunDifference } from './rerun.ts';
import { reportRobustness } from './robustness.ts';

export interface BuildRequest {
  readonly id: string;
  readonly subject: ReportSubject;
  readonly title: string;
  /** The command that was typed, or what was done in the window. */
  readonly command: string;
  /** What was asked for, as it is told in the report; the subject when not given. */
  readonly config?: unknown;
  /** What people supplied; nothing when not given. */
  readonly people?: Partial<PeopleParts> | undefined;
  /** Measures it on so many test images (null: all); what is known already is told in any case. */
  readonly robustness?: { readonly images: number | null } | undefined;
  readonly createdAt: Date;
}

/** A report's numbers with what its files are written from. */
export interface BuiltReport {
  readonly audit: Audit;
  readonly columns: ReportColumns;
  readonly pictures: ReportPictures;
}

export const BOOTSTRAP = { samples: 1000, seed: 1 } as const;

/**
 * @param sources scores that are kept in memory already; read anew when not given
 * @throws AppError `not-found`, `usage` when sets are barred or named twice, `invalid-data`, `cancelled`
 */
export async function buildReport(
  workspace: Workspace,
  runtime: Runtime,
  request: BuildRequest,
  hooks: WorkflowHooks,
  sources = new ScoreSources(() => workspace, new PlainImageKnowledge(workspace)),
): Promise<BuiltReport> {
  const { subject } = request;
  const datasets = [subject.idDataset, ...subject.oodDatasets].map((id) => workspace.getDataset(id).id); // prettier-ignore
  const roles = (['before', 'control', 'sparse'] as const).flatMap((role) => {
    const id = subject.models[role];
    return id === null ? [] : [{ role, id: workspace.getModel(id).id }];
  });
  const protocol = subject.protocol === null ? null : protocolNamed(subject.protocol);
  checkSubject(workspace, datasets, roles, protocol);
  const detectors = wantedDetectors(subject.detectors);
  await scoreMissing(workspace, runtime, roles, datasets, detectors, {
    ...hooks,
    onProgress: within(hooks.onProgress, 0, 0.6),
  });

  const progress = within(hooks.onProgress, 0.6, 0.9);
  const told = (phase: string, from: number, to: number) => {
    const parts = { phase, total: 1000, unit: 'steps', from, to, listener: progress } as const;
    const reporter = new PhaseReporter(parts);
    return (done: number, total: number) => reporter.report(Math.round((1000 * done) / total));
  };
  const scoring = told('Score with all detectors', 0, 0.7);
  const gathered = await gatherColumns(
    workspace,
    sources,
    { models: roles, datasets, detectors },
    { signal: hooks.signal, onStep: (share) => scoring(share, 1) },
  );
  const { columns } = gathered;
  const tested = testedOf(columns);
  const models: Model[] = [];
  for (const { id } of roles) models.push(await loadModel(workspace.modelFolder(id)));
  const sparseAt = roles.findIndex(({ role }) => role === 'sparse');
  const sparse = models[sparseAt]!;
  const pictures = new ReportPictures(
    workspace,
    sparse.info.decode,
    new Map(datasets.map((id) => [workspace.getDataset(id).name, id])),
    ReportPictures.ordinalsIn(columns),
  );
  const decisions = roles.map(({ id }) => decisionOf(workspace, id, datasets[0]!));
  const facts: AuditFacts = {
    ...(await recorded(workspace, runtime, request, hooks.appVersion, datasets, columns)),
    bootstrap: { ...BOOTSTRAP, method: intervalMethod(tested.rows) },
    models: await modelsOf(workspace, sources, roles, models, datasets, gathered, tested.rows.test),
  };
  const settings = settingsFrom(facts, decisions, protocol);
  const numbers = await measureReport(columns, settings, told('Compute metrics', 0.7, 0.95));

  const robustness = await reportRobustness(
    workspace,
    runtime,
    roles,
    datasets[0]!,
    request.robustness,
    { ...hooks, onProgress: within(hooks.onProgress, 0.9, 0.97) },
  );
  const session = scoringSession(runtime, sparse);
  try {
    const galleries = await explainGalleries(numbers.galleries, pictures, session, sparse, hooks.signal); // prettier-ignore
    const rerun = await rerunDifference(workspace, session, sparse, tested, sparseAt, datasets[0]!);
    const sets = numbers.sets;
    const named = datasets.map((id) => ({ id, name: workspace.getDataset(id).name }));
    const audit = assembleAudit(
      {
        ...facts,
        galleries,
        robustness,
        curation: curationOf(workspace, named, sets),
        protocol: protocolText(facts, protocol ?? 'as-given', detectors, decisions.some((one) => one !== null)), // prettier-ignore
        reproducibility: { ...facts.reproducibility, rerun },
      },
      numbers,
    );
    return { audit, columns, pictures };
  } finally {
    session.dispose();
  }
}

/** The primary one first, whatever was asked for. */
function wantedDetectors(ids: readonly string[] | null): readonly Detector[] {
  if (ids === null) return DETECTORS;
  const others = [...new Set(ids)].filter((id) => id !== PRIMARY_DETECTOR.id).map(detectorById);
  return [PRIMARY_DETECTOR, ...others];
}

function checkSubject(
  workspace: Workspace,
  datasets: readonly string[],
  roles: readonly { readonly role: ModelRole; readonly id: string }[],
  protocol: ProtocolId | null,
): void {
  const seen = new Map<string, string>();
  for (const id of datasets) {
    const { name, root } = workspace.getDataset(id);
    const other = seen.get(name);
    if (other === root)
      throw new AppError('usage', `${root} is given twice. Name each dataset once.`);
    if (other !== undefined)
      throw new AppError(
        'invalid-data',
        `Two datasets are called "${name}": ${other} and ${root}. Scan one of them again with --name.`,
      );
    seen.set(name, root);
  }
  // Before hours of scoring: sets that do not fit the protocol, or that a model was trained on.
  const ood = datasets.slice(1).map((id) => workspace.getDataset(id));
  if (protocol) planProtocol(protocol, ood);
  refuseBarred(workspace, roles.map(({ id }) => id), datasets.slice(1)); // prettier-ignore
}

async function scoreMissing(
  workspace: Workspace,
  runtime: Runtime,
  roles: readonly { readonly id: string }[],
  datasets: readonly string[],
  detectors: readonly Detector[],
  hooks: WorkflowHooks,
): Promise<void> {
  const extras = extrasOf(detectors);
  for (const [i, { id: modelId }] of roles.entries()) {
    const missing = datasets.filter((datasetId) => {
      const row = workspace.listScores().find((scores) => scores.modelId === modelId && scores.datasetId === datasetId); // prettier-ignore
      return !row || detectors.some((detector) => missingInput(detector, row) !== null);
    });
    if (missing.length === 0) continue;
    const onProgress = within(hooks.onProgress, i / roles.length, (i + 1) / roles.length);
    await scoreDatasets(workspace, runtime, modelId, missing, { ...hooks, onProgress, extras });
  }
}

/** The newest threshold that a person chose for the primary detector. */
function decisionOf(
  workspace: Workspace,
  modelId: string,
  idDataset: string,
): ThresholdDecision | null {
  const chosen = workspace
    .listThresholds(modelId)
    .find(({ detector, idDatasetId }) => detector === PRIMARY_DETECTOR.id && idDatasetId === idDataset); // prettier-ignore
  if (!chosen) return null;
  const { value, author, reason, createdAt: time } = chosen;
  return { value, author, reason, time };
}

async function modelsOf(
  workspace: Workspace,
  sources: ScoreSources,
  roles: readonly { readonly role: ModelRole; readonly id: string }[],
  models: readonly Model[],
  datasets: readonly string[],
  { columns, models: told }: Gathered,
  testRows: Uint32Array,
): Promise<AuditFacts['models']> {
  const idFacts = await setFactsOf(workspace, datasets[0]!);
  const facts: AuditFacts['models'][number][] = [];
  for (const [m, { role, id }] of roles.entries()) {
    const used = [PRIMARY_DETECTOR.id, ...columns.sets[0].models[m]!.scores.keys()];
    const scores = used.map((detector) => scoreFactsOf(detectorById(detector), told[m]!.notes.get(detector) ?? [])); // prettier-ignore
    const near = await nearZeroOf(sources, id, datasets[0]!, testRows);
    facts.push(modelFactsOf(workspace, role, models[m]!.info, idFacts, scores, told[m]!.unscored, near)); // prettier-ignore
  }
  return facts;
}

/** 0 when features were not kept. */
async function nearZeroOf(
  sources: ScoreSources,
  modelId: string,
  datasetId: string,
  testRows: Uint32Array,
): Promise<number> {
  const { folder, count, classes, units, rows } = await sources.stored(modelId, datasetId);
  if (units === 0) return 0;
  const wanted = new Set(testRows);
  const places = Uint32Array.from(rows.keys()).filter((i) => wanted.has(rows[i]!));
  return runTask('nearZero', { source: { folder, count, classes, units }, rows: places });
}

/** Facts that need no numbers. */
async function recorded(
  workspace: Workspace,
  runtime: Runtime,
  request: BuildRequest,
  appVersion: string,
  datasets: readonly string[],
  columns: ReportColumns,
): Promise<Omit<AuditFacts, 'models' | 'bootstrap'>> {
  const { people = {}, subject } = request;
  const sets = await Promise.all(datasets.map((id) => setFactsOf(workspace, id)));
  const [idDataset, ...oodDatasets] = sets;
  const config = canonical(request.config ?? subject);
  const { json } = workspace.getModel(subject.models.sparse);
  const info = json as Model['info'];
  return {
    schema: AUDIT_SCHEMA,
    id: request.id,
    title: people.title ?? request.title,
    createdAt: request.createdAt.toISOString(),
    timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone,
    cover: people.cover ?? EMPTY_COVER,
    environment: await environmentOf(runtime, appVersion),
    command: request.command,
    seed: info.config.seed,
    idDataset: idDataset!,
    oodDatasets,
    statements: people.statements ?? noStatements(sets.map(({ name }) => name)),
    sharing: nearCopiesOf(workspace, datasets, columns),
    curation: { entries: [], entriesTotal: 0, totals: [] },
    protocol: protocolPlaceholder,
    seeds: [],
    robustness: null,
    galleries: null,
    reproducibility: {
      deterministic: runtime.tier !== 'cuda',
      determinism: determinismOf(runtime),
      rerun: null,
      command: request.command,
      config,
      configSha256: sha256Hex(config),
    },
    versions: people.versions ?? [],
    attachments: people.attachments ?? [],
    wallSeconds: Object.values(subject.models).reduce((sum, id) => sum + (id === null ? 0 : (workspace.getModel(id).json as Model['info']).wallSeconds), 0), // prettier-ignore
  };
}

const protocolPlaceholder: Audit['protocol'] = {
  name: '',
  description: '',
  orientation: '',
  positiveClass: '',
  ties: '',
  intervals: '',
  subsampling: '',
  thresholdSource: '',
  tuning: { testDataUsed: null, statement: '' },
  nearFar: '',
  detectors: [],
};

function determinismOf({ tier, threads }: Runtime): string {
  switch (tier) {
    case 'cuda':
      return 'On the GPU some operations add in an order that varies, so the last digits of a score can differ between runs; see the measured difference.';
    case 'cpu':
      return `On the CPU the same weights and images give the same scores with the same number of threads (here ${threads}).`;
    case 'wasm':
      return 'WebAssembly gives the same scores in every run.';
  }
}

/** JSON with sorted keys: the same request, the same text. */
const canonical = (value: unknown): string =>
  JSON.stringify(value, (_, entry: unknown) =>
    entry !== null && typeof entry === 'object' && !Array.isArray(entry)
      ? Object.fromEntries(Object.entries(entry).sort(([a], [b]) => (a < b ? -1 : 1)))
      : entry,
  );
