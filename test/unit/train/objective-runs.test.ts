/** Tiny runs of every objective, on both tiers: they learn, they resume to the same bits, and energies part. */
import { describe, expect, it } from 'vitest';
import { AppError } from '../../../src/core/errors.ts';
import { Random } from '../../../src/core/random.ts';
import type { Runtime } from '../../../src/core/tf/runtime.ts';
import { decodeCheckpoint, encodeCheckpoint, type TrainingState } from '../../../src/core/train/checkpoint.ts'; // prettier-ignore
import { objectiveOf, PRESETS, type TrainingConfig } from '../../../src/core/train/config.ts';
import { forwardAll } from '../../../src/core/train/evaluate.ts';
import type { TrainingEvent } from '../../../src/core/train/events.ts';
import { OBJECTIVE_IDS, objectiveNamed } from '../../../src/core/train/objectives/registry.ts';
import { train, type TrainingHooks } from '../../../src/core/train/train.ts';
import { nativeRuntime, wasmRuntime } from '../../support/runtimes.ts';
import { bitsOf, tinySpec } from '../../support/sessions.ts';

const SIZE = 16;
const CLASSES = 4;
const BYTES = SIZE * SIZE * 3;

/** Class k is bright in one quadrant; outliers are checkerboards. Both with noise. */
function toyBlock(count: number, seed: number, outliers: boolean) {
  const random = new Random(seed);
  const data = new Uint8Array(count * BYTES);
  for (let i = 0; i < count; i++)
    for (let y = 0; y < SIZE; y++)
      for (let x = 0; x < SIZE; x++) {
        const quadrant = (y < SIZE / 2 ? 0 : 2) + (x < SIZE / 2 ? 0 : 1);
        const bright = outliers ? (x + y) % 2 === 0 : quadrant === i % CLASSES;
        for (let c = 0; c < 3; c++)
          data[i * BYTES + (y * SIZE + x) * 3 + c] = (bright ? 190 : 60) + random.integer(40);
      }
  return { count, size: SIZE, data };
}
const labelled = (count: number, seed: number) => ({
  block: toyBlock(count, seed, false),
  labels: Int32Array.from({ length: count }, (_, i) => i % CLASSES),
});
const data = {
  train: labelled(48, 1),
  val: labelled(16, 2),
  outliers: toyBlock(20, 3, true),
};

const base: TrainingConfig = {
  ...PRESETS.quick.finetune,
  objective: 'cross-entropy',
  lambda: 0,
  epochs: 3,
  batchSize: 16,
  learningRate: 0.05,
  augmentation: { cropPadding: 1, flip: false },
};
/** Settings in reach of a network of a few steps. */
const configOf = (objective: TrainingConfig['objective']): TrainingConfig => ({
  ...base,
  objective,
  lambda: objective.startsWith('sparsity') ? 0.001 : 0,
  ...(objective === 'energy-margin' ? { settings: { marginIn: -6, marginOut: -3 } } : {}),
  ...(objective === 'oecc'
    ? { settings: { trainingAccuracy: 0.9, confidenceWeight: 1, outlierWeight: 1 } }
    : {}),
  ...(objective === 'logit-norm' ? { settings: { temperature: 0.2 } } : {}),
  ...(objectiveNamed(objective).outliers ? { outliers: { datasetId: 'd', ratio: 0.5 } } : {}),
});

async function run(
  runtime: Runtime,
  config: TrainingConfig,
  hooks: TrainingHooks = {},
  resume: TrainingState | null = null,
) {
  const spec = tinySpec({}, { objective: objectiveOf(config) });
  const session = runtime.createSession(spec);
  try {
    const outcome = await train(
      {
        session,
        config,
        classes: CLASSES,
        train: data.train,
        val: data.val,
        outliers: config.outliers ? data.outliers : null,
        fingerprint: 'toy',
        resume,
      },
      hooks,
    );
    session.writeWeights(outcome.weights);
    const meanEnergy = async (block: typeof data.outliers): Promise<number> => {
      const { logits, count } = await forwardAll(session, block);
      let sum = 0;
      for (let i = 0; i < count; i++) {
        const row = logits.subarray(i * CLASSES, (i + 1) * CLASSES);
        sum -= Math.log(row.reduce((total, f) => total + Math.exp(f), 0));
      }
      return sum / count;
    };
    return {
      ...outcome,
      gap: (await meanEnergy(data.outliers)) - (await meanEnergy(data.val.block)),
    };
  } finally {
    session.dispose();
  }
}

const native = nativeRuntime();
const missing = 'missing' in native ? native.missing : null;
const tiers: { readonly tier: string; readonly runtime: Runtime | null }[] = [
  { tier: 'wasm', runtime: await wasmRuntime() },
  {
    tier: `TensorFlow${missing === null ? '' : ` (skipped: ${missing})`}`,
    runtime: 'missing' in native ? null : native.runtime,
  },
];

describe.each(tiers)('on $tier', ({ runtime }) => {
  const cases = [
    ...OBJECTIVE_IDS.map((id) => ({ name: id, config: configOf(id) })),
    ...(['cross-entropy', 'energy-margin'] as const).map((id) => ({
      name: `${id}, smoothed and mixed`,
      config: { ...configOf(id), labelSmoothing: 0.1, mixup: 0.2 },
    })),
  ];

  it.skipIf(runtime === null).each(cases)(
    '$name: the loss falls, every term is told, an interrupted run ends with the same bits',
    async ({ config }) => {
      const events: TrainingEvent[] = [];
      let saved: TrainingState | null = null;
      const whole = await run(runtime!, config, { onEvent: (event) => events.push(event) });
      const losses = whole.history.map(({ trainLoss }) => trainLoss);
      expect(losses.at(-1)).toBeLessThan(losses[0]!);
      for (const event of events)
        if (event.type === 'step-finished')
          expect(Object.keys(event.terms)).toEqual(
            objectiveOf(config).terms.map(({ name }) => name),
          );
      const stop = new AbortController();
      // Three steps an epoch: in the middle of the second.
      const stopped = await run(runtime!, config, {
        signal: stop.signal,
        onEvent: (event) => {
          if (event.type === 'step-finished' && event.step === 4) stop.abort();
        },
        saveCheckpoint: async (state) => {
          saved = decodeCheckpoint(await encodeCheckpoint(state));
        },
      }).catch((error: unknown) => error);
      expect(stopped).toBeInstanceOf(AppError);
      const resumed = await run(runtime!, config, {}, saved);
      expect(equalBits(resumed, whole)).toBe(true);
    },
  );

  it.skipIf(runtime === null)(
    'the energy margin parts the energies of images and outliers, its control does not',
    async () => {
      const config: TrainingConfig = {
        ...configOf('energy-margin'),
        epochs: 8,
        settings: { marginIn: -8, marginOut: -2, outlierWeight: 0.1 },
      };
      const tuned = await run(runtime!, config);
      const control = await run(runtime!, {
        ...config,
        settings: { ...config.settings, outlierWeight: 0 },
      });
      // The margins are 6 apart.
      expect(tuned.gap).toBeGreaterThan(3);
      expect(tuned.gap).toBeGreaterThan(control.gap + 1);
    },
  );
});

const equalBits = (
  a: { readonly weights: Parameters<typeof bitsOf>[0] },
  b: { readonly weights: Parameters<typeof bitsOf>[0] },
): boolean => JSON.stringify(bitsOf(a.weights)) === JSON.stringify(bitsOf(b.weights));
