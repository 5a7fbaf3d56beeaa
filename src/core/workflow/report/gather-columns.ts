/** A report's columns out of the workspace: images as they are curated now, and stored scores of every detector. */
import { AppError, type ErrorCode, messageOf, throwIfAborted } from '../../errors.ts';
import { EXCLUDED_REASON } from '../../curate/effective-manifest.ts';
import { SPLIT_CODES, STATUS_CODES } from '../../query/image-index.ts';
import type { ModelRole } from '../../report/audit.ts';
import { HASH_BYTES, type ModelColumns, type ReportColumns, type SetColumns } from '../../report/columns.ts'; // prettier-ignore
import type { Detector } from '../../score/types.ts';
import { PRIMARY_DETECTOR } from '../../score/registry.ts';
import type { Workspace } from '../../store/workspace.ts';
import type { ScoreSources } from '../score-sources.ts';
import { decisionsAbout } from './image-knowledge.ts';

export interface GatherRequest {
  readonly models: readonly { readonly role: ModelRole; readonly id: string }[];
  /** ID set first; full ids. */
  readonly datasets: readonly string[];
  /** The primary one first. */
  readonly detectors: readonly Detector[];
}

export interface Gathered {
  readonly columns: ReportColumns;
  /** Per model: what was said when detectors were fitted, and detectors that could not be used. */
  readonly models: readonly {
    readonly notes: ReadonlyMap<string, readonly string[]>;
    readonly unscored: readonly { readonly detector: string; readonly reason: string }[];
  }[];
}

const TOLERATED: readonly ErrorCode[] = ['invalid-data', 'usage'];

/** Why an image that the scan could read has no scores. */
const UNREADABLE_SINCE = 'could not be read when it was scored';

/**
 * @throws AppError `not-found` when a model is not scored on a set; `cancelled`
 */
export async function gatherColumns(
  workspace: Workspace,
  sources: ScoreSources,
  { models, datasets, detectors }: GatherRequest,
  hooks: {
    readonly signal?: AbortSignal | undefined;
    /** Share that is done, 0 to 1. */
    readonly onStep?: (share: number) => void;
  },
): Promise<Gathered> {
  const idDatasetId = datasets[0]!;
  const sets: OpenSet[] = [];
  for (const id of datasets) sets.push(await openSet(workspace, id));
  const told = models.map(() => ({ notes: new Map<string, readonly string[]>(), unscored: [] as { detector: string; reason: string }[] })); // prettier-ignore
  const total = models.length * detectors.length;
  for (const [m, { id: modelId }] of models.entries()) {
    for (const [s, set] of sets.entries()) {
      const { scored } = await sources.scored(
        { modelId, detector: PRIMARY_DETECTOR.id, idDatasetId },
        datasets[s]!,
        hooks,
      );
      set.rows.push(testedOnly(set, scored.rows));
      set.models.push(emptyModel(set.paths.length));
      const { positions, ordinals } = set.rows[m]!;
      const model = set.models[m]!;
      spread(model.predicted, scored.predicted, positions, ordinals);
      spread(model.confidence, scored.confidence, positions, ordinals);
      spread(model.featureL1, scored.l1, positions, ordinals);
      spread(model.hoyer, scored.hoyer, positions, ordinals);
      spread(model.energy, scored.scores.map((score) => 0 - score), positions, ordinals); // prettier-ignore
    }
    for (const [d, detector] of detectors.entries()) {
      throwIfAborted(hooks.signal);
      if (detector.id !== PRIMARY_DETECTOR.id) {
        const choice = { modelId, detector: detector.id, idDatasetId };
        try {
          const columns: Float64Array[] = [];
          const notes = new Set<string>();
          for (const [s, set] of sets.entries()) {
            const column = await sources.column(choice, datasets[s]!, { signal: hooks.signal });
            for (const note of column.notes) notes.add(note);
            const { positions, ordinals } = set.rows[m]!;
            const values = new Float64Array(set.paths.length).fill(NaN);
            spread(values, column.scores, positions, ordinals);
            checkFinite(values, ordinals, set.name);
            columns.push(values);
          }
          for (const [s, set] of sets.entries()) set.models[m]!.scores.set(detector.id, columns[s]!); // prettier-ignore
          told[m]!.notes.set(detector.id, [...notes]);
        } catch (error) {
          // Too few images for it, outputs that were not kept: said in the report, which goes on without.
          if (!(error instanceof AppError) || !TOLERATED.includes(error.code)) throw error;
          told[m]!.unscored.push({ detector: detector.id, reason: messageOf(error) });
        }
      }
      hooks.onStep?.((m * detectors.length + d + 1) / total);
    }
  }
  for (const set of sets) markUnreadable(set);
  const [first, ...others] = sets;
  return {
    columns: {
      models: models.map(({ role, id }) => ({ role, classes: sources.modelClasses(id) })),
      sets: [first!, ...others],
    },
    models: told,
  };
}

/** Places of scored images that are tested: in the scores, and in the set. */
interface Places {
  readonly positions: Uint32Array;
  readonly ordinals: Uint32Array;
}

interface OpenModel extends Omit<ModelColumns, 'scores'> {
  readonly scores: Map<string, Float64Array>;
}

interface OpenSet extends SetColumns {
  readonly models: OpenModel[];
  readonly reasons: Map<number, string>;
  /** Per model. */
  readonly rows: Places[];
}

async function openSet(workspace: Workspace, datasetId: string): Promise<OpenSet> {
  const dataset = workspace.getDataset(datasetId);
  const index = await workspace.loadImageIndex(datasetId);
  const { bytes, widths, heights, reasons } = await workspace.loadImageFacts(datasetId, index.count); // prettier-ignore
  const { excluded, relabelled } = decisionsAbout(workspace, datasetId, index);
  const statuses = index.statuses.slice();
  const labels = index.classIndices.slice();
  const known = new Map(reasons);
  const changed = new Uint8Array(index.count);
  for (let i = 0; i < index.count; i++) {
    if (excluded[i] === 1 && statuses[i] === STATUS_CODES.ok) {
      statuses[i] = STATUS_CODES.excluded;
      known.set(i, EXCLUDED_REASON);
    }
    if (relabelled[i]! >= 0) {
      labels[i] = relabelled[i]!;
      changed[i] = 1;
    }
  }
  const hashes = new Uint8Array(index.count * HASH_BYTES);
  for (let i = 0; i < index.count; i++) index.copySha256(i, hashes, i * HASH_BYTES);
  const analysis = workspace.loadAnalysis(datasetId, index.count);
  return {
    name: dataset.name,
    role: dataset.role,
    classes: dataset.summary.classes,
    paths: Array.from({ length: index.count }, (_, i) => index.path(i)),
    hashes,
    statuses,
    reasons: known,
    splits: dataset.role === 'id' ? index.splits.slice() : new Uint8Array(index.count),
    labels: dataset.role === 'id' ? labels : labels.fill(-1),
    relabelled: changed,
    bytes,
    widths,
    heights,
    findings: analysis && { flags: analysis.flags, nearGroups: analysis.nearGroups },
    models: [],
    rows: [],
  };
}

const emptyModel = (n: number): OpenModel => ({
  predicted: new Int32Array(n).fill(-1),
  confidence: new Float64Array(n).fill(NaN),
  energy: new Float64Array(n).fill(NaN),
  featureL1: new Float64Array(n).fill(NaN),
  hoyer: new Float64Array(n).fill(NaN),
  scores: new Map(),
});

/** Training images are scored too, but are no part of a test. */
function testedOnly({ role, splits }: OpenSet, scored: Uint32Array): Places {
  const tested = (ordinal: number): boolean =>
    role === 'ood' || splits[ordinal] === SPLIT_CODES.val || splits[ordinal] === SPLIT_CODES.test;
  const positions = Uint32Array.from(scored.keys()).filter((i) => tested(scored[i]!));
  return { positions, ordinals: positions.map((i) => scored[i]!) };
}

function spread(
  into: Float64Array | Int32Array,
  values: ArrayLike<number>,
  positions: Uint32Array,
  ordinals: Uint32Array,
): void {
  for (let k = 0; k < positions.length; k++) into[ordinals[k]!] = values[positions[k]!]!;
}

function checkFinite(values: Float64Array, ordinals: Uint32Array, name: string): void {
  const bad = ordinals.reduce((n, ordinal) => (Number.isFinite(values[ordinal]) ? n : n + 1), 0);
  if (bad > 0)
    throw new AppError('invalid-data', `${name}: the score of ${bad.toLocaleString('en-US')} images is not finite.`); // prettier-ignore
}

/** Every image is a row: one that the scan could read and scoring could not has failed since. */
function markUnreadable(set: OpenSet): void {
  for (let row = 0; row < set.paths.length; row++) {
    const tested = set.role === 'ood' || set.splits[row] === SPLIT_CODES.val || set.splits[row] === SPLIT_CODES.test; // prettier-ignore
    if (!tested || set.statuses[row] !== STATUS_CODES.ok) continue;
    if (set.models.every(({ predicted }) => predicted[row]! >= 0)) continue;
    set.statuses[row] = STATUS_CODES.failed;
    set.reasons.set(row, UNREADABLE_SINCE);
  }
}
