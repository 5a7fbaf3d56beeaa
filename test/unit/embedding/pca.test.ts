/** Against scikit-learn's PCA with a full decomposition: test/fixtures/pca/make.py. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { principalAxes, project } from '../../../src/core/embedding/pca.ts';

interface Case {
  readonly name: string;
  readonly rows: number;
  readonly columns: number;
  readonly data: readonly number[];
  readonly mean: readonly number[];
  readonly axes: readonly (readonly number[])[];
  readonly explained: readonly number[];
  readonly points: readonly number[];
}
const { cases } = JSON.parse(readFileSync('test/fixtures/pca/pca.json', 'utf8')) as {
  readonly cases: readonly Case[];
};

const close = (actual: ArrayLike<number>, expected: readonly number[], digits: number): void => {
  expect(actual.length).toBe(expected.length);
  expected.forEach((value, i) => expect(actual[i]).toBeCloseTo(value, digits));
};

describe('principal components', () => {
  it.each(cases)('agree with scikit-learn: $name', (known) => {
    const data = Float32Array.from(known.data);
    const found = principalAxes(data, known.columns, 2);
    close(found.mean, known.mean, 9);
    close(found.explained, known.explained, 9);
    found.axes.forEach((axis, i) => close(axis, known.axes[i]!, 5));
    close(project(data, found), known.points, 3);
  });

  it('of rows that are all equal explain nothing and are finite', () => {
    const found = principalAxes(new Float32Array(30).fill(4), 3, 2);
    expect(found.explained).toEqual([0, 0]);
    expect([...project(Float32Array.of(4, 4, 4), found)]).toEqual([0, 0]);
  });

  it('of a single column and of a single row are defined', () => {
    expect(principalAxes(Float32Array.of(1, 2, 6), 1, 1).explained).toEqual([1]);
    expect(principalAxes(Float32Array.of(1, 2, 6), 3, 2).explained).toEqual([0, 0]);
  });
});
