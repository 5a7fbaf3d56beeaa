/** Which images make up which step. Everything follows from the seed and the step's number. */
import { inMemory, readRows, type PixelBlock } from '../decode/pixel-block.ts';
import { AppError } from '../errors.ts';
import { Random } from '../random.ts';
import { gatherBatch } from './augment.ts';
import type { TrainingConfig } from './config.ts';
import { drawMix, mixPixels, type Mix } from './mixup.ts';
import { OutlierStream } from './outlier-stream.ts';
import { softLabels } from './soft-labels.ts';

/** Images with their class index. */
export interface LabelledImages {
  readonly block: PixelBlock;
  readonly labels: Int32Array;
}

/** Streams of random numbers that never meet. Those of images are the same with and without outliers. */
const STREAM = {
  permutation: 1,
  augmentation: 2,
  dropout: 3,
  // 4 is the order of the outliers.
  outlierAugmentation: 5,
  mixup: 6,
} as const;

export interface Batch {
  /** `[count + outlierCount, size, size, 3]`, the labelled images first. */
  readonly pixels: Uint8Array;
  readonly labels: Int32Array;
  /** `[count, classes]`; null when the labels say it all. */
  readonly targets: Float32Array | null;
  /** Labelled images. */
  readonly count: number;
  readonly outlierCount: number;
  readonly dropoutSeed: readonly [number, number];
}

export class Batches {
  readonly stepsPerEpoch: number;
  readonly steps: number;
  private readonly images: LabelledImages;
  private readonly classes: number;
  private readonly config: TrainingConfig;
  private readonly batchSize: number;
  private readonly outliers: OutlierStream | null;
  private permutation: { readonly epoch: number; readonly order: Int32Array } | null = null;

  /**
   * @param classes of the model
   * @param outliers pixels of the auxiliary outliers that `config` asks for; null for none
   * @throws AppError `invalid-data` when there are fewer than two images, or no outliers
   */
  constructor(
    images: LabelledImages,
    config: TrainingConfig,
    classes: number,
    outliers: PixelBlock | null = null,
  ) {
    const { count } = images.block;
    if (count < 2)
      throw new AppError(
        'invalid-data',
        `Training needs at least 2 images, but there are ${count}.`,
      );
    this.images = images;
    this.classes = classes;
    this.config = config;
    this.batchSize = Math.min(config.batchSize, count);
    // A last batch of one image joins the one before it: batch norm has no variance over one image.
    this.stepsPerEpoch =
      count % this.batchSize === 1
        ? Math.floor(count / this.batchSize)
        : Math.ceil(count / this.batchSize);
    this.steps = this.stepsPerEpoch * config.epochs;
    this.outliers = outliers && config.outliers ? new OutlierStream(outliers, config) : null;
  }

  /** Images seen before a step, over all epochs. */
  imagesBefore(step: number): number {
    const index = step % this.stepsPerEpoch;
    return ((step - index) / this.stepsPerEpoch) * this.images.block.count + index * this.batchSize;
  }

  /** The batch of a step, 0 to `steps - 1`. */
  async at(step: number): Promise<Batch> {
    const epoch = Math.floor(step / this.stepsPerEpoch);
    const index = step % this.stepsPerEpoch;
    const order = this.orderOf(epoch);
    const last = index === this.stepsPerEpoch - 1;
    const rows = order.subarray(
      index * this.batchSize,
      last ? order.length : (index + 1) * this.batchSize,
    );
    const { seed } = this.config;
    const labels = Int32Array.from(rows, (row) => this.images.labels[row]!);
    const own = await this.gather(this.images.block, rows, STREAM.augmentation, step);
    const mix = this.mixOf(rows.length, step);
    const images = mix ? await mixPixels(own, mix) : own;
    const outlierRows = this.outliers?.rowsOf(this.imagesBefore(step), rows.length);
    const outliers = outlierRows
      ? await this.gather(this.outliers!.block, outlierRows, STREAM.outlierAugmentation, step)
      : null;
    return {
      pixels: outliers ? concatenated(images, outliers) : images,
      labels,
      targets: this.targetsOf(labels, mix),
      count: rows.length,
      outlierCount: outlierRows?.length ?? 0,
      dropoutSeed: [new Random(seed, STREAM.dropout).uint32() | 0, step],
    };
  }

  private mixOf(count: number, step: number): Mix | null {
    const { seed, mixup = 0 } = this.config;
    return mixup > 0 ? drawMix(count, mixup, new Random(seed, STREAM.mixup, step)) : null;
  }

  private targetsOf(labels: Int32Array, mix: Mix | null): Float32Array | null {
    const { labelSmoothing = 0 } = this.config;
    if (labelSmoothing === 0 && mix === null) return null;
    return softLabels(labels, this.classes, labelSmoothing, mix);
  }

  /** Rows of a block, augmented. */
  private async gather(
    block: PixelBlock,
    rows: Int32Array,
    stream: number,
    step: number,
  ): Promise<Uint8Array> {
    const { seed, augmentation } = this.config;
    const random = new Random(seed, stream, step);
    if (inMemory(block)) return gatherBatch(block, rows, augmentation, random);
    const read = { count: rows.length, size: block.size, data: await readRows(block, rows) };
    return gatherBatch(
      read,
      rows.map((_, i) => i),
      augmentation,
      random,
    );
  }

  private orderOf(epoch: number): Int32Array {
    if (this.permutation?.epoch !== epoch) {
      const order = Int32Array.from({ length: this.images.block.count }, (_, i) => i);
      new Random(this.config.seed, STREAM.permutation, epoch).shuffle(order);
      this.permutation = { epoch, order };
    }
    return this.permutation.order;
  }
}

const concatenated = (a: Uint8Array, b: Uint8Array): Uint8Array => {
  const both = new Uint8Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
};
