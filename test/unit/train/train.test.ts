/** The loop, on a real session: what a run promises about interruption, determinism and failure. */
import { describe, expect, it } from 'vitest';
import { AppError } from '../../../src/core/errors.ts';
import {
  decodeCheckpoint,
  encodeCheckpoint,
  type TrainingState,
} from '../../../src/core/train/checkpoint.ts';
import { PRESETS, type TrainingConfig } from '../../../src/core/train/config.ts';
import type { TrainingEvent } from '../../../src/core/train/events.ts';
import { train, type TrainingHooks, type TrainingOutcome } from '../../../src/core/train/train.ts';
import { nativeRuntime, wasmRuntime } from '../../support/runtimes.ts';
import { bitsOf, randomPixels, tinySpec } from '../../support/sessions.ts';

const native = nativeRuntime();
const runtime = 'missing' in native ? await wasmRuntime() : native.runtime;

const set = (count: number, seed: number) => ({
  block: { count, size: 16, data: randomPixels(count, 16, seed) },
  labels: Int32Array.from({ length: count }, (_, i) => i % 4),
});
const config: TrainingConfig = {
  ...PRESETS.quick.finetune,
  epochs: 3,
  batchSize: 8,
  augmentation: { cropPadding: 2, flip: true },
};
const FINGERPRINT = 'a run';

async function run(
  hooks: TrainingHooks = {},
  changes: Partial<TrainingConfig> = {},
  resume: TrainingState | null = null,
): Promise<TrainingOutcome> {
  const session = runtime.createSession(tinySpec({ dropout: 0.3 }));
  try {
    return await train(
      {
        session,
        classes: 4,
        config: { ...config, ...changes },
        train: set(36, 1),
        val: set(10, 2),
        fingerprint: FINGERPRINT,
        resume,
      },
      hooks,
    );
  } finally {
    session.dispose();
  }
}

const rejection = async (promise: Promise<unknown>): Promise<AppError> => {
  const error: unknown = await promise.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(AppError);
  return error as AppError;
};

describe('a training run', () => {
  it('validates after every epoch, and the same seed gives the same bits', async () => {
    const events: TrainingEvent[] = [];
    const outcome = await run({ onEvent: (event) => events.push(event) });
    expect(outcome.history.map(({ epoch }) => epoch)).toEqual([1, 2, 3]);
    expect(events.filter(({ type }) => type === 'epoch-finished')).toHaveLength(3);
    // 36 images in batches of 8: five steps an epoch.
    expect(events.filter(({ type }) => type === 'step-finished')).toHaveLength(15);
    for (const { valAccuracy, valLoss, featureL1 } of outcome.history) {
      expect(valAccuracy * 10).toBeCloseTo(Math.round(valAccuracy * 10), 9);
      expect(valLoss).toBeGreaterThan(0);
      expect(featureL1).toBeGreaterThan(0);
    }
    expect(bitsOf((await run()).weights)).toEqual(bitsOf(outcome.weights));
    expect(bitsOf((await run({}, { seed: 9 })).weights)).not.toEqual(bitsOf(outcome.weights));
  });

  it('stopped at any step and resumed, ends with the weights of an uninterrupted one', async () => {
    const whole = await run();
    for (const stopAfter of [1, 7, 10]) {
      const stop = new AbortController();
      let saved: TrainingState | null = null;
      const error = await rejection(
        run({
          signal: stop.signal,
          onEvent: (event) => {
            if (event.type === 'step-finished' && event.step === stopAfter) stop.abort();
          },
          saveCheckpoint: async (state) => {
            // Through bytes, as on disk.
            saved = decodeCheckpoint(await encodeCheckpoint(state));
          },
        }),
      );
      expect(error.code).toBe('cancelled');
      expect(saved!.step).toBe(stopAfter);
      const resumed = await run({}, {}, saved);
      expect(bitsOf(resumed.weights), `stopped after ${stopAfter}`).toEqual(bitsOf(whole.weights));
      expect(resumed.history).toEqual(whole.history);
    }
  });

  it('ended by hand, keeps the best epoch so far, whatever `keep` says', async () => {
    const whole = await run({}, { epochs: 4 });
    const finish = new AbortController();
    const byEpoch: ReturnType<typeof bitsOf>[] = [];
    const outcome = await run(
      {
        finish: finish.signal,
        saveCheckpoint: (state) => {
          byEpoch.push(bitsOf(state.weights));
          return Promise.resolve();
        },
        onEvent: (event) => {
          // Five steps an epoch: in the middle of the third.
          if (event.type === 'step-finished' && event.step === 12) finish.abort();
        },
      },
      { keep: 'last', epochs: 4 },
    );
    expect(outcome.reason).toBe('stopped by hand');
    expect(outcome.history).toEqual(whole.history.slice(0, 2));
    const [first, second] = outcome.history.map(({ valAccuracy }) => valAccuracy);
    expect(bitsOf(outcome.weights)).toEqual(byEpoch[second! > first! ? 1 : 0]);
  });

  it('ended by hand within the first epoch, measures what there is', async () => {
    const finish = new AbortController();
    finish.abort();
    const steps: number[] = [];
    const outcome = await run({
      finish: finish.signal,
      onEvent: (event) => {
        if (event.type === 'step-finished') steps.push(event.step);
      },
    });
    expect(steps).toEqual([1]);
    expect(outcome.history.map(({ epoch }) => epoch)).toEqual([1]);
  });

  it('with patience, ends once validation accuracy has not risen for so many epochs', async () => {
    const session = runtime.createSession(tinySpec({ dropout: 0.3 }));
    // Weights stand still; only the running statistics settle, so accuracy soon stops rising.
    const still = {
      ...config,
      learningRate: 1e-12,
      epochs: 9,
      schedule: { kind: 'constant' },
    } as const;
    const outcome = await train(
      {
        session,
        classes: 4,
        config: still,
        train: set(36, 1),
        val: set(10, 2),
        fingerprint: FINGERPRINT,
        resume: null,
        patience: 2,
      },
      {},
    ).finally(() => session.dispose());
    const accuracies = outcome.history.map(({ valAccuracy }) => valAccuracy);
    const best = accuracies.indexOf(Math.max(...accuracies)) + 1;
    expect(outcome.reason).toBe('stopped early');
    expect(outcome.history).toHaveLength(best + 2);
  });

  it('keeps the best epoch when asked to', async () => {
    const byEpoch: ReturnType<typeof bitsOf>[] = [];
    const outcome = await run(
      {
        saveCheckpoint: (state) => {
          byEpoch.push(bitsOf(state.weights));
          return Promise.resolve();
        },
      },
      { keep: 'best', epochs: 4 },
    );
    const accuracies = outcome.history.map(({ valAccuracy }) => valAccuracy);
    const best = accuracies.indexOf(Math.max(...accuracies));
    // The last epoch is the model itself and makes no checkpoint.
    if (best < byEpoch.length) expect(bitsOf(outcome.weights)).toEqual(byEpoch[best]);
    else expect(byEpoch).not.toContainEqual(bitsOf(outcome.weights));
  });

  it('stops when the loss is no longer a number, and never saves such weights', async () => {
    const saved: TrainingState[] = [];
    const error = await rejection(
      run(
        {
          checkpointEveryMs: 0,
          saveCheckpoint: (state) => {
            saved.push(state);
            return Promise.resolve();
          },
        },
        { learningRate: 1e30, schedule: { kind: 'constant' } },
      ),
    );
    expect(error.code).toBe('diverged');
    expect(error.message).toMatch(/step \d+ of 15.*[Ll]ower the learning rate/);
    for (const { weights } of saved)
      for (const { data } of weights.values()) expect(data.every(Number.isFinite)).toBe(true);
  });

  it('refuses the checkpoint of another run', async () => {
    let saved: TrainingState | null = null;
    await run({
      saveCheckpoint: (state) => {
        saved = state;
        return Promise.resolve();
      },
    });
    const foreign = { ...saved!, fingerprint: 'another' } as TrainingState;
    expect((await rejection(run({}, {}, foreign))).message).toMatch(/another|other settings/);
  });
});
