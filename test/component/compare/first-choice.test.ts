import { expect, it } from 'vitest';
import type { ModelSummary } from '../../../src/contract/training.ts';
import { firstChoice } from '../../../src/renderer/features/compare/use-comparison.ts';

const model = (id: string, part: Partial<ModelSummary>): ModelSummary =>
  ({
    id,
    parentId: null,
    datasetId: 'd',
    seed: 1,
    role: 'before',
    createdAt: '2026-01-01',
    ...part,
  }) as ModelSummary;

const parent = model('parent', {});
const control = model('control', { role: 'control', parentId: 'parent', createdAt: '2026-01-02' });
const sparse = model('sparse', { role: 'sparse', parentId: 'parent', createdAt: '2026-01-03' });

it('puts the newest sparse model after its parent and the control of the same seed', () => {
  const otherSeed = model('other', {
    role: 'control',
    parentId: 'parent',
    seed: 2,
    createdAt: '2026-01-04',
  });
  expect(firstChoice([sparse, otherSeed, control, parent])).toEqual([
    'parent',
    'control',
    'sparse',
  ]);
});

it('does without a control where there is none', () => {
  expect(firstChoice([parent, sparse])).toEqual(['parent', 'sparse']);
});

it('takes the newest two of one dataset where nothing is sparse', () => {
  const elsewhere = model('elsewhere', { datasetId: 'e', createdAt: '2026-01-05' });
  const newer = model('newer', { datasetId: 'e', createdAt: '2026-01-06' });
  expect(firstChoice([parent, elsewhere, newer])).toEqual(['elsewhere', 'newer']);
});

it('chooses nothing from one model', () => {
  expect(firstChoice([parent])).toEqual([]);
});
