/** Scores of stored images under any detector, read from the model's stored outputs in blocks. */
import { AppError } from '../errors.ts';
import type { Algebra } from '../linalg/algebra.ts';
import type { Detector, Fitted, Hyperparameters } from '../score/types.ts';
import { inputBlocks, missingInput, type StoredOutputs } from './stored-inputs.ts';

/** What a detector that is more than a formula works with. */
export interface ScoringMeans {
  readonly hyperparameters?: Hyperparameters;
  readonly fitted?: Fitted | undefined;
  readonly algebra?: Algebra | undefined;
  /** Images scored so far and in all. */
  readonly report?: (done: number, total: number) => void;
}

/**
 * @returns S per image in the order of the files' rows, larger = more in-distribution
 * @throws AppError `invalid-data` when the outputs that the detector needs were not kept, or are not finite
 */
export async function computeScores(
  outputs: StoredOutputs,
  detector: Detector,
  { hyperparameters = {}, fitted, algebra, report }: ScoringMeans = {},
): Promise<Float64Array> {
  const { source } = outputs;
  const missing = missingInput(detector, source);
  if (missing !== null) throw new AppError('invalid-data', missing);
  const scores = new Float64Array(source.count);
  const context = {
    hyperparameters: settingsFor(detector, outputs, hyperparameters),
    ...(fitted ? { fitted } : {}),
    ...(algebra ? { algebra } : {}),
  };
  for await (const { rows, inputs } of inputBlocks(outputs, detector.needs)) {
    scores.set(await detector.score(inputs, context), rows[0]);
    report?.(rows[0]! + rows.length, source.count);
  }
  return scores;
}

/** Where images were moved, the temperature is the one that they were moved with. */
export function settingsFor(
  { hyperparameters: known, needs }: Detector,
  { source }: Pick<StoredOutputs, 'source'>,
  given: Hyperparameters,
): Hyperparameters {
  if (!needs.includes('perturbed') || !source.perturbed) return given;
  const recorded = Object.entries(source.perturbed).filter(([name]) => name in known);
  return { ...given, ...Object.fromEntries(recorded) };
}
