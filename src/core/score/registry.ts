import { AppError } from '../errors.ts';
import { ashB, ashP, ashS } from './ash.ts';
import { dice } from './dice.ts';
import { energy } from './energy.ts';
import { featureL1 } from './feature-l1.ts';
import { gen } from './gen.ts';
import { gradNorm } from './grad-norm.ts';
import { klMatching } from './kl-matching.ts';
import { knn } from './knn.ts';
import { mahalanobis } from './mahalanobis.ts';
import { mahalanobisStages } from './mahalanobis-stages.ts';
import { maxLogit } from './max-logit.ts';
import { msp } from './msp.ts';
import { nnGuide } from './nnguide.ts';
import { odin } from './odin.ts';
import { react } from './react.ts';
import { relativeMahalanobis } from './relative-mahalanobis.ts';
import { residual } from './residual.ts';
import { scale } from './scale.ts';
import { she } from './she.ts';
import type { Detector, LogitDetector } from './types.ts';
import { vim } from './vim.ts';

/** The scores that come from stored logits at once: the paper's, and the two baselines beside it. */
export const LOGIT_DETECTORS: readonly LogitDetector[] = [energy, msp, maxLogit];

/** Every score the product knows, in the order it is shown. Energy, the paper's, comes first. */
export const DETECTORS: readonly Detector[] = [
  ...LOGIT_DETECTORS,
  gen,
  klMatching,
  odin,
  react,
  dice,
  ashS,
  ashP,
  ashB,
  scale,
  she,
  gradNorm,
  featureL1,
  mahalanobis,
  mahalanobisStages,
  relativeMahalanobis,
  knn,
  nnGuide,
  vim,
  residual,
];

/** The score that verdicts are based on. */
export const PRIMARY_DETECTOR: LogitDetector = energy;

/**
 * The detector with this id.
 * @throws AppError `usage` listing the known ids
 */
export function detectorById(id: string): Detector {
  const found = DETECTORS.find((detector) => detector.id === id);
  if (found) return found;
  throw new AppError(
    'usage',
    `Score "${id}": not known. Choose one of: ${DETECTORS.map((detector) => detector.id).join(', ')}.`,
  );
}
