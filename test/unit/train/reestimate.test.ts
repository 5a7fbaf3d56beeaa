import { describe, expect, it } from 'vitest';
import { BATCH_NORM_MOMENTUM } from '../../../src/core/model/layers.ts';
import { Random } from '../../../src/core/random.ts';
import type { Runtime } from '../../../src/core/tf/runtime.ts';
import { reestimateStatistics } from '../../../src/core/train/reestimate.ts';
import { relativeError } from '../../support/plain-tfjs.ts';
import { nativeRuntime, wasmRuntime } from '../../support/runtimes.ts';
import { bitsOf, randomPixels, tinyBatch, tinySpec } from '../../support/sessions.ts';

const SIZE = 16;
const BYTES = SIZE * SIZE * 3;
const native = nativeRuntime();
const RUNTIMES = [
  {
    tier: `cpu${'missing' in native ? ` (skipped: ${native.missing})` : ''}`,
    missing: 'missing' in native,
    runtime: (): Promise<Runtime> => {
      if ('missing' in native) throw new Error(native.missing);
      return Promise.resolve(native.runtime);
    },
  },
  { tier: 'wasm', missing: false, runtime: (): Promise<Runtime> => wasmRuntime() },
];

const FIRST = 'block1.layer.0.bn1';
const isStatistic = (name: string): boolean => /running_(?:mean|var)$/u.test(name);

/** Output of the first convolution, 3 x 3 with zeros around the normalised image: `[size * size]` per filter. */
function firstConvolution(
  image: Uint8Array,
  weight: Float32Array,
  filters: number,
): Float64Array[] {
  const { mean, std } = tinySpec().normalisation;
  const at = (y: number, x: number, c: number): number =>
    y < 0 || x < 0 || y >= SIZE || x >= SIZE
      ? 0
      : (image[(y * SIZE + x) * 3 + c]! / 255 - mean[c]!) / std[c]!;
  return Array.from({ length: filters }, (_, f) =>
    Float64Array.from({ length: SIZE * SIZE }, (_pixel, i) => {
      const [y, x] = [Math.floor(i / SIZE), i % SIZE];
      let sum = 0;
      for (let dy = 0; dy < 3; dy++)
        for (let dx = 0; dx < 3; dx++)
          for (let c = 0; c < 3; c++)
            sum += at(y + dy - 1, x + dx - 1, c) * weight[((dy * 3 + dx) * 3 + c) * filters + f]!;
      return sum;
    }),
  );
}

describe.each(RUNTIMES)(
  'batch-norm statistics estimated again on $tier',
  ({ missing, runtime }) => {
    const it_ = it.skipIf(missing);

    it_('the first layer has the mean over batches of mean and variance of its input', async () => {
      const spec = tinySpec();
      const session = (await runtime()).createSession(spec);
      const count = 10;
      const data = randomPixels(count, SIZE, 4);
      const estimated = await reestimateStatistics(
        session,
        { data, count, size: SIZE },
        { batchSize: 4, seed: 3 },
      );
      session.dispose();
      const weight = spec.weights.get('conv1.weight')!;
      const filters = weight.shape[3]!;
      // Two full batches of four in the seed's order; two images are left over.
      const order = new Random(3).shuffle(Int32Array.from({ length: count }, (_, i) => i));
      const expected = { mean: new Float64Array(filters), variance: new Float64Array(filters) };
      for (const batch of [order.slice(0, 4), order.slice(4, 8)]) {
        const images = [...batch].map((row) =>
          firstConvolution(data.subarray(row * BYTES, (row + 1) * BYTES), weight.data, filters),
        );
        for (let f = 0; f < filters; f++) {
          const values = images.flatMap((image) => [...image[f]!]);
          const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
          const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
          expected.mean[f]! += mean / 2;
          expected.variance[f]! += squares / (values.length - 1) / 2;
        }
      }
      const found = (name: string) => estimated.get(`${FIRST}.${name}`)!.data;
      expect(relativeError(found('running_mean'), Float32Array.from(expected.mean))).toBeLessThan(1e-4); // prettier-ignore
      expect(relativeError(found('running_var'), Float32Array.from(expected.variance))).toBeLessThan(1e-4); // prettier-ignore
    });

    it_('every layer sees what it sees in a training step on the same batch', async () => {
      const session = (await runtime()).createSession(tinySpec());
      const batch = tinyBatch(0);
      const statistics = await session.batchStatistics(batch.pixels, batch.count);
      const before = session.readWeights();
      await session.trainStep({ ...batch, learningRate: 1e-30 });
      const after = session.readWeights();
      session.dispose();
      expect([...statistics.keys()].sort()).toEqual([...after.keys()].filter(isStatistic).sort());
      for (const [name, values] of statistics) {
        const moved = before
          .get(name)!
          .data.map((old, i) => old + BATCH_NORM_MOMENTUM * (values[i]! - old));
        expect(relativeError(after.get(name)!.data, moved), name).toBeLessThan(1e-4);
      }
    });

    it_('weights stay bit for bit, and the session itself does not change', async () => {
      const spec = tinySpec({ dropout: 0.3 });
      const session = (await runtime()).createSession(spec);
      const images = { data: randomPixels(9, SIZE, 5), count: 9, size: SIZE };
      const estimated = await reestimateStatistics(session, images, { batchSize: 4, seed: 1 });
      expect(bitsOf(session.readWeights())).toEqual(bitsOf(spec.weights));
      session.dispose();
      const [was, is] = [bitsOf(spec.weights), bitsOf(estimated)];
      for (const name of spec.weights.keys())
        if (isStatistic(name)) expect(is[name], name).not.toBe(was[name]);
        else expect(is[name], name).toBe(was[name]);
    });

    it_('refuses one image, and stops when it is cancelled', async () => {
      const session = (await runtime()).createSession(tinySpec());
      const one = { data: randomPixels(1), count: 1, size: SIZE };
      await expect(reestimateStatistics(session, one, { batchSize: 4, seed: 1 })).rejects.toThrow(/at least 2 images/u); // prettier-ignore
      const stop = new AbortController();
      stop.abort();
      const many = { data: randomPixels(4), count: 4, size: SIZE };
      const options = { batchSize: 2, seed: 1, signal: stop.signal };
      await expect(reestimateStatistics(session, many, options)).rejects.toMatchObject({ code: 'cancelled' }); // prettier-ignore
      session.dispose();
    });
  },
);
