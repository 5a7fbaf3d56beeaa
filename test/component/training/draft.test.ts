import { expect, it } from 'vitest';
import type { Preset } from '../../../src/contract/training.ts';
import {
  changedSettings,
  requestOf,
  withPreset,
  type Draft,
} from '../../../src/renderer/features/training/draft.ts';

const config = {
  objective: 'cross-entropy',
  lambda: 0,
  epochs: 12,
  seed: 1,
} as unknown as Preset['pretrain'];
const preset = {
  id: 'quick',
  network: 'wrn-10-1',
  dropout: 0,
  pretrain: config,
  finetune: { ...config, objective: 'sparsity', lambda: 0.02, epochs: 4 },
} as unknown as Preset;
const draft: Draft = {
  mode: 'pretrain',
  datasetId: 'd',
  parentId: 'm',
  preset: 'quick',
  network: 'wrn-10-1',
  dropout: 0,
  size: 32,
  resize: 'stretch',
  config,
  seeds: 1,
  withControl: true,
  patience: null,
  name: ' ',
};

it('several seeds count up from the first', () => {
  const request = requestOf({ ...draft, seeds: 3, config: { ...config, seed: 7 } });
  expect(request).toMatchObject({ kind: 'pretrain', seeds: [7, 8, 9] });
  expect(request).not.toHaveProperty('name');
});

it('asks for no control where λ is 0 already', () => {
  expect(requestOf({ ...draft, mode: 'finetune' })).toMatchObject({ withControl: false });
  const sparse = withPreset(draft, preset, 'finetune');
  expect(requestOf(sparse)).toMatchObject({ withControl: true, config: { lambda: 0.02 } });
});

it('is no request before the dataset or the model is chosen', () => {
  expect(requestOf({ ...draft, datasetId: null })).toBeNull();
  expect(requestOf({ ...draft, mode: 'finetune', parentId: null })).toBeNull();
});

it('a preset keeps the seed and shows what was changed since', () => {
  const seeded = { ...draft, config: { ...config, seed: 5 } };
  const chosen = withPreset(seeded, preset, 'pretrain');
  expect(chosen.config.seed).toBe(5);
  expect(changedSettings(chosen, preset)).toEqual([]);
  expect(changedSettings({ ...chosen, config: { ...chosen.config, epochs: 99 } }, preset)).toEqual([
    'epochs',
  ]);
});
