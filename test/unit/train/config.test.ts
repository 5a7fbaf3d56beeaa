/** The presets are claims about other people's work: each value stands in the paper or in the authors' code. */
import { describe, expect, it } from 'vitest';
import {
  controlOf,
  describeControl,
  isControl,
  presetNamed,
  PRESETS,
  scalarsOf,
  type TrainingConfig,
} from '../../../src/core/train/config.ts';
import { configWarnings, validateConfig } from '../../../src/core/train/validate-config.ts';

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

  const outliers = { datasetId: 'd-1', ratio: 2 };
  const margin: TrainingConfig = { ...config, lambda: 0, objective: 'energy-margin', outliers };

  it("the authors' values are what an objective takes unless told otherwise", () => {
    // wetliu/energy_ood: CIFAR/run.sh and train.py.
    expect(scalarsOf(margin)).toEqual({ marginIn: -23, marginOut: -5, outlierWeight: 0.1 });
    expect(scalarsOf({ ...margin, settings: { marginIn: -27 } })['marginIn']).toBe(-27);
    // hendrycks/outlier-exposure; hongxin001/logitnorm_ood; alinlab/Confident_classifier.
    expect(scalarsOf({ ...margin, objective: 'outlier-exposure' })).toEqual({ outlierWeight: 0.5 });
    expect(scalarsOf({ ...config, objective: 'logit-norm' })).toEqual({ temperature: 0.04 });
    expect(scalarsOf({ ...margin, objective: 'confidence-calibrated' })).toEqual({
      outlierWeight: 1,
    });
    expect(scalarsOf(config)).toEqual({ lambda: 0.02 });
  });

  it("OECC cannot start without the training accuracy of the model's start", () => {
    const oecc: TrainingConfig = { ...margin, objective: 'oecc' };
    expect(() => scalarsOf(oecc)).toThrow(/A_tr/);
    // nazim1021/OOD-detection-using-OECC: 0.07 and 0.05, summed over 128 images and 256 outliers.
    expect(scalarsOf({ ...oecc, settings: { trainingAccuracy: 0.9 } })).toEqual({
      trainingAccuracy: 0.9,
      confidenceWeight: 0.07 * 128,
      outlierWeight: 0.05 * 256,
    });
  });

  it('the control of an outlier run has the same outliers, which weigh nothing', () => {
    const control = controlOf({ ...margin, settings: { marginIn: -27 } });
    expect(control).toEqual({ ...margin, settings: { marginIn: -27, outlierWeight: 0 } });
    expect(isControl(control)).toBe(true);
    expect(isControl(margin)).toBe(false);
    expect(describeControl(margin)).toBe('Energy margin, weight 0 (control)');
  });

  it('the control of LogitNorm is cross-entropy', () => {
    const normed: TrainingConfig = { ...config, objective: 'logit-norm', labelSmoothing: 0.1 };
    expect(controlOf(normed)).toMatchObject({ objective: 'cross-entropy', labelSmoothing: 0.1 });
    expect(isControl(normed)).toBe(false);
  });

  it.each<[Partial<TrainingConfig>, RegExp]>([
    [{ labelSmoothing: 1 }, /label smoothing must be at least 0 and below 1/],
    [{ mixup: -0.1 }, /mixup's α/],
    [{ outliers: null }, /needs auxiliary outliers/],
    [{ outliers: { ...outliers, ratio: 0 } }, /outliers per image/],
    [{ settings: { marginIn: NaN } }, /m_in \(marginIn\) must be from/],
    [{ settings: { margin: 1 } }, /no setting margin; it has marginIn, marginOut/],
    [{ objective: 'sparsity' }, /uses no outliers/],
  ])('%o is refused in an outlier run', (changes, message) => {
    expect(validateConfig(margin)).toBe(margin);
    expect(() => validateConfig({ ...margin, ...changes })).toThrow(message);
  });

  it('warns of margins that hold nothing apart', () => {
    expect(configWarnings({ ...margin, settings: { marginIn: 0 } })[0]).toMatch(/not below/);
    expect(configWarnings(margin)).toEqual([]);
  });

  it('warns of a λ that was seen to do nothing, or harm', () => {
    expect(configWarnings({ ...config, lambda: 0.001 })[0]).toMatch(/no measurable effect/);
    expect(configWarnings({ ...config, lambda: 0.1 })[0]).toMatch(/high/);
    expect(configWarnings(config)).toEqual([]);
  });
});
