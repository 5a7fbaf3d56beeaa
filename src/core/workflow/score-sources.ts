/** Stored scores with what is known of their images, ready to be listed, measured and compared. */
import { AppError } from '../errors.ts';
import type { ImageIndex } from '../query/image-index.ts';
import type { ImageMarks } from '../query/query-images.ts';
import { argsort } from '../query/argsort.ts';
import { detectorById } from '../score/registry.ts';
import type { StoredScores } from '../store/scores.ts';
import type { Workspace } from '../store/workspace.ts';
import { Recent } from './recent.ts';
import { runTask } from './compute/run-task.ts';
import type { ScoredRows, ScoredSource } from './scope-columns.ts';

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
  readonly byDetector: Map<string, Promise<Float64Array>>;
}

/** Columns kept in memory: a million images take about 60 MB. */
const KEPT_SCORES = 24;

/** Reads each thing once while it is in use. */
export class ScoreSources {
  private readonly workspace: () => Workspace;
  private readonly images: ImageKnowledge;
  private readonly scores = new Recent<Promise<LoadedScores>>(KEPT_SCORES);

  constructor(workspace: () => Workspace, images: ImageKnowledge) {
    this.workspace = workspace;
    this.images = images;
  }

  /**
   * A dataset under a model and a detector.
   * @throws AppError `not-found` when it is not scored, or has changed since; `usage` for an unknown detector
   */
  async scored(modelId: string, datasetId: string, detectorId: string): Promise<ScoredSource> {
    const { id, name, role, nearFar, summary } = this.workspace().getDataset(datasetId);
    const { stored, columns, order, byDetector } = await this.loaded(modelId, datasetId);
    let scores = byDetector.get(detectorId);
    if (!scores) {
      scores = scoresOf(stored, detectorId).then((column) => permuted(column, order));
      byDetector.set(detectorId, scores);
      scores.catch(() => byDetector.delete(detectorId));
    }
    return {
      datasetId: id,
      name,
      role,
      nearFar,
      classes: summary.classes,
      index: await this.images.index(id),
      marks: await this.images.marks(id),
      scored: { ...columns, scores: await scores },
    };
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
    return this.scores.get(`${modelId} ${datasetId} ${row.savedAt}`, async () => {
      const stored = await this.workspace().loadScores({ modelId, datasetId });
      if (!stored) throw notScored(name, this.workspace().getModel(modelId).name);
      const order = argsort(Float64Array.from(stored.rows));
      return {
        stored,
        order,
        byDetector: new Map(),
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

async function scoresOf(stored: StoredScores, detectorId: string): Promise<Float64Array> {
  const detector = detectorById(detectorId);
  if (detector.id === 'energy') return stored.energies.map((energy) => 0 - energy);
  if (detector.needs.includes('features') && stored.units === 0)
    throw new AppError(
      'invalid-data',
      `${detector.label} needs penultimate features, which were not kept when these images were scored. Free some space and score them again.`,
    );
  const { folder, count, classes, units } = stored;
  return runTask('scores', { source: { folder, count, classes, units }, detectorId });
}

function permuted(column: Float64Array, order: Uint32Array): Float64Array {
  const result = new Float64Array(order.length);
  for (let i = 0; i < order.length; i++) result[i] = column[order[i]!]!;
  return result;
}
