/** In which order auxiliary outliers go through training. Everything follows from the seed and the images before a step. */
import type { PixelBlock } from '../decode/pixel-block.ts';
import { AppError } from '../errors.ts';
import { Random } from '../random.ts';
import type { TrainingConfig } from './config.ts';

/** The stream of random numbers that shuffles outliers; see `STREAM` of batches. */
const ORDER_STREAM = 4;

/** Outliers that go with so many images of a batch; at least one. */
export const outliersPer = (ratio: number, images: number): number =>
  Math.max(1, Math.round(ratio * images));

/**
 * The outliers as one endless row: a permutation of all of them, then another one. It runs on from step to step and
 * from epoch to epoch, apart from the images' epochs, so that small and large outlier sets are both used evenly.
 */
export class OutlierStream {
  readonly block: PixelBlock;
  private readonly seed: number;
  private readonly ratio: number;
  private permutation: { readonly pass: number; readonly order: Int32Array } | null = null;

  /** @throws AppError `invalid-data` when there is no outlier */
  constructor(block: PixelBlock, { seed, outliers }: TrainingConfig) {
    if (block.count === 0)
      throw new AppError('invalid-data', 'There are no outliers to train with.');
    this.block = block;
    this.seed = seed;
    this.ratio = outliers!.ratio;
  }

  /**
   * @param imagesBefore labelled images of all earlier steps
   * @param images labelled images of this step
   * @returns rows of `block`
   */
  rowsOf(imagesBefore: number, images: number): Int32Array {
    const { count } = this.block;
    const from = Math.round(this.ratio * imagesBefore);
    return Int32Array.from({ length: outliersPer(this.ratio, images) }, (_, i) => {
      const place = from + i;
      return this.orderOf(Math.floor(place / count))[place % count]!;
    });
  }

  private orderOf(pass: number): Int32Array {
    if (this.permutation?.pass !== pass) {
      const order = Int32Array.from({ length: this.block.count }, (_, i) => i);
      new Random(this.seed, ORDER_STREAM, pass).shuffle(order);
      this.permutation = { pass, order };
    }
    return this.permutation.order;
  }
}
