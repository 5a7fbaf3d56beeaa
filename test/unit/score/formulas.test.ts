/** Each score on a few made-up images against its formula in numpy (test/fixtures/scores/make.py). */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { DETECTORS, detectorById } from '../../../src/core/score/registry.ts';
import type { DetectorInputs, ScoreContext } from '../../../src/core/score/types.ts';
import { featuresOf, imagesOf, lastLayer, trainingOf, type Fixture } from './small-training.ts';

const fixture = JSON.parse(
  readFileSync(new URL('../../fixtures/scores/scores.json', import.meta.url), 'utf8'),
) as Fixture & { readonly scores: Readonly<Record<string, readonly number[]>> };

const HYPERPARAMETERS: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  knn: { k: 3 },
  nnguide: { k: 3 },
};

async function fitted(
  id: string,
  hyperparameters = HYPERPARAMETERS[id] ?? {},
): Promise<ScoreContext> {
  const fit = await detectorById(id).fit?.(trainingOf(fixture), { hyperparameters });
  return { hyperparameters, ...(fit ? { fitted: fit } : {}) };
}

const images = imagesOf(fixture);

describe.each(Object.keys(fixture.scores))('%s', (id) => {
  const detector = detectorById(id);

  it('is what its formula gives in numpy', async () => {
    const scores = await detector.score(images, await fitted(id));
    fixture.scores[id]!.forEach((expected, i) => {
      expect(scores[i], `image ${i}`).toBeCloseTo(expected, 5);
    });
  });

  it('scores in parts what it scores at once', async () => {
    const context = await fitted(id);
    const once = await detector.score(images, context);
    const count = fixture.images.length;
    for (let i = 0; i < count; i++) {
      const one = await detector.score(rowOf(images, i), context);
      expect(Array.from(one)).toEqual([once[i]]);
    }
  });

  it('has nothing to note when all classes are there, and is the same when fitted again', async () => {
    const [first, second] = [await fitted(id), await fitted(id)];
    expect(first.fitted?.notes ?? []).toEqual([]);
    expect(second.fitted).toEqual(first.fitted);
  });
});

it('every score but ODIN and the three of logits has its formula here', () => {
  const elsewhere = ['energy', 'msp', 'maxlogit', 'odin'];
  expect(DETECTORS.map(({ id }) => id).filter((id) => !(id in fixture.scores))).toEqual(elsewhere);
});

describe('settings', () => {
  it('a percentile of 0 keeps every unit: DICE and ASH-P are then the plain energy', async () => {
    const expected = await detectorById('energy').score({ logits: images.logits! });
    const ash = await detectorById('ash-p').score(images, { hyperparameters: { percentile: 0 } });
    ash.forEach((score, i) => {
      expect(score).toBeCloseTo(expected[i]!, 5);
    });
  });

  it('k = 1 of a training image is that image, at distance 0', async () => {
    const context = await fitted('knn', { k: 1 });
    const training = { features: featuresOf(fixture.training), lastLayer: lastLayer(fixture) };
    for (const score of await detectorById('knn').score(training, context))
      expect(score).toBeCloseTo(0, 6);
  });

  it('GEN of the M largest probabilities leaves the others out', async () => {
    const logits = { data: Float32Array.of(0, 0, 0, 0), count: 1, classes: 4 };
    const [all] = await detectorById('gen').score({ logits });
    const [two] = await detectorById('gen').score({ logits }, { hyperparameters: { classes: 2 } });
    expect(two).toBeCloseTo(all! / 2, 12);
    // −4 · (1/4 · 3/4)^0.1
    expect(all).toBeCloseTo(-4 * 0.1875 ** 0.1, 12);
  });

  it('ODIN is the softmax of the moved images at its temperature', async () => {
    const perturbed = { data: Float32Array.of(1000 * Math.log(3), 0), count: 1, classes: 2 };
    const [score] = await detectorById('odin').score({ perturbed });
    expect(score).toBeCloseTo(0.75, 6);
  });
});

function rowOf(inputs: DetectorInputs, row: number): DetectorInputs {
  const { logits, features, stages } = inputs;
  const part = (data: Float32Array, width: number) => data.slice(row * width, (row + 1) * width);
  return {
    ...inputs,
    logits: { ...logits!, data: part(logits!.data, logits!.classes), count: 1 },
    features: { ...features!, data: part(features!.data, features!.units), count: 1 },
    stages: { ...stages!, data: part(stages!.data, stages!.units), count: 1 },
  };
}
