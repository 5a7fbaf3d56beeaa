import { describe, expect, it } from 'vitest';
import { DETECTORS, detectorById } from '../../../src/core/score/registry.ts';
import { candidatesOf, tune } from '../../../src/core/score/tune.ts';

const of = (...values: number[]) => Float64Array.from(values);

describe('what may be tried', () => {
  it('begins with the defaults and holds every value of the grid once', () => {
    const odin = candidatesOf(detectorById('odin'));
    expect(odin[0]).toEqual({ epsilon: 0.0014 });
    expect(odin.map(({ epsilon }) => epsilon).toSorted((a, b) => a! - b!)).toEqual([
      0, 0.0004, 0.0008, 0.0014, 0.002, 0.0024, 0.003, 0.004,
    ]);
    expect(candidatesOf(detectorById('msp'))).toEqual([{}]);
  });

  it('lies within what the detector takes', () => {
    for (const { id, grid = {}, hyperparameters } of DETECTORS)
      for (const [name, values] of Object.entries(grid)) {
        const { min, max, default: standard } = hyperparameters[name]!;
        expect(values, `${id} ${name}`).toContain(standard);
        for (const value of values) expect(value >= min && value <= max).toBe(true);
      }
  });
});

describe('without OOD images', () => {
  it('ODIN takes the step with the largest mean score on ID validation images', () => {
    const tuning = tune(
      detectorById('odin'),
      [
        { hyperparameters: { epsilon: 0.0014 }, id: of(0.1, 0.3) },
        { hyperparameters: { epsilon: 0.002 }, id: of(0.5, 0.1) },
        { hyperparameters: { epsilon: 0.004 }, id: of(0.2, 0.2) },
      ],
      null,
    );
    expect(tuning.hyperparameters).toEqual({ epsilon: 0.002 });
    expect(tuning.basis).toBe('ID validation');
    expect(tuning.tried.map(({ value }) => value)).toEqual([0.2, 0.3, 0.2]);
    expect(tuning.statement).toBe(
      'ODIN: step ε = 0.002, of 3 choices, by the largest mean score on 2 ID validation images (Hsu et al. 2020). No OOD image was used.',
    );
  });

  it('keeps the defaults when all are equal', () => {
    const equal = [0.0014, 0, 0.004].map((epsilon) => ({
      hyperparameters: { epsilon },
      id: of(0.5),
    }));
    expect(tune(detectorById('odin'), equal, null).hyperparameters).toEqual({ epsilon: 0.0014 });
  });

  it('others keep their defaults, whatever the scores, and say why', () => {
    const tuning = tune(
      detectorById('knn'),
      [
        { hyperparameters: { k: 50 }, id: of(-0.5) },
        { hyperparameters: { k: 1 }, id: of(-0.1) },
      ],
      null,
    );
    expect(tuning.hyperparameters).toEqual({ k: 50 });
    expect(tuning.basis).toBe('defaults');
    expect(tuning.statement).toMatch(/KNN: the literature's defaults \(neighbour k = 50\); no published criterion/); // prettier-ignore
  });
});

describe('with a named OOD validation set', () => {
  const id = of(...Array.from({ length: 20 }, (_, i) => i));

  it('takes the lowest FPR95 there, and says that OOD images were seen', () => {
    // The 95% threshold is 1: the first choice accepts 2 of 4, the second 1 of 4.
    const tuning = tune(
      detectorById('knn'),
      [
        { hyperparameters: { k: 50 }, id, ood: of(0, 0, 5, 6) },
        { hyperparameters: { k: 10 }, id, ood: of(0, 0, 0, 1) },
      ],
      'scenes',
    );
    expect(tuning.hyperparameters).toEqual({ k: 10 });
    expect(tuning.tried.map(({ value }) => value)).toEqual([0.5, 0.25]);
    expect(tuning.statement).toMatch(/lowest FPR95 on 4 images of the OOD validation set scenes .* scenes is no test set for it/); // prettier-ignore
  });

  it('the AUROC decides between equal FPR95', () => {
    const tuning = tune(
      detectorById('knn'),
      [
        { hyperparameters: { k: 50 }, id, ood: of(15, 0) },
        { hyperparameters: { k: 10 }, id, ood: of(5, 0) },
      ],
      'scenes',
    );
    expect(tuning.hyperparameters).toEqual({ k: 10 });
  });

  it('wants all settings to be scored there', () => {
    const candidates = [{ hyperparameters: { k: 50 }, id }];
    expect(() => tune(detectorById('knn'), candidates, 'scenes')).toThrow(/not all settings/);
  });
});

it('refuses to tune on nothing or on NaN', () => {
  const odin = detectorById('odin');
  const hyperparameters = { epsilon: 0 };
  expect(() => tune(odin, [{ hyperparameters, id: of() }], null)).toThrow(
    /no ID validation image. Give the ID dataset a validation split/,
  );
  const two = [of(1), of(NaN)].map((scores) => ({ hyperparameters, id: scores }));
  expect(() => tune(odin, two, null)).toThrow(/NaN or infinite/);
});
