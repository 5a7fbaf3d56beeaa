/** Options that choose what training minimises. */
import { AppError } from '../../core/errors.ts';
import {
  DEFAULT_OUTLIER_RATIO,
  type ObjectiveId,
  type TrainingConfig,
} from '../../core/train/config.ts';
import { objectiveNamed } from '../../core/train/objectives/registry.ts';
import type { Host } from '../host.ts';
import { datasetId, numberOption } from '../resolve.ts';

export interface ObjectiveOptions {
  readonly objective?: string;
  readonly outliers?: string;
  readonly outlierRatio?: string;
  readonly labelSmoothing?: string;
  readonly mixup?: string;
  readonly mIn?: string;
  readonly mOut?: string;
  readonly outlierWeight?: string;
  readonly confidenceWeight?: string;
  readonly trainingAccuracy?: string;
  readonly temperature?: string;
}

/** Names of settings by the option that gives them. */
const SETTINGS = {
  mIn: { setting: 'marginIn', flag: 'm-in' },
  mOut: { setting: 'marginOut', flag: 'm-out' },
  outlierWeight: { setting: 'outlierWeight', flag: 'outlier-weight' },
  confidenceWeight: { setting: 'confidenceWeight', flag: 'confidence-weight' },
  trainingAccuracy: { setting: 'trainingAccuracy', flag: 'training-accuracy' },
  temperature: { setting: 'temperature', flag: 'temperature' },
} as const satisfies Partial<Record<keyof ObjectiveOptions, unknown>>;

/**
 * The configuration with the objective that was asked for and its settings. A folder of outliers that the workspace
 * does not know yet is scanned.
 * @param usual the objective when none is named
 * @throws AppError `usage`, `not-found`
 */
export async function withObjective(
  host: Host,
  config: TrainingConfig,
  options: ObjectiveOptions,
  usual: ObjectiveId,
): Promise<TrainingConfig> {
  const objective = objectiveNamed(options.objective ?? usual);
  const settings: Record<string, number> = {};
  for (const [option, { setting, flag }] of Object.entries(SETTINGS)) {
    const value = numberOption(flag, options[option as keyof typeof SETTINGS]);
    if (value === undefined) continue;
    if (!objective.settings.some(({ name }) => name === setting))
      throw new AppError('usage', `--${flag} is not for the objective ${objective.id}.`);
    settings[setting] = value;
  }
  const labelSmoothing = numberOption('label-smoothing', options.labelSmoothing);
  const mixup = numberOption('mixup', options.mixup);
  const ratio = numberOption('outlier-ratio', options.outlierRatio);
  if (objective.outliers && options.outliers === undefined)
    throw new AppError(
      'usage',
      `The objective ${objective.id} needs auxiliary outliers: --outliers <dataset>, an out-of-distribution folder, id or name. It is then barred from evaluating the model.`,
    );
  const outliers =
    options.outliers === undefined ? null : await datasetId(host, options.outliers, 'ood');
  return {
    ...config,
    objective: objective.id as ObjectiveId,
    ...(objective.scalars.includes('lambda') ? {} : { lambda: 0 }),
    ...(Object.keys(settings).length === 0 ? {} : { settings }),
    ...(labelSmoothing === undefined ? {} : { labelSmoothing }),
    ...(mixup === undefined ? {} : { mixup }),
    ...(outliers === null
      ? {}
      : { outliers: { datasetId: outliers, ratio: ratio ?? DEFAULT_OUTLIER_RATIO } }),
  };
}
