/** What is known of images without a model: columns, marks of analysis and curation, what a cell shows. Cached. */
import type { ImageRef } from '../contract/common.ts';
import type { ImageCell } from '../contract/scores.ts';
import { AppError } from '../core/errors.ts';
import { curatedImages, replay, type CurationState } from '../core/curate/replay.ts';
import { flagsIn } from '../core/datasets/analyse/flags.ts';
import type { ImageIndex } from '../core/query/image-index.ts';
import type { ImageMarks } from '../core/query/query-images.ts';
import type { DatasetRow } from '../core/store/datasets.ts';
import type { Workspace } from '../core/store/workspace.ts';

/** A cell without what a model says. */
export type DataCell = Omit<ImageCell, 'predicted' | 'confidence' | 'score'>;

/** One dataset in memory. */
interface Loaded {
  /** Tells whether the images are still those that were loaded. */
  readonly key: string;
  readonly count: number;
  readonly index: Promise<ImageIndex>;
}

interface Decided {
  readonly index: ImageIndex;
  readonly version: number;
  readonly state: CurationState;
  readonly curated: Uint8Array;
}

interface Flagged {
  readonly index: ImageIndex;
  /** Null before the first analysis. */
  readonly analysedAt: string | null;
  readonly flags: Uint8Array;
}

/** Images whose columns are kept in memory, about 150 bytes each; those of the dataset asked for last always are. */
const KEPT_IMAGES = 4_000_000;

export class ImageData {
  private readonly workspace: () => Workspace;
  private readonly loaded = new Map<string, Loaded>();
  private readonly decided = new Map<string, Decided>();
  private readonly flagged = new Map<string, Flagged>();

  constructor(workspace: () => Workspace) {
    this.workspace = workspace;
  }

  /** Columns of a dataset, read once. @throws AppError `not-found` */
  index(datasetId: string): Promise<ImageIndex> {
    const { id, scannedAt, fingerprint, summary } = this.workspace().getDataset(datasetId);
    const key = `${scannedAt} ${fingerprint}`;
    const known = this.loaded.get(id);
    if (known?.key === key) return known.index;
    const index = this.workspace().loadImageIndex(id);
    // What could not be read is tried again at the next call.
    index.catch(() => this.loaded.delete(id));
    this.loaded.delete(id);
    this.loaded.set(id, { key, count: summary.images, index });
    this.makeRoom();
    return index;
  }

  /** What people decided about the images of a dataset and is in force. */
  async curation(datasetId: string): Promise<CurationState> {
    return (await this.decide(datasetId)).state;
  }

  /** Flags and decisions, as `queryImages` takes them. */
  async marks(datasetId: string): Promise<ImageMarks> {
    const { id } = this.workspace().getDataset(datasetId);
    const { index, state, curated } = await this.decide(id);
    return {
      flags: this.flags(id, index),
      excluded: state.excluded,
      curated,
      tags: state.tags,
      relabelled: state.relabelled,
    };
  }

  /** Read once per analysis: lists ask for it at every change of a filter. */
  private flags(id: string, index: ImageIndex): Uint8Array {
    const analysedAt = this.workspace().analysedAt(id);
    const known = this.flagged.get(id);
    if (known?.index === index && known.analysedAt === analysedAt) return known.flags;
    const analysis = analysedAt === null ? null : this.workspace().loadAnalysis(id, index.count);
    const flags = analysis?.flags ?? new Uint8Array(index.count);
    this.flagged.set(id, { index, analysedAt, flags });
    return flags;
  }

  /** What cells show, in the order asked for. */
  async cells(refs: readonly ImageRef[]): Promise<readonly DataCell[]> {
    const sets = new Map<string, { dataset: DatasetRow; index: ImageIndex; marks: ImageMarks; state: CurationState }>(); // prettier-ignore
    for (const datasetId of new Set(refs.map((ref) => ref.datasetId))) {
      const dataset = this.workspace().getDataset(datasetId);
      const { index, state } = await this.decide(dataset.id);
      sets.set(datasetId, { dataset, index, marks: await this.marks(dataset.id), state });
    }
    return refs.map((ref) => {
      const { dataset, index, marks, state } = sets.get(ref.datasetId)!;
      const { ordinal } = ref;
      checkOrdinal(dataset, index, ordinal);
      const classIndex = index.classIndices[ordinal]!;
      return {
        ref,
        path: index.path(ordinal),
        role: dataset.role,
        className: classIndex < 0 ? null : (dataset.summary.classes[classIndex] ?? null),
        relabelled: dataset.summary.classes[marks.relabelled[ordinal]!] ?? null,
        split: index.split(ordinal),
        flags: flagsIn(marks.flags[ordinal]!),
        tags: [...state.tags].flatMap(([tag, tagged]) => (tagged.has(ordinal) ? [tag] : [])),
        excluded: state.excluded[ordinal] === 1,
        note: state.notes.get(ordinal) ?? '',
      };
    });
  }

  /** Forgets the datasets that were asked for longest ago. */
  private makeRoom(): void {
    let images = [...this.loaded.values()].reduce((sum, { count }) => sum + count, 0);
    for (const [oldest, { count }] of this.loaded) {
      if (images <= KEPT_IMAGES || this.loaded.size === 1) return;
      images -= count;
      this.loaded.delete(oldest);
      this.decided.delete(oldest);
      this.flagged.delete(oldest);
    }
  }

  private async decide(datasetId: string): Promise<Decided> {
    const { id, summary } = this.workspace().getDataset(datasetId);
    const index = await this.index(id);
    const log = this.workspace().curation;
    const known = this.decided.get(id);
    if (known?.index === index && known.version === log.version) return known;
    let places: Map<string, number> | null = null;
    const state = replay(log.current().active, {
      datasetId: id,
      count: index.count,
      classes: summary.classes,
      sha256Of: (ordinal) => index.sha256(ordinal),
      ordinalOf: (path, hint) => {
        if (hint < index.count && index.path(hint) === path) return hint;
        places ??= new Map(Array.from({ length: index.count }, (_, i) => [index.path(i), i]));
        return places.get(path) ?? -1;
      },
    });
    const decided = { index, version: log.version, state, curated: curatedImages(state) };
    this.decided.set(id, decided);
    return decided;
  }
}

/** @throws AppError `not-found` */
export function checkOrdinal({ name }: DatasetRow, { count }: ImageIndex, ordinal: number): void {
  if (ordinal < count) return;
  throw new AppError(
    'not-found',
    `${name} has no image ${ordinal}; it was scanned again since. Reload the list.`,
  );
}
