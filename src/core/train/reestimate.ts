/** Batch-norm statistics of a network estimated again, its weights untouched: a control for what fine-tuning does. */
import { readRows, type PixelBlock } from '../decode/pixel-block.ts';
import { AppError, throwIfAborted } from '../errors.ts';
import { PhaseReporter, type ProgressListener } from '../progress.ts';
import { Random } from '../random.ts';
import type { HostTensor } from '../tf/host-tensor.ts';
import type { Session } from '../tf/session.ts';

export interface ReestimateOptions {
  readonly batchSize: number;
  /** Decides which images share a batch. */
  readonly seed: number;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ProgressListener | undefined;
}

/**
 * The running statistics as the plain average over all batches of what each batch-norm layer sees in them (PyTorch's
 * `momentum=None`; Wu & Johnson 2021, "PreciseBN"), one pass over the images in random order without augmentation or
 * dropout. Images that do not fill the last batch are left out, so that every batch counts the same.
 * @returns the session's weights with new running statistics; all others are the same arrays, bit for bit
 * @throws AppError `invalid-data` when there are fewer than two images; `invalid-model` when the network has no batch
 * norm or a statistic is not finite; `cancelled`
 */
export async function reestimateStatistics(
  session: Session,
  images: PixelBlock,
  { batchSize, seed, signal, onProgress }: ReestimateOptions,
): Promise<Map<string, HostTensor>> {
  const size = Math.min(batchSize, images.count);
  if (size < 2)
    throw new AppError(
      'invalid-data',
      `Batch-norm statistics need at least 2 images in a batch; there are ${images.count} training images and batches of ${batchSize}.`,
    );
  const batches = Math.floor(images.count / size);
  const order = new Random(seed).shuffle(Int32Array.from({ length: images.count }, (_, i) => i));
  const reporter = new PhaseReporter({ phase: 'Batch-norm statistics', total: batches * size, unit: 'images', from: 0, to: 1, listener: onProgress }); // prettier-ignore
  const sums = new Map<string, Float64Array>();
  for (let batch = 0; batch < batches; batch++) {
    throwIfAborted(signal);
    const rows = order.subarray(batch * size, (batch + 1) * size);
    const pixels = await readRows(images, rows);
    for (const [name, values] of await session.batchStatistics(pixels, size)) {
      const sum = sums.get(name) ?? new Float64Array(values.length);
      for (const [i, value] of values.entries()) sum[i]! += value;
      sums.set(name, sum);
    }
    reporter.report((batch + 1) * size);
  }
  if (sums.size === 0)
    throw new AppError(
      'invalid-model',
      'This network has no batch norm, so there are no statistics to estimate again.',
    );
  const weights = session.readWeights();
  for (const [name, sum] of sums) {
    const data = Float32Array.from(sum, (value) => value / batches);
    if (!data.every(Number.isFinite))
      throw new AppError(
        'invalid-model',
        `The statistics of ${name} are not finite. The model's weights are damaged or its training diverged; use its last good checkpoint.`,
      );
    weights.set(name, { shape: weights.get(name)!.shape, data });
  }
  return weights;
}
