/** The rows of a matrix that point most nearly in the same direction as a vector. */
import { matrixBlocks, type MatrixSource } from '../store/score-matrices.ts';

export interface Neighbour {
  /** Row of the features file. */
  readonly row: number;
  /** Cosine of the angle, -1 to 1; 0 where either vector is all zeros. */
  readonly similarity: number;
}

/**
 * Nearest rows by cosine similarity, in one pass over the features file. Equal ones in the order of their rows.
 * @param rows the candidates
 * @param query features of the image that is asked about, `[units]`
 */
export async function nearestRows(
  source: MatrixSource,
  rows: Uint32Array,
  query: Float32Array,
  count: number,
): Promise<readonly Neighbour[]> {
  const candidate = new Uint8Array(source.count);
  for (const row of rows) candidate[row] = 1;
  const { units } = source;
  const length = Math.hypot(...query);
  const nearest: Neighbour[] = [];
  for await (const { from, to, data } of matrixBlocks(source, 'features'))
    for (let row = from; row < to; row++) {
      if (candidate[row] !== 1) continue;
      const similarity = cosine(data, (row - from) * units, query, length);
      if (nearest.length === count && similarity <= nearest.at(-1)!.similarity) continue;
      const place = nearest.findLastIndex((other) => other.similarity >= similarity) + 1;
      nearest.splice(place, 0, { row, similarity });
      if (nearest.length > count) nearest.pop();
    }
  return nearest;
}

function cosine(data: Float32Array, offset: number, query: Float32Array, length: number): number {
  let product = 0;
  let squares = 0;
  for (let j = 0; j < query.length; j++) {
    const value = data[offset + j]!;
    product += value * query[j]!;
    squares += value * value;
  }
  const lengths = length * Math.sqrt(squares);
  return lengths > 0 ? Math.min(1, Math.max(-1, product / lengths)) : 0;
}
