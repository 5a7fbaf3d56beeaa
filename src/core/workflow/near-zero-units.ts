/** How many activations of some images are near zero, read from the features file in blocks. */
import { NEAR_ZERO_SHARE } from '../score/sparsity.ts';
import { matrixBlocks, type MatrixSource } from '../store/score-matrices.ts';

/**
 * Share of all unit activations of the images that lie below 1e-3 of their largest; see `featureStatistics`.
 * @param rows of the features file
 */
export async function nearZeroUnits(source: MatrixSource, rows: Uint32Array): Promise<number> {
  let largest = 0;
  await forEachRow(source, rows, (row) => {
    for (const value of row) largest = Math.max(largest, Math.abs(value));
  });
  const limit = NEAR_ZERO_SHARE * largest;
  let near = 0;
  await forEachRow(source, rows, (row) => {
    for (const value of row) if (largest === 0 || Math.abs(value) < limit) near++;
  });
  return near / (rows.length * source.units);
}

/** Calls back with the features of each wanted row, in the order of the file. */
export async function forEachRow(
  source: MatrixSource,
  rows: Uint32Array,
  visit: (features: Float32Array, row: number) => void,
): Promise<void> {
  const wanted = new Uint8Array(source.count);
  for (const row of rows) wanted[row] = 1;
  const { units } = source;
  for await (const { from, to, data } of matrixBlocks(source, 'features'))
    for (let row = from; row < to; row++)
      if (wanted[row] === 1) visit(data.subarray((row - from) * units, (row - from + 1) * units), row); // prettier-ignore
}
