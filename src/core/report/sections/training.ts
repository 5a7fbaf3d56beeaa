/** The models and how they were trained. */
import { trainingChart } from '../charts/training-chart.ts';
import { count, duration, setting, shortHash } from '../format.ts';
import type { ModelResult } from '../audit.ts';
import { table } from '../pdf/table.ts';
import { roleStyles } from '../tokens.ts';
import type { ReportContext } from './context.ts';

type Row = readonly [name: string, of: (model: ModelResult) => string];

const ROWS: readonly Row[] = [
  ['Architecture', (m) => m.architecture],
  ['Parameters', (m) => count(m.parameters)],
  ['Multiply-adds per image', (m) => `${(m.multiplyAdds / 1e6).toFixed(1)} M`],
  ['Input', (m) => `${m.decode.size} x ${m.decode.size}, ${m.decode.resize}`],
  ['Mean of RGB', (m) => m.normalisation.mean.map((v) => v.toFixed(4)).join(', ')],
  ['Standard deviation of RGB', (m) => m.normalisation.std.map((v) => v.toFixed(4)).join(', ')],
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
  ['Stopped because', (m) => m.training.stopReason],
  ['Wall time', (m) => duration(m.training.wallSeconds)],
  ['Weights, SHA-256', (m) => shortHash(m.weightsSha256)],
  ['Model', (m) => m.id],
  ['Fine-tuned from', (m) => m.parentId ?? 'fresh weights'],
];

export function trainingSection({ flow, audit: { models } }: ReportContext): void {
  flow.chapter('Models and training');
  table(
    flow,
    [
      { title: '', share: 1.3 },
      ...models.map(({ role }) => ({ title: roleStyles[role].label, share: 1.5 })),
    ],
    ROWS.map(([name, of]) => [name, ...models.map(of)]),
    { size: 7.8 },
  );
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
  flow.heading('Training curves', chart.height + 8);
  flow.chart(chart);
}
