/** What detectors do with training data and images that are not as they should be: a message, or a stated fallback. */
import { describe, expect, it } from 'vitest';
import { fillBank } from '../../../src/core/score/bank.ts';
import { DETECTORS, detectorById } from '../../../src/core/score/registry.ts';
import { TrainingReader } from '../../../src/core/score/training-reader.ts';
import type { ScoreContext, TrainingData } from '../../../src/core/score/types.ts';
import { featuresOf, imagesOf, trainingOf, type Fixture } from './small-training.ts';

/** Twelve training images of three classes, each with its own unit; the fourth unit is noise. */
const training = Array.from({ length: 12 }, (_, i) => [0, 1, 2, 3].map((j) => (j === i % 3 ? 3 : 0) + ((7 * i + 5 * j) % 4) / 4)); // prettier-ignore
const weights = [[1, 0, 0], [0, 1, 0], [0, 0, 1], [0.25, -0.25, 0.5]]; // prettier-ignore
const bias = [0.5, -0.25, 0];
const logitsFor = (rows: readonly (readonly number[])[]) =>
  rows.map((row) =>
    bias.map((b, k) => row.reduce((sum, value, j) => sum + value * weights[j]![k]!, b)),
  );
const images = [[2, 0.5, 0, 1], [0, 0, 0.5, 3]]; // prettier-ignore
const labels = training.map((_, i) => i % 3);
const base: Fixture = {
  weights,
  bias,
  training,
  labels,
  trainingLogits: logitsFor(training),
  images,
  logits: logitsFor(images),
};
const settings = (id: string) => (id === 'knn' || id === 'nnguide' ? { k: 2 } : {});
const fitting = DETECTORS.filter(({ fit }) => fit).map(({ id }) => id);

async function fitOf(id: string, data: TrainingData): Promise<ScoreContext> {
  const hyperparameters = settings(id);
  return { hyperparameters, fitted: await detectorById(id).fit!(data, { hyperparameters }) };
}

const scoresOf = async (id: string, context: ScoreContext, fixture = base) =>
  Array.from(await detectorById(id).score(imagesOf(fixture), context));

describe.each(fitting)('%s', (id) => {
  it('leaves out training images of classes that the model does not have, and says so', async () => {
    const unknown = { ...base, training: [...training, [9, 9, 9, 9]], labels: [...labels, -1] };
    const context = await fitOf(
      id,
      trainingOf({ ...unknown, trainingLogits: logitsFor(unknown.training) }),
    );
    expect(context.fitted!.notes.join(' ')).toMatch(
      /does not have their class: 1 of the training images/,
    );
    expect(await scoresOf(id, context)).toEqual(
      await scoresOf(id, await fitOf(id, trainingOf(base))),
    );
  });

  it('refuses training data without a class of the model', async () => {
    const data = trainingOf({ ...base, labels: labels.map(() => -1) });
    await expect(fitOf(id, data)).rejects.toThrow(/no image of a class that the model knows/);
  });

  it('names the training image that has NaN, counted over all blocks', async () => {
    const bad = (rows: readonly (readonly number[])[]) =>
      rows.map((row, i) => (i === 7 ? row.map(() => NaN) : row));
    const data = trainingOf({
      ...base,
      training: bad(training),
      trainingLogits: bad(base.trainingLogits),
    });
    await expect(fitOf(id, data)).rejects.toThrow(/row 7 .* has a value that is NaN or infinite/);
  });

  it('stops when told to', async () => {
    const signal = AbortSignal.abort();
    const context = { hyperparameters: settings(id), signal };
    await expect(detectorById(id).fit!(trainingOf(base), context)).rejects.toThrow(/Cancelled/);
  });

  it('refuses to score before it is fitted, and settings it does not have', async () => {
    const score = async (context: ScoreContext) =>
      detectorById(id).score(imagesOf(base), { hyperparameters: settings(id), ...context });
    await expect(score({})).rejects.toThrow(/must be fitted on training images first/);
    const context = await fitOf(id, trainingOf(base));
    await expect(score({ ...context, hyperparameters: { q: 1 } })).rejects.toThrow(
      /has no setting "q"/,
    );
  });
});

describe.each(DETECTORS.map(({ id }) => id))('%s', (id) => {
  it('names the image that has NaN', async () => {
    const fitted = detectorById(id).fit ? await fitOf(id, trainingOf(base)) : {};
    const nan = [images[0]!, [NaN, 0, 0, 0]];
    const fixture = { ...base, images: nan, logits: logitsFor(nan) };
    const inputs = { ...imagesOf(fixture), perturbed: imagesOf(fixture).logits! };
    const score = async () => detectorById(id).score(inputs, fitted);
    await expect(score()).rejects.toThrow(/row 1 .*NaN/);
  });

  it('refuses inputs that are missing', async () => {
    const fitted = detectorById(id).fit ? await fitOf(id, trainingOf(base)) : {};
    await expect((async () => detectorById(id).score({}, fitted))()).rejects.toThrow(/needs /);
  });
});

describe('a class without training images', () => {
  const keep = labels.flatMap((label, i) => (label === 1 ? [] : [i]));
  const without = trainingOf({
    ...base,
    training: keep.map((i) => training[i]!),
    labels: keep.map((i) => labels[i]!),
    trainingLogits: keep.map((i) => base.trainingLogits[i]!),
  });

  it.each(['mahalanobis', 'relative-mahalanobis', 'mahalanobis-stages', 'she', 'kl-matching'])(
    '%s says which, and still scores',
    async (id) => {
      const context = await fitOf(id, without);
      expect(context.fitted!.notes.join(' ')).toMatch(/class-1/);
      for (const score of await scoresOf(id, context)) expect(score).toSatisfy(Number.isFinite);
    },
  );
});

describe('a singular covariance', () => {
  // A unit that is never active while training.
  const dead = training.map((row) => [...row.slice(0, 3), 0]);
  const fixture = { ...base, training: dead, trainingLogits: logitsFor(dead) };

  it('is inverted where training images vary, and said to be singular', async () => {
    const context = await fitOf('mahalanobis', trainingOf(fixture));
    expect(context.fitted!.notes.join(' ')).toMatch(/of 4 units has rank 3 .*pseudo-inverse/);
    // The fourth unit of an image changes nothing.
    const other = images.map((row) => [...row.slice(0, 3), 100]);
    const [ours, moved] = [
      await scoresOf('mahalanobis', context),
      await scoresOf('mahalanobis', context, { ...fixture, images: other }),
    ];
    ours.forEach((score, i) => {
      expect(moved[i]).toBeCloseTo(score, 6);
    });
  });

  it('of images that do not vary at all is refused', async () => {
    const same = training.map(() => [1, 2, 3, 4]);
    const data = trainingOf({ ...base, training: same, trainingLogits: logitsFor(same) });
    await expect(fitOf('mahalanobis', data)).rejects.toThrow(/do not vary/);
    await expect(fitOf('relative-mahalanobis', data)).rejects.toThrow(/do not vary/);
  });
});

describe('more neighbours than training images', () => {
  it.each(['knn', 'nnguide'])('%s says how many there are', async (id) => {
    const fit = detectorById(id).fit!(trainingOf(base), { hyperparameters: { k: 13 } });
    await expect(fit).rejects.toThrow(/13.* only 12 training images. Choose k of 12 at most/);
  });
});

describe('more training images than are kept', () => {
  const bank = (most: number) =>
    fillBank(new TrainingReader(trainingOf(base), 'knn', undefined), ['features'], undefined, most);

  it('a sample is drawn, the same each time, and the note tells its size', async () => {
    const [first, second] = [await bank(5), await bank(5)];
    expect(first.count).toBe(5);
    expect(first.notes.join(' ')).toMatch(/Compared with 5 of 12 training images/);
    expect(second.data).toEqual(first.data);
    const all = await bank(12);
    expect(all.notes).toEqual([]);
    // Rows of the sample are rows of the whole, in the same order.
    const rows = (data: Float32Array) =>
      Array.from({ length: data.length / 4 }, (_, i) => data.slice(4 * i, 4 * i + 4).join());
    const places = rows(first.data).map((row) => rows(all.data).indexOf(row));
    expect(places.every((place) => place >= 0)).toBe(true);
  });
});

describe('an image of which no unit is active', () => {
  it.each(['knn', 'ash-s', 'scale', 'gradnorm'])('%s still scores', async (id) => {
    const context = detectorById(id).fit ? await fitOf(id, trainingOf(base)) : {};
    const zeros = [[0, 0, 0, 0]];
    const scores = await scoresOf(id, context, {
      ...base,
      images: zeros,
      logits: logitsFor(zeros),
    });
    expect(scores[0]).toSatisfy(Number.isFinite);
    // The distance of nothing to a direction is 1.
    if (id === 'knn') expect(scores[0]).toBeCloseTo(-1, 6);
  });
});

it('too many principal directions leave no residual', async () => {
  const fit = (principal: number) =>
    detectorById('residual').fit!(trainingOf(base), { hyperparameters: { principal } });
  await expect(fit(4)).rejects.toThrow(/4 principal directions of 4 units leave no residual/);
});

it.each([
  'mahalanobis',
  'mahalanobis-stages',
  'relative-mahalanobis',
  'knn',
  'nnguide',
  'vim',
  'residual',
  'she',
])('%s refuses what was fitted for features of another width', async (id) => {
  const context = await fitOf(id, trainingOf(base));
  const features = featuresOf([[1, 2, 3], [4, 5, 6]]); // prettier-ignore
  const inputs = { ...imagesOf(base), features, stages: features };
  await expect((async () => detectorById(id).score(inputs, context))()).rejects.toThrow(
    /fitted on 4 features per image, but these images have 3/,
  );
});

it('features of another width than the last layer are refused', async () => {
  const inputs = { ...imagesOf(base), features: featuresOf([[1, 2, 3]]) };
  const score = async () => detectorById('ash-s').score(inputs);
  await expect(score()).rejects.toThrow(/3 units per image, but the model's last layer takes 4/);
});
