/** The presets are claims about other people's work: each value stands in the paper or in the authors' code. */
import { describe, expect, it } from 'vitest';
import {
  configWarnings,
  controlOf,
  presetNamed,
  PRESETS,
  validateConfig,
} from '../../../src/core/train/config.ts';

describe('presets', () => {
  it('paper: as printed in the text', () => {
    expect(PRESETS.paper.pretrain).toMatchObject({
      objective: 'cross-entropy',
      learningRate: 0.1,
      epochs: 200,
      momentum: 0.01,
      weightDecay: 0.01,
    });
    expect(PRESETS.paper.finetune).toMatchObject({
      objective: 'sparsity',
      learningRate: 0.001,
      epochs: 10,
      lambda: 0.001,
      momentum: 0.01,
      weightDecay: 0.01,
    });
  });

  it("authors: as in the authors' code", () => {
    const sgd = { momentum: 0.9, nesterov: true, weightDecay: 5e-4, batchSize: 128 };
    expect(PRESETS.authors).toMatchObject({ network: 'wrn-40-2', dropout: 0.3 });
    expect(PRESETS.authors.pretrain).toMatchObject({
      ...sgd,
      learningRate: 0.1,
      epochs: 100,
      schedule: { kind: 'cosine', final: 1e-6 },
      augmentation: { cropPadding: 4, flip: true },
    });
    expect(PRESETS.authors.finetune).toMatchObject({
      ...sgd,
      objective: 'sparsity',
      lambda: 0.02,
      learningRate: 0.001,
      epochs: 10,
      schedule: { kind: 'cosine', final: 1e-6 },
      augmentation: { cropPadding: 0, flip: true },
    });
  });

  it('every preset makes a valid configuration', () => {
    for (const { pretrain, finetune } of Object.values(PRESETS)) {
      expect(validateConfig(pretrain)).toBe(pretrain);
      expect(validateConfig(finetune)).toBe(finetune);
    }
  });

  it('an unknown one is refused with the names of the known', () => {
    expect(() => presetNamed('best')).toThrow(/"best".*paper, authors, quick/);
    expect(() => presetNamed('toString')).toThrow(/Unknown preset/);
  });
});

describe('configuration', () => {
  const config = PRESETS.authors.finetune;

  it('a control differs in λ alone', () => {
    expect(controlOf(config)).toEqual({ ...config, lambda: 0 });
  });

  it.each([
    [{ lambda: -0.1 }, /λ must be 0 or more, not -0.1/],
    [{ lambda: NaN }, /λ/],
    [{ epochs: 0 }, /epochs/],
    [{ batchSize: 1 }, /batch size/],
    [{ learningRate: 0 }, /learning rate/],
    [{ momentum: 1 }, /momentum/],
    [{ weightDecay: -1 }, /weight decay/],
    [{ seed: 1.5 }, /seed/],
  ])('%o is refused', (changes, message) => {
    expect(() => validateConfig({ ...config, ...changes })).toThrow(message);
  });

  it('warns of a λ that was seen to do nothing, or harm', () => {
    expect(configWarnings({ ...config, lambda: 0.001 })[0]).toMatch(/no measurable effect/);
    expect(configWarnings({ ...config, lambda: 0.1 })[0]).toMatch(/high/);
    expect(configWarnings(config)).toEqual([]);
  });
});
