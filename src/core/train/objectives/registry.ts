/** Every objective there is. */
import { AppError } from '../../errors.ts';
import { confidenceCalibrated } from './confidence-calibrated.ts';
import { crossEntropy } from './cross-entropy.ts';
import { energyMargin } from './energy-margin.ts';
import { logitNorm } from './logit-norm.ts';
import type { Objective } from './objective.ts';
import { oecc } from './oecc.ts';
import { outlierExposure } from './outlier-exposure.ts';
import { sparsity } from './sparsity.ts';

export const OBJECTIVE_IDS = [
  'cross-entropy',
  'sparsity',
  'sparsity-logits',
  'logit-norm',
  'energy-margin',
  'outlier-exposure',
  'oecc',
  'confidence-calibrated',
] as const;

export type ObjectiveId = (typeof OBJECTIVE_IDS)[number];

const OBJECTIVES: Readonly<Record<ObjectiveId, Objective>> = {
  'cross-entropy': crossEntropy,
  sparsity: sparsity('features'),
  'sparsity-logits': sparsity('logits'),
  'logit-norm': logitNorm,
  'energy-margin': energyMargin,
  'outlier-exposure': outlierExposure,
  oecc,
  'confidence-calibrated': confidenceCalibrated,
};

/** @throws AppError `usage` naming the known objectives */
export function objectiveNamed(id: string): Objective {
  if (!Object.hasOwn(OBJECTIVES, id))
    throw new AppError(
      'usage',
      `Unknown objective "${id}". Choose one of: ${OBJECTIVE_IDS.join(', ')}.`,
    );
  return OBJECTIVES[id as ObjectiveId];
}
