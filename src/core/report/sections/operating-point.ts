/** What the threshold does when it is used. */
import { count, energy, percent } from '../format.ts';
import { table } from '../pdf/table.ts';
import { roleStyles } from '../tokens.ts';
import { metricsOf, modelCell, type ReportContext } from './context.ts';

export function operatingPointSection({
  flow,
  audit: { models, oodDatasets },
}: ReportContext): void {
  flow.heading('Operating point', 150);
  flow.note(
    'The threshold of each model keeps 95% of its ID validation images and knows nothing of the test images or of any OOD image. "Kept" is what it keeps of the ID test images.',
  );
  table(
    flow,
    [
      { title: 'Model', share: 1.4 },
      { title: 'Threshold on E', share: 1, align: 'right' },
      { title: 'Validation images', share: 1, align: 'right' },
      { title: 'ID test kept', share: 1, align: 'right' },
      { title: 'ECE', share: 1, align: 'right' },
    ],
    models.map((model) => [
      modelCell(model),
      energy(-model.threshold),
      count(model.thresholdImages),
      percent(model.idKeptAtThreshold),
      percent(model.ece),
    ]),
  );
  table(
    flow,
    [
      { title: 'OOD accepted at the threshold', share: 2 },
      ...models.map(({ role }) => ({
        title: roleStyles[role].label,
        share: 1,
        align: 'right' as const,
      })),
    ],
    oodDatasets.map(({ name }) => [
      name,
      ...models.map((model) => percent(metricsOf(model, name).acceptedAtThreshold)),
    ]),
  );
}
