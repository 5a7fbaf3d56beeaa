import { AppError } from '../errors.ts';

const plural = (n: number): string => n.toLocaleString('en-US');

/**
 * Numbers that a metric may rely on: at least one, and none of them NaN. Infinities can be ranked and pass.
 * @param values any array of numbers
 * @param name what they are, as the error names it, e.g. `ID scores`
 * @returns the same values as a new Float64Array, so that callers may sort it
 * @throws AppError `invalid-data` when empty or when a value is NaN
 */
export function checkedScores(values: ArrayLike<number>, name: string): Float64Array {
  if (values.length === 0) {
    throw new AppError(
      'invalid-data',
      `${name}: there are none. A metric needs at least one image on each side; check that the set has readable images.`,
    );
  }
  const copy = Float64Array.from(values);
  const bad = copy.findIndex((value) => Number.isNaN(value));
  if (bad >= 0) {
    throw new AppError(
      'invalid-data',
      `${name}: value ${plural(bad + 1)} of ${plural(copy.length)} is not a number (NaN). Score the images again; if it stays, the model's weights are damaged or its training diverged.`,
      { details: { index: bad } },
    );
  }
  return copy;
}

/**
 * Throws when two columns that describe the same images differ in length.
 * @throws AppError `invalid-data`
 */
export function checkSameLength(
  a: ArrayLike<unknown>,
  nameA: string,
  b: ArrayLike<unknown>,
  nameB: string,
): void {
  if (a.length === b.length) return;
  throw new AppError(
    'invalid-data',
    `${nameA} has ${plural(a.length)} values and ${nameB} has ${plural(b.length)}. Both must hold one value per image, in the same order; score the same images again.`,
  );
}
