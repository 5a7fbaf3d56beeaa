/** Stored scores with what is known of their images, ready to be listed, measured and compared. */
import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import { AppError } from '../errors.ts';
import type { ImageIndex } from '../query/image-index.ts';
import type { ImageMarks } from '../query/query-images.ts';
import { argsort } from '../query/argsort.ts';
import { PhaseReporter, type ProgressListener } from '../progress.ts';
import { detectorById, PRIMARY_DETECTOR } from '../score/registry.ts';
import type { Detector, Hyperparameters } from '../score/types.ts';
import { matrixSource } from '../store/score-matrices.ts';
import type { StoredScores } from '../store/scores.ts';
import type { Workspace } from '../store/workspace.ts';
import { refuseBarred } from './barred-sets.ts';
import { runTask } from './compute/run-task.ts';
import { type AlgebraSource, DetectorFits, type FittedOn } from './detector-fits.ts';
import { Recent } from './recent.ts';
import type { ScoredRows, ScoredSource } from './scope-columns.ts';
import { SharedWork } from './shared-work.ts';
import { missingInput } from './stored-inputs.ts';

/** What is known of images without a model. */
export interface ImageKnowledge {
  /** @param datasetId full id */
  index(datasetId: string): Promise<ImageIndex>;
  /** What analysis and people said about a dataset's images. */
  marks(datasetId: string): Promise<ImageMarks>;
}

interface LoadedScores {
  readonly stored: StoredScores;
  readonly columns: Omit<ScoredRows, 'scores'>;
  /** Position in the order of scoring of each row. */
  readonly order: Uint32Array;
  /** Tells these scores from those of another dataset, model or time. */
  readonly key: string;
}

/** Which detector of which model; what it has to learn, it learns on the ID set's training images. */
export interface DetectorChoice {
  readonly modelId: string;
  readonly detector: string;
  readonly idDatasetId: string;
  /** Those not given take their defaults. */
  readonly hyperparameters?: Hyperparameters;
}

/** How a caller waits for scores that take long. */
export interface ScoringHooks {
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ProgressListener | undefined;
}

/** Scores in the order of the rows, and what was said when the detector was fitted. */
export interface DetectorColumn {
  readonly scores: Float64Array;
  readonly notes: readonly string[];
}

/** Columns kept in memory: a million images take about 60 MB. */
const KEPT_SCORES = 24;
/** Scores kept in memory, of all detectors and sets together: 200 MB. */
const KEPT_NUMBERS = 25_000_000;

/** Reads each thing once while it is in use. */
export class ScoreSources {
  private readonly workspace: () => Workspace;
  private readonly images: ImageKnowledge;
  private readonly algebra: AlgebraSource;
  private readonly fits: DetectorFits;
  private readonly scores = new Recent<Promise<LoadedScores>>(KEPT_SCORES);
  private readonly columns = new SharedWork<Float64Array>(KEPT_NUMBERS, ({ length }) => length);

  /** @param algebra for detectors that multiply large matrices */
  constructor(workspace: () => Workspace, images: ImageKnowledge, algebra = PLAIN) {
    this.workspace = workspace;
    this.images = images;
    this.algebra = algebra;
    this.fits = new DetectorFits(workspace);
  }

  /**
   * A dataset under a model and a detector. What the detector has to learn is learned first, unless it was before.
   * @throws AppError `not-found` when it is not scored, or has changed since; `usage` for an unknown detector;
   * `invalid-data` when what the detector needs was not kept, or it cannot be fitted on the ID set; `cancelled`
   */
  async scored(
    choice: DetectorChoice,
    datasetId: string,
    hooks: ScoringHooks = {},
  ): Promise<ScoredSource> {
    const { scores } = await this.column(choice, datasetId, hooks);
    const { columns } = await this.loaded(choice.modelId, datasetId);
    return { ...(await this.known(datasetId)), scored: { ...columns, scores } };
  }

  /** The scores alone. @throws as `scored` */
  async column(
    choice: DetectorChoice,
    datasetId: string,
    hooks: ScoringHooks = {},
  ): Promise<DetectorColumn> {
    const detector = detectorById(choice.detector);
    const loaded = await this.loaded(choice.modelId, datasetId);
    const { stored, order, key } = loaded;
    // Energies are stored: with T = 1 they are this score with its sign turned.
    if (detector.id === PRIMARY_DETECTOR.id && choice.hyperparameters === undefined) {
      const make = () => Promise.resolve(permuted(stored.energies.map((energy) => 0 - energy), order)); // prettier-ignore
      return { scores: await this.columns.get(`${key} energy`, {}, make), notes: [] };
    }
    const missing = missingInput(detector, stored);
    if (missing !== null)
      throw new AppError('invalid-data', `${this.workspace().getDataset(datasetId).name}: ${missing}`); // prettier-ignore
    try {
      return await this.computed(detector, choice, loaded, hooks);
    } catch (error) {
      // A kept fit was damaged or removed since it was made: once more, with a new one.
      if (!(error instanceof AppError) || error.details.fit === undefined) throw error;
      return this.computed(detector, choice, loaded, hooks);
    }
  }

  /**
   * Whether the scores are at hand, or take no longer than reading what is stored: nothing has to be fitted or
   * multiplied first.
   */
  async isReady(choice: DetectorChoice, datasetId: string): Promise<boolean> {
    const detector = detectorById(choice.detector);
    const { modelId, idDatasetId } = choice;
    const { stored, key } = await this.loaded(modelId, datasetId);
    if (missingInput(detector, stored) !== null) return false;
    if (!detector.fit && !detector.heavy) return true;
    const fit = detector.fit ? this.fits.identify(detector, modelId, await this.fittedOn(modelId, idDatasetId), {}) : null; // prettier-ignore
    if (this.columns.has(columnKey(key, detector, fit))) return true;
    return existsSync(this.columnFile(detector, modelId, stored, fit));
  }

  /** Where scores are kept that take long to compute; a new scoring has a new name. */
  private columnFile(
    detector: Detector,
    modelId: string,
    { folder }: StoredScores,
    fit: { readonly key: string } | null,
  ): string {
    return join(this.fits.folder(modelId, detector.id), fit?.key ?? 'scores', `${basename(folder)}.scores`); // prettier-ignore
  }

  private async computed(
    detector: Detector,
    { modelId, idDatasetId, hyperparameters = {} }: DetectorChoice,
    { stored, order, key }: LoadedScores,
    { signal, onProgress }: ScoringHooks,
  ): Promise<DetectorColumn> {
    const algebra = detector.heavy ? this.algebra : PLAIN;
    const fit = detector.fit
      ? await this.fits.ensure(
          detector,
          modelId,
          await this.fittedOn(modelId, idDatasetId),
          hyperparameters,
          { signal, onProgress: told(onProgress, `Fit ${detector.label}`, 0, FITTING) },
          algebra,
        )
      : null;
    const progress = told(onProgress, `Score with ${detector.label}`, FITTING, 1);
    const scores = await this.columns
      .get(
        columnKey(key, detector, fit, hyperparameters),
        { signal, onProgress: progress },
        async (stop, report) => {
          const request = {
            source: matrixSource(stored),
            lastLayer: detector.needs.includes('lastLayer') ? (await this.fits.modelParts(modelId)).lastLayer : null, // prettier-ignore
            detectorId: detector.id,
            hyperparameters,
            fit: fit && { folder: fit.folder, owner: fit.owner },
            column: fit || detector.heavy ? this.columnFile(detector, modelId, stored, fit) : null,
          };
          const options = { signal: stop, onProgress: report, algebra: await algebra() };
          return permuted(await runTask('scores', request, options), order);
        },
      )
      .catch(async (error: unknown) => {
        if (fit && error instanceof AppError && error.details.fit !== undefined)
          this.fits.forget(modelId, fit.key);
        throw await this.named(error, stored);
      });
    return { scores, notes: fit?.notes ?? [] };
  }

  /** Says which image it was, where only its row was known. */
  private async named(error: unknown, stored: StoredScores): Promise<unknown> {
    const row = error instanceof AppError ? error.details.row : undefined;
    if (typeof row !== 'number') return error;
    const { name } = this.workspace().getDataset(stored.datasetId);
    const path = (await this.images.index(stored.datasetId)).path(stored.rows[row]!);
    const { code, message, details } = error as AppError;
    return new AppError(code, `${name}, ${path}: ${message}`, { details, cause: error });
  }

  private async fittedOn(modelId: string, idDatasetId: string): Promise<FittedOn> {
    const { stored, columns } = await this.loaded(modelId, idDatasetId);
    return { ...(await this.known(idDatasetId)), scored: columns, stored };
  }

  /** What is known of a dataset without a model. */
  private async known(datasetId: string): Promise<Omit<ScoredSource, 'scored'>> {
    const { id, name, role, nearFar, summary } = this.workspace().getDataset(datasetId);
    return {
      datasetId: id,
      name,
      role,
      nearFar,
      classes: summary.classes,
      index: await this.images.index(id),
      marks: await this.images.marks(id),
    };
  }

  /** @throws AppError `usage` when the model was trained on one of the sets as outliers */
  refuseBarred(modelId: string, oodDatasetIds: readonly string[]): void {
    refuseBarred(this.workspace(), [modelId], oodDatasetIds);
  }

  /** What is stored, e.g. to read logits and features of an image. @throws as `scored` */
  async stored(modelId: string, datasetId: string): Promise<StoredScores> {
    return (await this.loaded(modelId, datasetId)).stored;
  }

  /** Class names in the order of a model's logits. */
  modelClasses(modelId: string): readonly string[] {
    const { json } = this.workspace().getModel(modelId);
    return (json as { readonly classes: readonly string[] }).classes;
  }

  private async loaded(modelId: string, datasetId: string): Promise<LoadedScores> {
    const row = this.workspace()
      .listScores()
      .find((scores) => scores.modelId === modelId && scores.datasetId === datasetId);
    const { name } = this.workspace().getDataset(datasetId);
    if (!row) throw notScored(name, this.workspace().getModel(modelId).name);
    const key = `${modelId} ${datasetId} ${row.savedAt}`;
    return this.scores.get(key, async () => {
      const stored = await this.workspace().loadScores({ modelId, datasetId });
      if (!stored) throw notScored(name, this.workspace().getModel(modelId).name);
      const order = argsort(Float64Array.from(stored.rows));
      return {
        stored,
        order,
        key,
        columns: {
          rows: order.map((i) => stored.rows[i]!),
          predicted: Int32Array.from(order, (i) => stored.predicted[i]!),
          confidence: permuted(stored.confidence, order),
          l1: permuted(stored.l1, order),
          hoyer: permuted(stored.hoyer, order),
          matrixRows: order,
          modelClasses: this.modelClasses(modelId),
        },
      };
    });
  }
}

const notScored = (dataset: string, model: string): AppError =>
  new AppError(
    'not-found',
    `${dataset} is not scored under ${model}, or its images have changed since. Compute its scores first.`,
  );

const columnKey = (
  scores: string,
  { id }: Detector,
  fit: { readonly key: string } | null,
  hyperparameters: Hyperparameters = {},
): string => `${scores} ${id} ${fit?.key ?? ''} ${JSON.stringify(hyperparameters)}`;

const PLAIN: AlgebraSource = () => Promise.resolve(undefined);

/** Share of the waiting that goes to fitting. */
const FITTING = 0.5;

/** Counts of a task as progress; a task that begins again with more to do goes on from where it is. */
function told(
  listener: ProgressListener | undefined,
  phase: string,
  from: number,
  to: number,
): ((done: number, total: number) => void) | undefined {
  if (!listener) return undefined;
  let pass = { reporter: null as PhaseReporter | null, total: 0, from };
  return (done, total) => {
    if (total !== pass.total) {
      const begin = pass.reporter ? (pass.from + to) / 2 : from;
      const reporter = new PhaseReporter({ phase, total, unit: 'images', from: begin, to: (begin + to) / 2, listener }); // prettier-ignore
      pass = { reporter, total, from: begin };
    }
    pass.reporter?.report(done);
  };
}

function permuted(column: Float64Array, order: Uint32Array): Float64Array {
  const result = new Float64Array(order.length);
  for (let i = 0; i < order.length; i++) result[i] = column[order[i]!]!;
  return result;
}
