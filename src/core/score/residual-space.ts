/** The directions in which ID training features hardly vary: what ViM and Residual look at. */
import { eigenbasis } from '../linalg/symmetric.ts';
import { plainAlgebra } from '../linalg/plain-algebra.ts';
import { pseudoInverse } from '../linalg/symmetric.ts';
import { AppError } from '../errors.ts';
import { featureMoments, project, scatterAbout } from './gaussian.ts';
import type { TrainingReader } from './training-reader.ts';
import type { Features, Hyperparameter, LastLayer, NumberArray, ScoreContext } from './types.ts';

/** Number of principal directions; 0 stands for the rule. */
export const PRINCIPAL: Hyperparameter = {
  label: 'principal directions D (0: by rule)',
  default: 0,
  min: 0,
  max: 1e6,
};

/**
 * ViM's rule for the number of principal directions: 1000 from 2048 units on, 512 from 768 on (Wang et al. 2022,
 * section 4.3), else half of the units, as their code advises for narrow networks.
 */
export const principalByRule = (units: number): number =>
  units >= 2048 ? 1000 : units >= 768 ? 512 : Math.floor(units / 2);

export interface ResidualSpace {
  /** Orthonormal directions, `[units, units − D]`. */
  readonly directions: NumberArray;
  /** The origin u = −(Wᵀ)⁺ b in those directions, `[units − D]`. */
  readonly origin: NumberArray;
}

/**
 * @param principal D, or 0 for the rule
 * @throws AppError `usage` when D leaves no direction
 */
export async function fitResidualSpace(
  reader: TrainingReader,
  detectorId: string,
  principal: number,
  context: ScoreContext | undefined,
): Promise<ResidualSpace> {
  const moments = await featureMoments(reader, 'features', context);
  const { units } = moments;
  const kept = principal === 0 ? principalByRule(units) : Math.round(principal);
  if (kept >= units)
    throw new AppError(
      'usage',
      `Score ${detectorId}: ${kept} principal directions of ${units} units leave no residual. Choose fewer than ${units}, or 0 for the rule.`,
    );
  const origin = originOf(reader.training.lastLayer);
  const { vectors } = eigenbasis(scatterAbout(moments, origin), units);
  const width = units - kept;
  const directions = new Float64Array(units * width);
  for (let i = 0; i < units; i++)
    for (let k = 0; k < width; k++) directions[i * width + k] = vectors[i * units + kept + k]!;
  return {
    directions: { shape: [units, width], data: directions },
    origin: { shape: [width], data: project(origin, 1, directions, width) },
  };
}

/** The feature vector that makes all logits 0 (or nearly so): −(Wᵀ)⁺ b. */
function originOf({ weights, bias, units, classes }: LastLayer): Float64Array {
  const inverse = pseudoInverse(weights, units, classes);
  // inverse is [classes, units]: bᵀ · W⁺.
  return project(Float64Array.from(bias), 1, inverse, units).map((value) => 0 - value);
}

/** Length of each image's part in the residual space. */
export async function residuals(
  { data, count, units }: Features,
  directions: Float64Array,
  origin: Float64Array,
  context: ScoreContext | undefined,
): Promise<Float64Array> {
  const width = directions.length / units;
  const algebra = context?.algebra ?? plainAlgebra;
  const operand = algebra.prepare(directions, { inner: units, columns: width });
  const z = await operand.multiply(data, count);
  return Float64Array.from({ length: count }, (_, row) => {
    let square = 0;
    for (let j = 0; j < width; j++) square += (z[row * width + j]! - origin[j]!) ** 2;
    return Math.sqrt(square);
  });
}
