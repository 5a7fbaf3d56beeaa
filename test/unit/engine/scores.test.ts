/** The methods about scores, called as a window calls them, on images whose scores were made up. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { WindowContract } from '../../../src/contract/methods.ts';
import type { Engine } from '../../../src/engine/engine.ts';
import type { Client } from '../../../src/rpc/client.ts';
import { DETECTORS as INVENTED } from '../../../src/renderer/dev/fake/detectors.ts';
import { engineClient } from '../../support/engine-client.ts';
import { temporaryFolder } from '../../support/image-folders.ts';
import { addModel, manifestOf, openWorkspace, saveScores, type MadeUpImage, type MadeUpScore } from '../../support/scored-workspace.ts'; // prettier-ignore

// Two training, twenty validation and four test images, then three of another kind.
const idImages: readonly MadeUpImage[] = [
  { path: 'cat/train.png', split: 'train', label: 0 },
  { path: 'dog/train.png', split: 'train', label: 1 },
  ...Array.from({ length: 20 }, (_, i) => ({ path: `cat/val-${i}.png`, split: 'val' as const, label: 0 })), // prettier-ignore
  { path: 'cat/a.png', split: 'test', label: 0 },
  { path: 'cat/b.png', split: 'test', label: 0 },
  { path: 'dog/c.png', split: 'test', label: 1 },
  { path: 'dog/d.png', split: 'test', label: 1 },
];
const oodImages: readonly MadeUpImage[] = ['x', 'y', 'z'].map((name) => ({
  path: `${name}.png`,
  split: null,
  label: null,
}));
const said = (ordinal: number, score: number, predicted: number, features: readonly number[]): MadeUpScore => ({ ordinal, score, predicted, features }); // prettier-ignore
// Stored out of order, as scoring by split does.
const idScores: readonly MadeUpScore[] = [
  ...Array.from({ length: 20 }, (_, i) => said(2 + i, 1 + i, 0, [1, 1, 0])),
  said(22, 8, 0, [3, 0, 0.001]),
  said(23, 2, 1, [1, 2, 0]),
  said(24, 6, 1, [0, 2, 0]),
  said(25, 4, 1, [0, 1, 1]),
  said(0, 9, 0, [2, 0, 0]),
  said(1, 9, 1, [0, 3, 0]),
];
const oodScores = [said(0, 1, 0, [1, 1, 1]), said(1, 5, 1, [0, 4, 0]), said(2, 3, 0, [0, 0, 0])];

let engine: Engine;
let client: Client<WindowContract>;
let modelId = '';
let idDatasetId = '';
let oodId = '';
const scope = () => ({ modelId, detector: 'energy', idDatasetId, split: 'test' as const, oodDatasetIds: [oodId] }); // prettier-ignore

const scopeOfAll = () => ({ modelId, idDatasetId, split: 'test' as const, oodDatasetIds: [oodId] });

beforeAll(async () => {
  const workspace = temporaryFolder();
  const made = openWorkspace(workspace);
  idDatasetId = made.registerDataset(manifestOf('pets', idImages)).id;
  oodId = made.registerDataset(manifestOf('others', oodImages)).id;
  modelId = addModel(made, 'model', 'before');
  await saveScores(made, modelId, idDatasetId, idScores);
  await saveScores(made, modelId, oodId, oodScores);
  made.close();
  ({ engine, client } = engineClient(workspace));
});
afterAll(() => engine.shutdown());

describe('scores.overview', () => {
  it('tells distributions, thresholds and metrics of the test images only', async () => {
    const overview = await client.call('scores.overview', scope());
    const [id, ood] = overview.distributions;
    expect([...id!.sorted]).toEqual([2, 4, 6, 8]);
    // From the right: 8 is right, 6 too, 4 too, 2 is a cat taken for a dog.
    expect([...id!.correctFrom!]).toEqual([3, 3, 2, 1]);
    expect([...ood!.sorted]).toEqual([1, 3, 5]);
    expect(overview.validation.sorted).toHaveLength(20);
    // 19 of the validation scores 1 to 20 are at least 2.
    expect(overview.defaultThreshold).toBe(2);
    expect(overview.idAccuracy.value).toBe(0.75);
    const [metrics] = overview.metrics;
    // δ of the test images is 2: 3 and 5 are accepted.
    expect(metrics!.fpr95.value).toBeCloseTo(2 / 3, 12);
    // Of the twelve pairs three are the wrong way round: 2 against 3 and 5, 4 against 5.
    expect(metrics!.auroc.value).toBeCloseTo(9 / 12, 12);
    expect(metrics!.n).toBe(3);
    // Σ|g| of the four test images: 3.001, 3, 2 and 2.
    expect(overview.featureL1).toBeCloseTo(10.001 / 4, 6);
    // Of twelve activations six are 0, and 0.001 is below a thousandth of the largest, 3.
    expect(overview.nearZeroUnits).toBeCloseTo(6 / 12, 12);
  });

  it('leaves metrics out without OOD sets', async () => {
    const overview = await client.call('scores.overview', { ...scope(), oodDatasetIds: [] });
    expect(overview.metrics).toEqual([]);
    expect(overview.average).toBeNull();
  });

  it('says what to do when a set is not scored under a detector or a model', async () => {
    await expect(
      client.call('scores.overview', { ...scope(), idDatasetId: oodId }),
    ).rejects.toThrow(/others is an out-of-distribution set/);
    await expect(client.call('scores.overview', { ...scope(), detector: 'magic' })).rejects.toThrow(
      /Score "magic": not known/,
    );
  });
});

describe('scores.distributions', () => {
  it('tells what the threshold is drawn over, as the overview does, without the metrics', async () => {
    const { distributions, validation, defaultThreshold } = await client.call('scores.distributions', scope()); // prettier-ignore
    expect(distributions.map(({ sorted }) => [...sorted])).toEqual([
      [2, 4, 6, 8],
      [1, 3, 5],
    ]);
    expect([...distributions[0]!.correctFrom!]).toEqual([3, 3, 2, 1]);
    expect(validation.sorted).toHaveLength(20);
    expect(defaultThreshold).toBe(2);
  });
});

describe('images of a scope', () => {
  const paths = async (
    filter: object,
    by: 'score' | 'threshold-distance',
    direction: 'ascending' | 'descending',
  ) => {
    const list = await client.call('images.query', { scope: scope(), filter, sort: { by, direction } }); // prettier-ignore
    return Array.from(list.ordinals, (ordinal, i) => {
      const id = list.datasetIds[list.datasets[i]!] === idDatasetId;
      return (id ? idImages : oodImages)[ordinal]!.path;
    });
  };

  it('come worst first around the default threshold, then around the one a person chose', async () => {
    const filter = { splits: ['test'] };
    // δ = 2: OOD 5 and 3 are accepted by 3 and 1; ID 2 lies on the threshold, and so on.
    expect(await paths(filter, 'threshold-distance', 'descending')).toEqual(['y.png', 'z.png', 'cat/b.png', 'x.png', 'dog/d.png', 'dog/c.png', 'cat/a.png']); // prettier-ignore
    const chosen = await client.call('thresholds.set', {
      modelId,
      detector: 'energy',
      idDatasetId,
      value: 7,
      author: 'A. Person',
      reason: 'too many others got through',
    });
    // Of the validation scores 1 to 20, those from 7 on.
    expect(chosen).toMatchObject({ keptOfValidation: 14 / 20, validationImages: 20 });
    expect(await client.call('thresholds.list', { modelId })).toEqual([chosen]);
    // δ = 7: ID 2, 4 and 6 are rejected by 5, 3 and 1; ID 8 is right by 1, OOD 5, 3, 1 by 2, 4, 6.
    expect(await paths(filter, 'threshold-distance', 'descending')).toEqual(['cat/b.png', 'dog/d.png', 'dog/c.png', 'cat/a.png', 'y.png', 'z.png', 'x.png']); // prettier-ignore
    const overview = await client.call('scores.overview', scope());
    expect(overview.thresholds).toEqual([chosen]);
    expect(overview.defaultThreshold).toBe(2);
  });

  it('are found by what the model says', async () => {
    expect(await paths({ correct: false }, 'score', 'ascending')).toEqual(['cat/b.png']);
    expect(await paths({ predicted: ['dog'], scoreMax: 5 }, 'score', 'ascending')).toEqual(['cat/b.png', 'dog/d.png', 'y.png']); // prettier-ignore
  });

  it('show what the model says in their cells', async () => {
    const [cell] = await client.call('images.cells', {
      scope: scope(),
      refs: [{ datasetId: idDatasetId, ordinal: 23 }],
    });
    expect(cell).toMatchObject({ path: 'cat/b.png', className: 'cat', predicted: 'dog', confidence: 1, score: 2 }); // prettier-ignore
  });
});

describe('one image', () => {
  it('is taken apart', async () => {
    const detail = await client.call('images.detail', {
      scope: scope(),
      ref: { datasetId: idDatasetId, ordinal: 22 },
    });
    expect(detail.energy).toBe(-8);
    expect(detail.logits.map(({ className, logit }) => [className, logit])).toEqual([
      ['cat', 8],
      ['dog', -100],
    ]);
    expect(detail.logits[0]!.share).toBeCloseTo(1, 12);
    expect(detail).toMatchObject({ activeUnits: 2, units: 3 });
    // 2, 4 and 6 of the test scores 2, 4, 6, 8 are lower.
    expect(detail.percentile).toBe(0.75);
    // [3, 0, 0.001] points along the first axis, as the cat of the training images does.
    expect(detail.neighbours.map(({ path }) => path)).toEqual(['cat/train.png', 'dog/train.png']);
    expect(detail.neighbours[0]!.similarity).toBeCloseTo(3 / Math.hypot(3, 0.001), 6);
    expect(detail.neighbours[1]!.similarity).toBeCloseTo(0, 12);
  });

  it('of the training images is not its own neighbour; all zeros are near nothing', async () => {
    const train = { datasetId: idDatasetId, ordinal: 0 };
    const { neighbours } = await client.call('images.detail', { scope: scope(), ref: train });
    expect(neighbours.map(({ path }) => path)).toEqual(['dog/train.png']);
    const silent = { datasetId: oodId, ordinal: 2 };
    const other = await client.call('images.detail', { scope: scope(), ref: silent });
    expect(other.neighbours.map(({ similarity }) => similarity)).toEqual([0, 0]);
    expect(other.activeUnits).toBe(0);
  });
});

describe('images.detectors', () => {
  it('tells an image under every detector that is at hand, with its place among the others', async () => {
    const ref = { datasetId: oodId, ordinal: 1 };
    const rows = await client.call('images.detectors', { scope: scope(), ref });
    const of = (id: string) => rows.find((row) => row.id === id)!;
    // Of the test scores 2, 4, 6, 8 two are below 5; of the others 1, 5, 3 none is above.
    expect(of('energy')).toMatchObject({ value: 5, percentile: 0.5, rank: 0, of: 3, unavailable: null }); // prettier-ignore
    expect(of('maxlogit')).toMatchObject({ value: 5, percentile: 0.5, rank: 0, of: 3 });
  });
});

describe('scores.sideBySide', () => {
  it('tells what each detector tells apart, per set and on average', async () => {
    const images = scopeOfAll();
    const found = await client.job('scores.sideBySide', { ...images, detectors: ['energy', 'maxlogit'] }); // prettier-ignore
    expect(found.sets).toEqual([{ datasetId: oodId, name: 'others', nearFar: null, n: 3 }]);
    expect(found.idImages).toBe(4);
    for (const row of found.rows) {
      expect(row.unavailable).toBeNull();
      // As in the overview: δ of the validation scores is 2; the test scores' own δ is 2 too and accepts 3 and 5.
      expect(row.threshold).toBe(2);
      expect(row.metrics[0]!.fpr95).toBeCloseTo(2 / 3, 12);
      expect(row.average!.auroc).toBeCloseTo(9 / 12, 12);
      // Shares of all images of each set.
      for (const bins of [row.histogram!.id, ...row.histogram!.ood])
        expect(bins.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 12);
      expect(row.notes).toEqual(['others has 3 images: its rates move in steps of 33 points.']);
    }
  });

  it('leaves the others standing when one detector has nothing to go on', async () => {
    const images = scopeOfAll();
    const { rows } = await client.job('scores.sideBySide', images);
    expect(rows.find(({ id }) => id === 'energy')!.unavailable).toBeNull();
    const detectors = await client.call('detectors.list', {});
    for (const { id, needs } of detectors.filter(({ backward }) => backward)) {
      expect(needs).toContain('perturbed');
      const row = rows.find((one) => one.id === id)!;
      expect(row).toMatchObject({ missing: 'perturbed', threshold: null, metrics: [], average: null }); // prettier-ignore
      expect(row.unavailable).toMatch(/slightly moved images.*straylight score/s);
    }
  });
});

describe('scores.confusion', () => {
  it('counts classes against predictions', async () => {
    const matrix = await client.call('scores.confusion', { scope: scope() });
    expect(matrix.classes).toEqual(['cat', 'dog']);
    expect([...matrix.counts]).toEqual([1, 1, 0, 2]);
    expect(matrix.accuracy).toBe(0.75);
    expect(matrix.perClass).toEqual([
      { recall: 0.5, precision: 1, n: 2 },
      { recall: 1, precision: 2 / 3, n: 2 },
    ]);
  });
});

describe('detectors.list', () => {
  it('begins with the energy, which is shown with its own sign', async () => {
    const [first, ...others] = await client.call('detectors.list', {});
    expect(first).toMatchObject({ id: 'energy', shownAs: 'negated' });
    expect(others.every(({ shownAs }) => shownAs === 'score')).toBe(true);
  });

  it('is what screens are tried on', async () => {
    expect(await client.call('detectors.list', {})).toEqual(INVENTED);
  });
});
