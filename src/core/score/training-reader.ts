/** Training data as detectors read it: checked, and without images of classes that the model does not have. */
import { AppError, throwIfAborted } from '../errors.ts';
import { checkShape, notFinite, requireFeatures } from './inputs.ts';
import type { Features, Logits, ScoreContext, TrainingBlock, TrainingData } from './types.ts';

type Need = 'logits' | 'features' | 'stages';
/** A block with the parts that were asked for. */
export type CheckedBlock<N extends Need> = {
  readonly [K in N]: K extends 'logits' ? Logits : Features;
} & {
  readonly count: number;
  /** Each is a class of the model. */
  readonly labels: Int32Array;
};

/** One per fit; it may read the images several times. */
export class TrainingReader {
  readonly training: TrainingData;
  private readonly detectorId: string;
  private readonly context: ScoreContext | undefined;
  private leftOut = 0;

  constructor(training: TrainingData, detectorId: string, context: ScoreContext | undefined) {
    this.training = training;
    this.detectorId = detectorId;
    this.context = context;
  }

  /** Sentences about the images that the last reading left out, for `Fitted`. */
  get notes(): readonly string[] {
    if (this.leftOut === 0) return [];
    return [
      `Left out because the model does not have their class: ${this.leftOut.toLocaleString('en-US')} of the training images.`,
    ];
  }

  /**
   * Reads the training images from the first to the last.
   * @throws AppError `invalid-data` naming a row that has NaN, or when there is no image to learn from; `internal`
   * when a part is missing; `cancelled`
   */
  async *blocks<N extends Need>(needs: readonly N[]): AsyncGenerator<CheckedBlock<N>> {
    let first = 0;
    let used = 0;
    this.leftOut = 0;
    for await (const block of this.training.blocks()) {
      throwIfAborted(this.context?.signal);
      const rows = block.labels.length;
      const kept = Int32Array.from(block.labels.keys()).filter((row) => block.labels[row]! >= 0);
      const parts = Object.fromEntries(
        needs.map((need) => {
          const part = this.checked(block, need, first);
          return [need, kept.length === rows ? part : selected(part, kept)];
        }),
      );
      first += rows;
      used += kept.length;
      this.leftOut += rows - kept.length;
      if (kept.length > 0)
        yield {
          ...parts,
          count: kept.length,
          labels: Int32Array.from(kept, (row) => block.labels[row]!),
        } as CheckedBlock<N>;
    }
    if (used > 0) return;
    throw new AppError(
      'invalid-data',
      `Score ${this.detectorId}: the ID training split has no image of a class that the model knows, so nothing can be learned from it. Choose the dataset that the model was trained on, or give it a training split.`,
    );
  }

  private checked(block: TrainingBlock, need: Need, first: number): Logits | Features {
    if (need !== 'logits') return requireFeatures(block, this.detectorId, need, first);
    const { logits } = block;
    if (!logits)
      throw new AppError(
        'internal',
        `Score ${this.detectorId}: needs logits, but none were passed.`,
      );
    checkShape(logits.data, logits.count, logits.classes, 'Logits');
    // Like features, -Infinity aside (a class ruled out), so that the row is counted over all blocks.
    const bad = logits.data.findIndex((value) => Number.isNaN(value) || value === Infinity);
    if (bad >= 0) throw notFinite('Logits', 'a value', first + Math.floor(bad / logits.classes));
    return logits;
  }
}

function selected(part: Logits | Features, rows: Int32Array): Logits | Features {
  const width = 'units' in part ? part.units : part.classes;
  const data = new Float32Array(rows.length * width);
  rows.forEach((row, i) => {
    data.set(part.data.subarray(row * width, (row + 1) * width), i * width);
  });
  return { ...part, data, count: rows.length };
}
