/** Which images make up which step. Everything follows from the seed and the step's number. */
import { inMemory, readRows, type PixelBlock } from '../decode/pixel-block.ts';
import { AppError } from '../errors.ts';
import { Random } from '../random.ts';
import { gatherBatch } from './augment.ts';
import type { TrainingConfig } from './config.ts';

/** Images with their class index. */
export interface LabelledImages {
  readonly block: PixelBlock;
  readonly labels: Int32Array;
}

/** Streams of random numbers that never meet. */
const STREAM = { permutation: 1, augmentation: 2, dropout: 3 } as const;

export interface Batch {
  readonly pixels: Uint8Array;
  readonly labels: Int32Array;
  readonly count: number;
  readonly dropoutSeed: readonly [number, number];
}

export class Batches {
  readonly stepsPerEpoch: number;
  readonly steps: number;
  private readonly images: LabelledImages;
  private readonly config: TrainingConfig;
  private readonly batchSize: number;
  private permutation: { readonly epoch: number; readonly order: Int32Array } | null = null;

  /** @throws AppError `invalid-data` when there are fewer than two images */
  constructor(images: LabelledImages, config: TrainingConfig) {
    const { count } = images.block;
    if (count < 2)
      throw new AppError(
        'invalid-data',
        `Training needs at least 2 images, but there are ${count}.`,
      );
    this.images = images;
    this.config = config;
    this.batchSize = Math.min(config.batchSize, count);
    // A last batch of one image joins the one before it: batch norm has no variance over one image.
    this.stepsPerEpoch =
      count % this.batchSize === 1
        ? Math.floor(count / this.batchSize)
        : Math.ceil(count / this.batchSize);
    this.steps = this.stepsPerEpoch * config.epochs;
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
    const { seed, augmentation } = this.config;
    const random = new Random(seed, STREAM.augmentation, step);
    const { block } = this.images;
    const pixels = inMemory(block)
      ? await gatherBatch(block, rows, augmentation, random)
      : await gatherBatch(
          { count: rows.length, size: block.size, data: await readRows(block, rows) },
          rows.map((_, i) => i),
          augmentation,
          random,
        );
    return {
      pixels,
      labels: Int32Array.from(rows, (row) => this.images.labels[row]!),
      count: rows.length,
      dropoutSeed: [new Random(seed, STREAM.dropout).uint32() | 0, step],
    };
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
