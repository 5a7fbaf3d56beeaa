import { describe, expect, it } from 'vitest';
import type { ModelSummary } from '../../../src/contract/training.ts';
import { createWorld } from '../../../src/renderer/dev/fake/world.ts';
import { ancestorsOf, comparisonFor, familiesOf, familyName, keptAccuracy, meanAndStd, rowsOf, seedsText } from '../../../src/renderer/features/models/lineage.ts'; // prettier-ignore

const [example] = createWorld({ images: 12 }).models.values();
const epoch = example!.epochs[0]!;
type Given = Partial<ModelSummary> & { readonly id: string };
const model = ({ id, ...given }: Given): ModelSummary => ({
  ...example!,
  id,
  name: id,
  parentId: null,
  role: 'before',
  seed: 1,
  lambda: 0,
  ...given,
  config: { ...example!.config, ...given.config, seed: given.seed ?? 1 },
});
const sparse = (id: string, parentId: string, seed: number, lambda = 0.02): ModelSummary =>
  model({ id, parentId, seed, lambda, role: 'sparse', config: { ...example!.config, lambda } });
const control = (id: string, parentId: string, seed: number): ModelSummary =>
  model({ id, parentId, seed, role: 'control' });

/** Three seeds of one experiment: pretrained, then a control and a sparse model of each. */
const experiment = [1, 2, 3].flatMap((seed) => [
  model({ id: `p${seed}`, name: `shoes, seed ${seed}`, seed }),
  control(`c${seed}`, `p${seed}`, seed),
  sparse(`s${seed}`, `p${seed}`, seed),
]);

describe('the tree of models', () => {
  it('puts the seeds of one experiment in one row each: pretrained, control, sparse', () => {
    const [root, ...others] = familiesOf(experiment);
    expect(others).toEqual([]);
    expect(root!.models.map(({ id }) => id)).toEqual(['p1', 'p2', 'p3']);
    expect(root!.children.map(({ models }) => models.map(({ id }) => id))).toEqual([
      ['c1', 'c2', 'c3'],
      ['s1', 's2', 's3'],
    ]);
    expect(familyName(root!)).toBe('shoes');
  });

  it('keeps apart what differs in more than the seed', () => {
    const models = [model({ id: 'p' }), sparse('a', 'p', 1, 0.02), sparse('b', 'p', 2, 0.05)];
    const [root] = familiesOf(models);
    expect(root!.children.map(({ models }) => models.length)).toEqual([1, 1]);
  });

  it('never joins imported weights: how they were trained is not known', () => {
    const imported = [model({ id: 'x', role: 'other' }), model({ id: 'y', role: 'other' })];
    expect(familiesOf(imported)).toHaveLength(2);
  });

  it('shows a model whose parent was deleted as a root', () => {
    expect(familiesOf([sparse('s', 'gone', 1)]).map(({ models }) => models[0]!.id)).toEqual(['s']);
  });

  it('shows the seeds of a family when it is open, and every model exactly once then', () => {
    const families = familiesOf(experiment);
    const closed = rowsOf(families, new Set());
    expect(closed.map(({ kind, depth }) => [kind, depth])).toEqual([
      ['family', 0],
      ['family', 1],
      ['family', 1],
    ]);
    const all = rowsOf(families, new Set(closed.map(({ key }) => key)));
    const shown = all.flatMap((row) => (row.kind === 'model' ? [row.model.id] : []));
    expect(shown.sort()).toEqual(experiment.map(({ id }) => id).sort());
    expect(new Set(all.map(({ key }) => key)).size).toBe(all.length);
  });
});

describe('what a row says', () => {
  it.each([
    [[1, 2, 3, 4, 5], '1–5'],
    [[1, 2], '1, 2'],
    [[9, 1, 4], '1, 4, 9'],
    [[7], '7'],
  ])('seeds %j as %s', (seeds, text) => {
    expect(seedsText(seeds.map((seed) => model({ id: `m${seed}`, seed })))).toBe(text);
  });

  it('takes the accuracy of the weights that were kept', () => {
    const epochs = [0.5, 0.9, 0.8].map((valAccuracy, at) => ({ ...epoch, epoch: at + 1, valAccuracy })); // prettier-ignore
    const last = model({ id: 'a', epochs });
    expect(keptAccuracy(last)).toBe(0.8);
    expect(keptAccuracy({ ...last, config: { ...last.config, keep: 'best' } })).toBe(0.9);
    expect(keptAccuracy({ ...last, stopReason: 'stopped by hand' })).toBe(0.9);
    expect(keptAccuracy({ ...last, epochs: [] })).toBeNull();
  });

  it('takes mean and sample standard deviation over the seeds', () => {
    // Sum of squares around 5 is 32, over 8 − 1.
    const { mean, std } = meanAndStd([2, 4, 4, 4, 5, 5, 7, 9])!;
    expect(mean).toBe(5);
    expect(std).toBeCloseTo(Math.sqrt(32 / 7), 12);
    expect(meanAndStd([3])).toEqual({ mean: 3, std: null });
    expect(meanAndStd([])).toBeNull();
  });
});

describe('what a model is compared with', () => {
  it.each([
    ['s2', ['p2', 'c2', 's2']],
    ['c2', ['p2', 'c2', 's2']],
    ['p2', ['p2', 'c2', 's2']],
  ])('%s: before, control and sparse of its own seed', (id, ids) => {
    expect(
      comparisonFor(
        experiment.find((one) => one.id === id)!,
        experiment,
      ),
    ).toEqual(ids);
  });

  it('is nothing for a model without relatives', () => {
    const alone = model({ id: 'alone' });
    expect(comparisonFor(alone, [alone])).toBeNull();
  });

  it('finds the line from the first model down, also when a damaged one is its own ancestor', () => {
    const line = [model({ id: 'a' }), sparse('b', 'a', 1), sparse('c', 'b', 1)];
    expect(ancestorsOf(line[2]!, line).map(({ id }) => id)).toEqual(['a', 'b']);
    const loop = [sparse('x', 'y', 1), sparse('y', 'x', 1)];
    expect(ancestorsOf(loop[0]!, loop).length).toBeLessThanOrEqual(2);
  });
});
