/** Scores of stored images under any detector, read from their logits and features in blocks. */
import { AppError } from '../errors.ts';
import type { Detector, DetectorInputs } from '../score/types.ts';
import { matrixBlocks, type MatrixSource } from '../store/score-matrices.ts';
import type { StoredScores } from '../store/scores.ts';

/**
 * @returns S per image in the order of `stored.rows`, larger = more in-distribution
 * @throws AppError `invalid-data` when the detector needs features and they were not kept
 */
export async function detectorScores(
  stored: StoredScores,
  detector: Detector,
): Promise<Float64Array> {
  // Energies are stored: with T = 1 they are this score with its sign turned.
  if (detector.id === 'energy') return stored.energies.map((energy) => 0 - energy);
  return computeScores(stored, detector);
}

/** Like `detectorScores`, always from the matrices. */
export async function computeScores(
  stored: MatrixSource,
  detector: Detector,
): Promise<Float64Array> {
  const { classes, units, count } = stored;
  const needsFeatures = detector.needs.includes('features');
  if (needsFeatures && units === 0)
    throw new AppError(
      'invalid-data',
      `${detector.label} needs penultimate features, which were not kept when these images were scored. Free some space and score them again.`,
    );
  const scores = new Float64Array(count);
  const features = needsFeatures ? matrixBlocks(stored, 'features') : null;
  const pending = { from: 0, data: new Float32Array(0) };
  for await (const { from, to, data } of matrixBlocks(stored, 'logits')) {
    const inputs: DetectorInputs = {
      logits: { data, count: to - from, classes },
      ...(features ? { features: await nextRows(features, pending, to - from, units) } : {}),
    };
    scores.set(await detector.score(inputs), from);
  }
  return scores;
}

/** The next `count` rows of a stream of blocks whose ends lie elsewhere. */
async function nextRows(
  blocks: AsyncGenerator<{ readonly data: Float32Array }>,
  pending: { from: number; data: Float32Array },
  count: number,
  units: number,
) {
  const rows = new Float32Array(count * units);
  for (let filled = 0; filled < rows.length;) {
    if (pending.from === pending.data.length) {
      const next = await blocks.next();
      if (next.done) throw new AppError('internal', 'Fewer features than logits are stored.');
      pending.data = next.value.data;
      pending.from = 0;
    }
    const part = pending.data.subarray(pending.from, pending.from + rows.length - filled);
    rows.set(part, filled);
    filled += part.length;
    pending.from += part.length;
  }
  return { data: rows, count, units };
}
