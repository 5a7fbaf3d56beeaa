import { AppError } from '../errors.ts';

const thousands = (n: number): string => n.toLocaleString('en-US');

/**
 * The largest of `width` logits from `offset` on. -Infinity (a class ruled out) is allowed beside finite logits.
 * @throws AppError `invalid-data` naming the row when a logit is NaN or +Infinity, or all are -Infinity
 */
export function rowMaximum(data: ArrayLike<number>, offset: number, width: number): number {
  let largest = -Infinity;
  for (let k = offset; k < offset + width; k++) {
    const value = data[k]!;
    if (Number.isNaN(value) || value === Infinity) {
      throw rowError(data, offset, width, `${String(value)} for class ${thousands(k - offset)}`);
    }
    if (value > largest) largest = value;
  }
  if (largest === -Infinity) throw rowError(data, offset, width, 'no finite value');
  return largest;
}

function rowError(data: ArrayLike<number>, offset: number, width: number, what: string): AppError {
  const row = offset / width;
  const rows = data.length / width;
  return new AppError(
    'invalid-data',
    `Logits: row ${thousands(row)} of ${thousands(rows)} (counted from 0) has ${what}. The model's weights are damaged or its training diverged; use its last good checkpoint.`,
    { details: { row } },
  );
}

/**
 * T log Σ_k exp(f_k / T) of one row, shifted by the largest logit so that nothing overflows.
 * @param data row-major logits, `[count, width]`
 * @param offset index of the row's first logit
 * @param temperature T > 0
 * @throws AppError when the row cannot be scored, see {@link rowMaximum}
 */
export function logSumExp(
  data: ArrayLike<number>,
  offset: number,
  width: number,
  temperature = 1,
): number {
  const largest = rowMaximum(data, offset, width);
  let sum = 0;
  for (let k = offset; k < offset + width; k++) sum += Math.exp((data[k]! - largest) / temperature);
  return largest + temperature * Math.log(sum);
}

/**
 * Softmax of one row, exp(f_k) / Σ exp(f).
 * @returns `[width]`, sums to 1
 * @throws AppError when the row cannot be scored, see {@link rowMaximum}
 */
export function softmax(data: ArrayLike<number>, offset: number, width: number): Float64Array {
  const largest = rowMaximum(data, offset, width);
  const p = new Float64Array(width);
  let sum = 0;
  for (let k = 0; k < width; k++) {
    p[k] = Math.exp(data[offset + k]! - largest);
    sum += p[k]!;
  }
  return p.map((value) => value / sum);
}
