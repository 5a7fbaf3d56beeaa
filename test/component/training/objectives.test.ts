import { expect, it } from 'vitest';
import type { DatasetCard } from '../../../src/contract/datasets.ts';
import type { EpochRecord, ModelSummary, TrainingConfig } from '../../../src/contract/training.ts';
import { OBJECTIVES } from '../../../src/renderer/dev/fake/objectives.ts';
import {
  fitsMode,
  hasPenalty,
  outlierOptions,
  withObjective,
} from '../../../src/renderer/features/training/objectives.ts';
import { termMeans, termPoints } from '../../../src/renderer/features/training/terms.ts';

const objective = (id: TrainingConfig['objective']) => OBJECTIVES.find((one) => one.id === id)!;
const config = {
  objective: 'sparsity',
  lambda: 0.001,
  epochs: 3,
} as unknown as TrainingConfig;

it('another objective starts from its defaults and keeps no λ that it has no use for', () => {
  const outliers = { datasetId: 'textures', ratio: 1 };
  const margin = { ...withObjective(config, objective('energy-margin'), 0.02), outliers };
  expect(margin).toMatchObject({ objective: 'energy-margin', lambda: 0 });
  const set = { ...margin, settings: { marginIn: -30 } };
  const exposure = withObjective(set, objective('outlier-exposure'), 0.02);
  expect(exposure).toMatchObject({ objective: 'outlier-exposure', outliers });
  expect(exposure).not.toHaveProperty('settings');
  // The outliers go, and with them the bar; the preset's λ is back.
  const sparse = withObjective(exposure, objective('sparsity'), 0.02);
  expect(sparse).toMatchObject({ objective: 'sparsity', lambda: 0.02 });
  expect(sparse).not.toHaveProperty('outliers');
});

it('chooses no outliers by itself: whichever they are will be barred', () => {
  expect(withObjective(config, objective('energy-margin'), 0.02).outliers).toBeUndefined();
});

it.each<[Partial<TrainingConfig>, boolean]>([
  [{}, true],
  [{ lambda: 0 }, false],
  [{ objective: 'cross-entropy' }, false],
  [{ objective: 'logit-norm' }, true],
  [{ objective: 'energy-margin' }, true],
  [{ objective: 'energy-margin', settings: { outlierWeight: 0 } }, false],
  [{ objective: 'oecc', settings: { outlierWeight: 0 } }, true],
  [{ objective: 'oecc', settings: { outlierWeight: 0, confidenceWeight: 0 } }, false],
])('%o: a control tells something: %s', (changes, expected) => {
  expect(hasPenalty({ ...config, ...changes })).toBe(expected);
});

it('what needs a model to start from is not offered for pretraining', () => {
  const offered = OBJECTIVES.filter((one) => fitsMode(one, 'pretrain')).map(({ id }) => id);
  expect(offered).not.toContain('oecc');
  expect(offered).toContain('logit-norm');
  expect(OBJECTIVES.every((one) => fitsMode(one, 'finetune'))).toBe(true);
});

it('outliers come from OOD sets that are there, with what speaks against each', () => {
  const card = (id: string, changes: Partial<DatasetCard> = {}) =>
    ({ id, role: 'ood', ok: 500, removedAt: null, ...changes }) as DatasetCard;
  const sets = [
    card('fashion', { role: 'id' }),
    card('gone', { removedAt: '2026-01-01T00:00:00Z' }),
    card('few', { ok: 15 }),
    card('seen'),
    card('fresh'),
  ];
  const parent = { barred: [{ datasetId: 'seen' }] } as ModelSummary;
  expect(outlierOptions(sets, parent)).toEqual([
    { set: sets[2], tooFew: true, barred: false },
    { set: sets[3], tooFew: false, barred: true },
    { set: sets[4], tooFew: false, barred: false },
  ]);
});

it('the mean of a term over an epoch is that of its steps', () => {
  const steps = [1, 2, 3, 4, 5].map((step) => ({
    step,
    loss: 0,
    terms: { energyIn: 10 * step },
    learningRate: 0,
    imagesPerSecond: 0,
  }));
  const points = termPoints(steps, 'energyIn', 2);
  expect(points.at(0)).toEqual([0.5, 10]);
  const epochs = [{ epoch: 1 }, { epoch: 2 }] as EpochRecord[];
  // Steps 1 and 2, then 3 and 4; the fifth is of an epoch that has not ended.
  expect(termMeans(points, epochs)).toEqual([
    [1, 15],
    [2, 35],
  ]);
  expect(termPoints(steps, 'l1', 2)).toEqual([]);
});
