/** Options that override a preset. */
import { AppError } from '../../core/errors.ts';
import type { ResizeMode } from '../../core/decode/types.ts';
import type { TrainingConfig } from '../../core/train/config.ts';
import { numberOption } from '../resolve.ts';
import type { ObjectiveOptions } from './objective-options.ts';

export interface TrainingOptions extends ObjectiveOptions {
  readonly epochs?: string;
  readonly batchSize?: string;
  readonly learningRate?: string;
  readonly weightDecay?: string;
  readonly momentum?: string;
  readonly seed?: string;
  readonly keep?: string;
  readonly precision?: string;
}

/** The preset with what was given on the command line. */
export function overridden(preset: TrainingConfig, options: TrainingOptions): TrainingConfig {
  const { keep, precision } = options;
  if (keep !== undefined && keep !== 'last' && keep !== 'best')
    throw new AppError('usage', `--keep must be last or best, not "${keep}".`);
  if (precision !== undefined && precision !== 'fp32' && precision !== 'bf16')
    throw new AppError('usage', `--precision must be fp32 or bf16, not "${precision}".`);
  return {
    ...preset,
    epochs: numberOption('epochs', options.epochs) ?? preset.epochs,
    batchSize: numberOption('batch-size', options.batchSize) ?? preset.batchSize,
    learningRate: numberOption('learning-rate', options.learningRate) ?? preset.learningRate,
    weightDecay: numberOption('weight-decay', options.weightDecay) ?? preset.weightDecay,
    momentum: numberOption('momentum', options.momentum) ?? preset.momentum,
    seed: numberOption('seed', options.seed) ?? preset.seed,
    keep: keep ?? preset.keep,
    precision: precision ?? preset.precision,
  };
}

const RESIZE_MODES: readonly ResizeMode[] = ['stretch', 'center-crop', 'pad'];

export function resizeMode(text: string): ResizeMode {
  const mode = RESIZE_MODES.find((known) => known === text);
  if (!mode)
    throw new AppError(
      'usage',
      `Unknown resize mode "${text}". Choose one of: ${RESIZE_MODES.join(', ')}.`,
    );
  return mode;
}
