/** Which configurations make no sense, and which are known not to work. */
import { AppError } from '../errors.ts';
import { objectiveOf, scalarsOf, type TrainingConfig } from './config.ts';

/** @throws AppError `usage` naming the first setting that makes no sense and what it may be */
export function validateConfig(config: TrainingConfig): TrainingConfig {
  const { lambda, epochs, batchSize, learningRate, momentum, weightDecay, seed } = config;
  const { labelSmoothing = 0, mixup = 0 } = config;
  const problem =
    !Number.isFinite(lambda) || lambda < 0
      ? `λ must be 0 or more, not ${lambda}; 0.02 is the authors' value`
      : !Number.isInteger(epochs) || epochs < 1
        ? `epochs must be a whole number of at least 1, not ${epochs}`
        : !Number.isInteger(batchSize) || batchSize < 2
          ? `the batch size must be a whole number of at least 2, not ${batchSize}`
          : !(learningRate > 0 && learningRate < 100)
            ? `the learning rate must be above 0, not ${learningRate}`
            : !(momentum >= 0 && momentum < 1)
              ? `momentum must be at least 0 and below 1, not ${momentum}`
              : !(weightDecay >= 0 && weightDecay < 1)
                ? `weight decay must be at least 0 and below 1, not ${weightDecay}`
                : !Number.isSafeInteger(seed) || seed < 0
                  ? `the seed must be a whole number of at least 0, not ${seed}`
                  : !(labelSmoothing >= 0 && labelSmoothing < 1)
                    ? `label smoothing must be at least 0 and below 1, not ${labelSmoothing}`
                    : !(mixup >= 0 && mixup <= MOST_MIXUP)
                      ? `mixup's α must be from 0 to ${MOST_MIXUP}, not ${mixup}; 0 is none`
                      : (settingProblem(config) ?? outlierProblem(config));
  if (problem) throw new AppError('usage', `Training cannot start: ${problem}.`);
  return config;
}

const MOST_MIXUP = 100;
/** Outliers to one image; more would be an epoch of outliers with some images among them. */
const MOST_RATIO = 10;

function settingProblem(config: TrainingConfig): string | null {
  const { label, settings } = objectiveOf(config);
  for (const [name, value] of Object.entries(config.settings ?? {})) {
    const setting = settings.find((known) => known.name === name);
    if (!setting) {
      const known = settings.map((one) => one.name).join(', ');
      return `${label} has no setting ${name}${known === '' ? '' : `; it has ${known}`}`;
    }
    const { symbol, least, most } = setting;
    if (!(value >= least && value <= most))
      return `${symbol} (${name}) must be from ${least} to ${most}, not ${value}`;
  }
  return null;
}

function outlierProblem(config: TrainingConfig): string | null {
  const { label, outliers: needed } = objectiveOf(config);
  const { outliers } = config;
  if (needed && !outliers)
    return `${label} needs auxiliary outliers: choose an out-of-distribution set that no evaluation will use`;
  if (!needed && outliers)
    return `${label} uses no outliers; leave them out, or choose an objective that does`;
  if (outliers && !(outliers.ratio > 0 && outliers.ratio <= MOST_RATIO))
    return `outliers per image must be above 0 and at most ${MOST_RATIO}, not ${outliers.ratio}`;
  return null;
}

/** What a user should know before starting: settings that were seen not to work. */
export function configWarnings(config: TrainingConfig): string[] {
  const { objective, lambda } = config;
  if (objective === 'sparsity' || objective === 'sparsity-logits') {
    if (lambda >= 0.1)
      return [`λ = ${lambda} is high: from 0.1 on, accuracy fell and FPR95 rose in our runs.`];
    if (lambda > 0 && lambda <= 0.001)
      return [
        `λ = ${lambda} is the paper's printed value; it had no measurable effect in our runs.`,
      ];
  }
  if (objective === 'energy-margin') {
    const { marginIn, marginOut } = scalarsOf(config);
    if (marginIn! >= marginOut!)
      return [
        `m_in = ${marginIn} is not below m_out = ${marginOut}: nothing then holds the energies of images and outliers apart.`,
      ];
  }
  return [];
}
