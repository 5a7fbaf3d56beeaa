/** The network, its gradients and SGD against PyTorch (fixture and how it was made: test/fixtures/torch). */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { decodeSafetensors } from '../../../src/core/model/safetensors.ts';
import type { HostTensor } from '../../../src/core/tf/host-tensor.ts';
import type { SessionSpec } from '../../../src/core/tf/runtime.ts';
import { relativeError } from '../../support/plain-tfjs.ts';
import { nativeRuntime, wasmRuntime } from '../../support/runtimes.ts';
import { tinySpec } from '../../support/sessions.ts';

const file = path.join(
  import.meta.dirname,
  '..',
  '..',
  'fixtures',
  'torch',
  'wide-resnet.safetensors',
);
const { tensors: arrays, integers } = decodeSafetensors(readFileSync(file));
const part = (prefix: string): Map<string, HostTensor> =>
  new Map(
    [...arrays].flatMap(([name, tensor]) =>
      name.startsWith(`${prefix}/`) ? [[name.slice(prefix.length + 1), tensor] as const] : [],
    ),
  );
const bytes = (name: string): Uint8Array => integers.get(name)!.data as Uint8Array;
const pixels = bytes('pixels');
const labels = Int32Array.from(bytes('labels'));
const STEPS = 3;
const BATCH = 6;
const IMAGE = 16 * 16 * 3;

const settings = {
  authors: { momentum: 0.9, nesterov: true, weightDecay: 5e-4 },
  paper: { momentum: 0.01, nesterov: false, weightDecay: 0.01 },
};
const spec = (sgd: SessionSpec['sgd']): SessionSpec =>
  tinySpec(
    {},
    {
      normalisation: { mean: [0.49, 0.48, 0.45], std: [0.25, 0.24, 0.26] },
      weights: part('start'),
      sgd,
    },
  );

const native = nativeRuntime();
const wasm = await wasmRuntime();

describe.each([
  { tier: 'TensorFlow', runtime: 'missing' in native ? null : native.runtime },
  { tier: 'wasm', runtime: wasm },
])('PyTorch agrees with $tier', ({ tier, runtime }) => {
  const suffix = runtime === null && 'missing' in native ? ` (skipped: ${native.missing})` : '';

  it.skipIf(runtime === null)(`on features and logits in evaluation${suffix}`, async () => {
    const session = runtime!.createSession(spec(settings.authors));
    const { features, logits } = await session.forward(pixels, STEPS * BATCH);
    session.dispose();
    expect(relativeError(features, arrays.get('eval/features')!.data)).toBeLessThan(1e-5);
    expect(relativeError(logits, arrays.get('eval/logits')!.data)).toBeLessThan(1e-5);
  });

  it.skipIf(runtime === null).each(Object.entries(settings))(
    `on losses, weights and running statistics after three steps of SGD, %s settings${suffix}`,
    async (name, sgd) => {
      const session = runtime!.createSession(spec(sgd));
      const losses: number[] = [];
      for (let step = 0; step < STEPS; step++) {
        const rows = [step * BATCH, (step + 1) * BATCH] as const;
        const { loss } = await session.trainStep({
          pixels: pixels.slice(rows[0] * IMAGE, rows[1] * IMAGE),
          labels: labels.slice(...rows),
          count: BATCH,
          learningRate: 0.1,
          scalars: { lambda: 0.02 },
          dropoutSeed: [1, step],
        });
        losses.push(loss);
      }
      const weights = session.readWeights();
      session.dispose();
      const expected = part(name);
      expect(relativeError(losses, expected.get('losses')!.data)).toBeLessThan(1e-4);
      expected.delete('losses');
      expect([...weights.keys()].sort()).toEqual([...expected.keys()].sort());
      // float64 in the fixture, float32 here: rounding grows over three steps of a high learning rate.
      for (const [weight, { data }] of expected)
        expect(relativeError(weights.get(weight)!.data, data), `${tier} ${weight}`).toBeLessThan(
          1e-3,
        );
    },
  );
});
