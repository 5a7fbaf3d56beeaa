import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { AppError } from '../../../src/core/errors.ts';
import { energiesOf, energy } from '../../../src/core/score/energy.ts';
import { gen } from '../../../src/core/score/gen.ts';
import { maxLogit } from '../../../src/core/score/max-logit.ts';
import { msp } from '../../../src/core/score/msp.ts';
import { predictions } from '../../../src/core/score/predictions.ts';
import {
  detectorById,
  DETECTORS,
  LOGIT_DETECTORS,
  PRIMARY_DETECTOR,
} from '../../../src/core/score/registry.ts';
import type { Logits } from '../../../src/core/score/types.ts';

const logits = (...rows: number[][]): Logits => ({
  data: Float32Array.from(rows.flat()),
  count: rows.length,
  classes: rows[0]!.length,
});

describe('registry', () => {
  it('gives every detector by its id, energy first', () => {
    expect(DETECTORS.map((detector) => detectorById(detector.id))).toEqual(DETECTORS);
    expect(new Set(DETECTORS.map(({ id }) => id)).size).toBe(DETECTORS.length);
    expect(PRIMARY_DETECTOR).toBe(energy);
  });

  it('lists what it knows when asked for something else', () => {
    expect(() => detectorById('enrgy')).toThrow(
      /^Score "enrgy": not known\. Choose one of: energy, msp, maxlogit, gen, /,
    );
    expect(() => detectorById('toString')).toThrow(AppError);
  });
});

it('every score says what it is and costs, and stands in docs/method.md', () => {
  const method = readFileSync(new URL('../../../docs/method.md', import.meta.url), 'utf8');
  for (const detector of DETECTORS) {
    const { id, label, formula, source, sourceUrl, orientation, cost, assumes, fits } = detector;
    expect(method, id).toContain(`| \`${id}\``);
    for (const text of [label, formula, source, orientation, cost, assumes])
      expect(text.length, id).toBeGreaterThan(2);
    expect(sourceUrl ?? 'https://', id).toMatch(/^https:/);
    expect(fits === null, id).toBe(detector.fit === undefined);
  }
});

describe('closed forms', () => {
  const rows = logits([0, 0, 0, 0], [Math.log(2), Math.log(6), -1e4, -1e4]);

  it('energy is minus the log of the sum of exponentials', () => {
    const [equal, mixed] = energy.score({ logits: rows });
    expect(equal).toBeCloseTo(Math.log(4), 12);
    expect(mixed).toBeCloseTo(Math.log(8), 6);
    expect(Array.from(energiesOf([1.5, -2]))).toEqual([-1.5, 2]);
  });

  it('MSP and MaxLogit', () => {
    expect(msp.score({ logits: rows })[0]).toBe(0.25);
    expect(msp.score({ logits: rows })[1]).toBeCloseTo(0.75, 6);
    expect(maxLogit.score({ logits: rows })[1]).toBeCloseTo(Math.log(6), 6);
  });

  it('temperature: T log K for equal logits, the largest logit as T goes to 0', () => {
    expect(energy.score({ logits: rows }, { hyperparameters: { temperature: 10 } })[0]).toBeCloseTo(
      10 * Math.log(4),
      12,
    );
    const cold = energy.score(
      { logits: logits([1, 3, 2]) },
      { hyperparameters: { temperature: 0.001 } },
    )[0];
    expect(cold).toBeCloseTo(3, 12);
    expect(
      msp.score({ logits: logits([5, 1]) }, { hyperparameters: { temperature: 1e6 } })[0],
    ).toBeCloseTo(0.5, 5);
  });

  it('predictions: first of equal logits, and its probability', () => {
    const { predicted, confidence } = predictions(logits([1, 1, 0], [0, 0, Math.log(2)]));
    expect(Array.from(predicted)).toEqual([0, 2]);
    expect(confidence[1]).toBeCloseTo(0.5, 6);
  });
});

describe.each([...LOGIT_DETECTORS, gen])('$id', (detector) => {
  it('says what it is', () => {
    for (const text of [detector.label, detector.formula, detector.source, detector.orientation]) {
      expect(text.length).toBeGreaterThan(2);
    }
    expect(detector.needs).toContain('logits');
  });

  it('is larger for a sure image than for an unsure one', () => {
    const [sure, unsure] = detector.score({ logits: logits([9, 0, 0], [1, 1, 1]) });
    expect(sure).toBeGreaterThan(unsure!);
  });

  it('scores in parts what it scores at once', () => {
    const rows = [
      [1, 2, 3],
      [-4, 0, 4],
      [7, 7, 1],
    ];
    const once = detector.score({ logits: logits(...rows) });
    expect(rows.map((row) => detector.score({ logits: logits(row) })[0])).toEqual(Array.from(once));
  });

  it('stays finite at ±1e4 and with a class ruled out', () => {
    const scores = detector.score({
      logits: logits([1e4, -1e4], [-1e4, -1e4], [1e4, 1e4], [-Infinity, 3]),
    });
    expect(scores.every((score) => Number.isFinite(score))).toBe(true);
  });

  it('names the row it cannot score', () => {
    const bad = (row: number[]) => () => detector.score({ logits: logits([1, 2], [3, 4], row) });
    expect(bad([NaN, 1])).toThrow(/Logits: row 2 of 3 .* NaN for class 0/);
    expect(bad([0, Infinity])).toThrow(/row 2 of 3 .* Infinity for class 1/);
    expect(bad([-Infinity, -Infinity])).toThrow(/row 2 of 3 .* no finite value/);
  });

  it('refuses missing logits, a wrong shape, no images and settings it does not have', () => {
    expect(() => detector.score({})).toThrow(/needs logits/);
    const cut = { data: new Float32Array(5), count: 2, classes: 3 };
    expect(() => detector.score({ logits: cut })).toThrow(/5 values do not make 2 images of 3/);
    const none = { data: new Float32Array(0), count: 0, classes: 3 };
    expect(() => detector.score({ logits: none })).toThrow(AppError);
    expect(() =>
      detector.score({ logits: logits([1, 2]) }, { hyperparameters: { temprature: 2 } }),
    ).toThrow(/has no setting "temprature"/);
  });
});

it('a temperature must be positive', () => {
  for (const temperature of [0, -1, NaN]) {
    expect(() =>
      energy.score({ logits: logits([1, 2]) }, { hyperparameters: { temperature } }),
    ).toThrow(/temperature T is .* but must lie between/);
  }
});
