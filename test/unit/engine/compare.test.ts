/** Comparing models and drawing maps of images, called as a window calls them, on scores that were made up. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { WindowContract } from '../../../src/contract/methods.ts';
import type { Engine } from '../../../src/engine/engine.ts';
import type { Client } from '../../../src/rpc/client.ts';
import { engineClient } from '../../support/engine-client.ts';
import { temporaryFolder } from '../../support/image-folders.ts';
import { addModel, manifestOf, openWorkspace, saveScores, type MadeUpImage, type MadeUpScore } from '../../support/scored-workspace.ts'; // prettier-ignore

const VAL = 20;
const TEST = 40;
const OOD = 30;
const idImages: readonly MadeUpImage[] = Array.from({ length: VAL + TEST }, (_, i) => ({
  path: `cat/${i}.png`,
  split: i < VAL ? 'val' : 'test',
  label: 0,
}));
const oodImages: readonly MadeUpImage[] = Array.from({ length: OOD }, (_, i) => ({
  path: `${i}.png`,
  split: null,
  label: null,
}));
/** Features along two axes: six times as much variance along the first. */
const features = (i: number): readonly number[] => [6 * ((i * 7) % 10), (i * 3) % 10, 1];
const scores = (n: number, score: (i: number) => number, predicted = 0): MadeUpScore[] =>
  Array.from({ length: n }, (_, i) => ({ ordinal: i, score: score(i), predicted, features: features(i) })); // prettier-ignore

let engine: Engine;
let client: Client<WindowContract>;
let idDatasetId = '';
let oodId = '';
const models = { before: '', again: '', control: '', sparse: '', unscored: '' };

beforeAll(async () => {
  const folder = temporaryFolder();
  const made = openWorkspace(folder);
  idDatasetId = made.registerDataset(manifestOf('pets', idImages)).id;
  oodId = made.registerDataset(manifestOf('others', oodImages)).id;
  models.before = addModel(made, 'before', 'before');
  models.again = addModel(made, 'again', 'before', { seed: 2 });
  models.control = addModel(made, 'control', 'control', { parentId: models.before });
  models.sparse = addModel(made, 'sparse', 'sparse', { parentId: models.before });
  models.unscored = addModel(made, 'unscored', 'before');
  // ID images score 10 to 69 under every model. The others score higher than all of them, or lower.
  for (const [name, ood] of [
    ['before', 100],
    ['again', 0],
    ['control', 100],
    ['sparse', 0],
  ] as const) {
    // prettier-ignore
    await saveScores(made, models[name], idDatasetId, scores(VAL + TEST, (i) => 10 + i));
    await saveScores(made, models[name], oodId, scores(OOD, (i) => ood + i / 100, name === 'sparse' ? 1 : 0)); // prettier-ignore
  }
  made.close();
  ({ engine, client } = engineClient(folder));
});
afterAll(() => engine.shutdown());

const compare = (...modelIds: string[]) =>
  client.job('compare.models', { modelIds, idDatasetId, oodDatasetIds: [oodId] });
const scope = (modelId: string) => ({ modelId, idDatasetId, oodDatasetIds: [oodId] });

describe('compare.models', () => {
  it('tells each model, its differences from the first with intervals, and the verdict', async () => {
    const found = await compare(models.before, models.control, models.sparse);
    expect(found.models.map(({ name, role }) => [name, role])).toEqual([
      ['before', 'before'],
      ['control', 'control'],
      ['sparse', 'sparse'],
    ]);
    expect(found.models.map(({ overview }) => overview.metrics[0]!.fpr95.value)).toEqual([1, 1, 0]);
    expect(found.models.map(({ roc }) => roc[0]!.fpr95)).toEqual([1, 1, 0]);
    const { x, y } = found.models[2]!.roc[0]!.curve;
    // Separated entirely: up to all ID images, and only then along the others.
    expect([...x].every((value, i) => value === 0 || y[i] === 1)).toBe(true);
    expect([x[0], y[0], x.at(-1), y.at(-1)]).toEqual([0, 0, 1, 1]);
    const difference = (metric: string, datasetId: string | null) =>
      found.differences.find(
        (one) => one.modelId === models.sparse && one.metric === metric && one.datasetId === datasetId, // prettier-ignore
      )!.difference;
    expect(difference('fpr95', oodId)).toEqual({ value: -1, low: -1, high: -1 });
    expect(difference('auroc', null)).toEqual({ value: 1, low: 1, high: 1 });
    expect(difference('accuracy', null)).toEqual({ value: 0, low: 0, high: 0 });
    expect(found.differences.every(({ baseModelId }) => baseModelId === models.before)).toBe(true);
    expect(found.verdict).toMatchObject({ outcome: 'improved' });
    expect(found.verdict!.sentence).toContain('100.0');
  });

  it('finds the start of a sparse model by itself, but claims nothing without a control', async () => {
    const { verdict } = await compare(models.again, models.sparse);
    expect(verdict!.outcome).toBe('not shown');
    expect(verdict!.sentence).toContain('there is no control run');
  });

  it('gives no verdict where nothing is sparse, and the spread over seeds', async () => {
    const found = await compare(models.before, models.again);
    expect(found.verdict).toBeNull();
    // FPR95 1 and 0: mean 1/2, and (1/4 + 1/4) / (2 - 1) under the root.
    expect(found.seeds).toHaveLength(1);
    expect(found.seeds[0]).toMatchObject({
      modelIds: [models.before, models.again],
      fpr95: { mean: 0.5, std: Math.sqrt(0.5) },
      accuracy: { mean: 1, std: 0 },
    });
  });

  it('says which set is not scored under which model', async () => {
    await expect(compare(models.before, models.unscored)).rejects.toThrow(
      /pets is not scored under unscored.*Compute its scores/,
    );
  });
});

describe('compare.pairs', () => {
  const pairs = (kind: 'rescues' | 'regressions' | 'prediction-flips', filter = {}) =>
    client.call('compare.pairs', { before: scope(models.before), afterModelId: models.sparse, kind, filter }); // prettier-ignore

  it('finds what a model got right that the other got wrong, at the threshold of each', async () => {
    const rescues = await pairs('rescues');
    expect(rescues.total).toBe(OOD);
    expect(rescues.datasetIds[rescues.datasets[0]!]).toBe(oodId);
    // Accepted before (bit 0), not after (bit 1), another prediction (bit 2).
    expect(new Set(rescues.outcomes)).toEqual(new Set([0b101]));
    expect((await pairs('regressions')).total).toBe(0);
  });

  it('lists what passes a filter', async () => {
    const flips = await pairs('prediction-flips', { text: '2.png', datasetIds: [oodId] });
    expect([...flips.ordinals]).toEqual([2, 12, 22]);
  });
});

describe('embeddings', () => {
  it('by PCA show every image along the axes of most variance', async () => {
    const map = await client.call('embedding.pca', scope(models.before));
    expect(map.points).toHaveLength(2 * (TEST + OOD));
    expect(map.sampledFrom).toBe(TEST + OOD);
    expect([...map.ordinals.slice(0, 2)]).toEqual([VAL, VAL + 1]);
    // The first axis is the first feature, which has 36 times the variance of the second.
    expect(map.explained![0]!).toBeGreaterThan(0.95);
    const along = (i: number): number => map.points[2 * i]!;
    const first = (i: number): number => features(VAL + i)[0]!;
    expect(along(1) - along(0)).toBeCloseTo(first(1) - first(0), 0);
  });

  it('by UMAP are the same twice, tell how far they are, and stop when told to', async () => {
    const phases: string[] = [];
    const map = await client.job('embedding.umap', scope(models.before), {
      onEvent: (event) => {
        if (event.type === 'progress') phases.push(event.progress.phase);
      },
    });
    expect(map.points).toHaveLength(2 * (TEST + OOD));
    expect(map.points.every((value) => Number.isFinite(value))).toBe(true);
    expect(phases.at(-1)).toBe('UMAP');
    // The other model has the same features, and its own map.
    const twin = await client.job('embedding.umap', scope(models.control));
    expect(twin.points).toEqual(map.points);
    const abort = new AbortController();
    const stopped = client.job('embedding.umap', scope(models.sparse), {
      signal: abort.signal,
      onEvent: () => abort.abort(),
    });
    await expect(stopped).rejects.toMatchObject({ code: 'cancelled' });
  });
});
