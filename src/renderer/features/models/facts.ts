/** What a model was made with, as rows of label and value. */
import type { ModelSummary, TrainingConfig } from '../../../contract/training.ts';
import type { MessageKey, Translate } from '../../messages/i18n.ts';
import { formatBytes, formatCompact, formatCount, formatDuration, formatTime } from '../../ui/format.ts'; // prettier-ignore

export interface Fact {
  readonly label: string;
  readonly value: string;
}

export function scheduleText(t: Translate, schedule: TrainingConfig['schedule']): string {
  switch (schedule.kind) {
    case 'constant':
      return t('models.schedule.constant');
    case 'step':
      return t('models.schedule.step', {
        factor: String(schedule.factor),
        at: schedule.at.map((share) => `${Math.round(share * 100)}%`).join(', '),
      });
    case 'cosine':
      return t('models.schedule.cosine', { final: String(schedule.final) });
    case 'one-cycle':
      return t('models.schedule.oneCycle', { share: `${Math.round(schedule.warmup * 100)}%` });
  }
}

/** Everything that decides a training run. */
export function trainingFacts(
  t: Translate,
  { preset, config, barred }: ModelSummary,
): readonly Fact[] {
  const fact = (key: MessageKey, value: string): Fact => ({ label: t(key), value });
  const { augmentation } = config;
  const augmented = [
    ...(augmentation.cropPadding > 0
      ? [t('models.augmentation.crop', { pixels: String(augmentation.cropPadding) })]
      : []),
    ...(augmentation.flip ? [t('models.augmentation.flip')] : []),
  ];
  return [
    fact('models.field.preset', preset),
    fact('models.field.objective', t(`models.objective.${config.objective}`)),
    ...(config.objective.startsWith('sparsity')
      ? [fact('models.field.lambda', String(config.lambda))]
      : []),
    ...Object.entries(config.settings ?? {}).map(([name, value]) => ({
      label: name,
      value: String(value),
    })),
    ...(config.labelSmoothing
      ? [fact('training.labelSmoothing', String(config.labelSmoothing))]
      : []),
    ...(config.mixup ? [fact('training.mixup', String(config.mixup))] : []),
    ...(config.outliers ? [fact('training.outlierRatio', String(config.outliers.ratio))] : []),
    ...(barred ?? []).map(({ name, images }) =>
      fact('models.barred', t('models.barredSet', { name, images: formatCount(images) })),
    ),
    fact('models.field.seed', String(config.seed)),
    fact('models.field.epochs', formatCount(config.epochs)),
    fact('models.field.batchSize', formatCount(config.batchSize)),
    fact('models.field.learningRate', String(config.learningRate)),
    fact('models.field.schedule', scheduleText(t, config.schedule)),
    fact('models.field.momentum', `${config.momentum}${config.nesterov ? `, ${t('models.nesterov')}` : ''}`), // prettier-ignore
    fact('models.field.weightDecay', String(config.weightDecay)),
    fact('models.field.augmentation', augmented.join(', ') || t('models.augmentation.none')),
    fact('models.field.keep', t(`models.keep.${config.keep}`)),
    fact('models.field.precision', config.precision),
  ];
}

/** How the stop reasons of the engine are called; others are shown as they are. */
const STOPPED: Readonly<Record<string, MessageKey>> = {
  finished: 'models.stopped.finished',
  'stopped early': 'models.stopped.early',
  'stopped by hand': 'models.stopped.byHand',
};

export function modelFacts(t: Translate, model: ModelSummary): readonly Fact[] {
  const fact = (key: MessageKey, value: string): Fact => ({ label: t(key), value });
  const reason = STOPPED[model.stopReason];
  return [
    fact('models.field.network', model.network),
    fact('models.field.input', t('models.inputPixels', { size: String(model.inputSize) })),
    fact('models.field.classes', formatCount(model.classes.length)),
    fact('models.field.parameters', formatCount(model.parameters)),
    fact('models.field.multiplyAdds', formatCompact(model.multiplyAdds)),
    fact('models.field.size', formatBytes(model.sizeBytes)),
    fact('models.field.created', formatTime(model.createdAt)),
    fact('models.field.tier', model.tier),
    ...(model.wallSeconds > 0
      ? [fact('models.field.time', formatDuration(model.wallSeconds))]
      : []),
    fact('models.field.stopped', reason ? t(reason) : model.stopReason),
  ];
}
