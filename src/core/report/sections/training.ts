/** How the models were trained. */
import { trainingChart } from '../charts/training-chart.ts';
import type { ModelResult } from '../audit.ts';
import { dateTime, decimal, duration, percent, setting } from '../format.ts';
import { figure, figureHeight } from '../pdf/figure.ts';
import { openSection, type SectionTitle } from '../pdf/section.ts';
import { table } from '../pdf/table.ts';
import { roleStyles } from '../tokens.ts';
import type { ReportContext } from './context.ts';

type Row = readonly [name: string, of: (model: ModelResult) => string];

const ROWS: readonly Row[] = [
  ['Objective', (m) => m.training.objective],
  ['λ', (m) => setting(m.training.lambda)],
  ['Preset', (m) => m.training.preset],
  ['Epochs', (m) => String(m.training.epochs)],
  ['Batch size', (m) => String(m.training.batchSize)],
  ['Learning rate', (m) => setting(m.training.learningRate)],
  ['Schedule', (m) => m.training.schedule],
  ['Momentum', (m) => `${setting(m.training.momentum)}${m.training.nesterov ? ', Nesterov' : ''}`],
  ['Weight decay', (m) => setting(m.training.weightDecay)],
  ['Precision', (m) => m.training.precision],
  ['Dropout', (m) => setting(m.training.dropout)],
  ['Augmentation', (m) => m.training.augmentation.join('; ') || 'none'],
  ['Seed', (m) => String(m.training.seed)],
];

const FACTS: readonly Row[] = [
  ['Run', (m) => m.trainingFacts.runId ?? 'not recorded'],
  ['Began', (m) => (m.trainingFacts.startedAt ? dateTime(m.trainingFacts.startedAt) : 'not recorded')], // prettier-ignore
  ['Ended', (m) => (m.trainingFacts.endedAt ? dateTime(m.trainingFacts.endedAt) : 'not recorded')],
  ['Wall time', (m) => duration(m.training.wallSeconds)],
  ['Stopped because', (m) => m.training.stopReason],
  ['Interruptions', ({ trainingFacts: { interruptions } }) => interruptionsOf(interruptions)],
  ['Hardware', (m) => m.trainingFacts.hardware],
  ['Notes', (m) => m.trainingFacts.notes.join(' ') || 'none'],
];

const interruptionsOf = (list: ModelResult['trainingFacts']['interruptions']): string => {
  if (list === null) return 'no log of the run is kept';
  return list.map(({ time, text }) => `${time === null ? '' : `${dateTime(time)}: `}${text}`).join('; ') || 'none'; // prettier-ignore
};

export function trainingSection(
  { flow, audit: { models } }: ReportContext,
  self: SectionTitle,
): void {
  openSection(flow, self, {
    lead: 'Every setting that decides the weights. A sparse run is read against its control: the same fine-tuning, seed and schedule with λ = 0.',
  });
  const starts = new Map<string | null, number>([[null, 0]]);
  for (const { id, training } of models) starts.set(id, training.history.length);
  const chart = trainingChart(
    models.map(({ role, parentId, training }) => ({
      role,
      startEpoch: starts.get(parentId) ?? 0,
      history: training.history,
    })),
    flow.width,
  );
  flow.ensure(figureHeight(chart));
  figure(flow, chart, {
    caption:
      'Training curves: accuracy on the validation images, training loss, and the mean sum of absolute penultimate features. Fine-tuning goes on where pretraining ended.',
    alt: `Training curves. ${models.map(({ role, training: { history } }) => lastEpoch(roleStyles[role].label, history)).join(' ')}`,
    key: 'training-curves',
  });
  const columns = [
    { title: '' },
    ...models.map(({ role }) => ({ title: roleStyles[role].label, grow: 1.4 })),
  ];
  const rowsOf = (rows: readonly Row[]): string[][] =>
    rows.map(([name, of]) => [name, ...models.map(of)]);
  table(flow, columns, rowsOf(ROWS), {
    caption: 'Hyperparameters.',
    key: 'hyperparameters',
    size: 7.9,
  });
  const further = furtherSettings(models);
  if (further.length > 0)
    table(flow, columns, further, { caption: 'Further settings of the runs.', size: 7.9 });
  table(flow, columns, rowsOf(FACTS), { caption: 'What happened.', key: 'training-facts', size: 7.9 }); // prettier-ignore
}

/** Names of settings in the first table, as a run writes them. */
const SHOWN = ['objective', 'lambda', 'preset', 'epochs', 'batch size', 'learning rate', 'schedule', 'momentum', 'nesterov', 'weight decay', 'precision', 'dropout', 'augmentation', 'seed']; // prettier-ignore

/** `batchSize` as words. */
const inWords = (name: string): string => name.replace(/([a-z])([A-Z])/g, '$1 $2').toLowerCase();

/** Settings that the first table does not show. */
function furtherSettings(models: readonly ModelResult[]): string[][] {
  const names = new Set(
    models
      .flatMap(({ trainingFacts }) => trainingFacts.hyperparameters.map(({ name }) => name))
      .filter((name) => !SHOWN.includes(inWords(name))),
  );
  return [...names].map((name) => [
    inWords(name),
    ...models.map(
      ({ trainingFacts }) =>
        trainingFacts.hyperparameters.find((entry) => entry.name === name)?.value ?? '–',
    ),
  ]);
}

const lastEpoch = (label: string, history: ModelResult['training']['history']): string => {
  const last = history.at(-1);
  return last
    ? `${label}: after ${history.length} epochs validation accuracy ${percent(last.valAccuracy)}, training loss ${decimal(last.trainLoss, 3)}, feature L1 ${decimal(last.featureL1, 1)}.`
    : `${label}: no epochs recorded.`;
};
