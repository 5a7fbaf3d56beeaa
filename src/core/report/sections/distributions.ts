/** Energies and features before and after fine-tuning. */
import { distributionChart } from '../charts/distribution-chart.ts';
import { decimal, energy, percent } from '../format.ts';
import { energiesUnder } from '../per-image.ts';
import { table } from '../pdf/table.ts';
import { metricsOf, modelCell, type ReportContext } from './context.ts';

export function distributionsSection(context: ReportContext): void {
  const { flow, audit, id, ood } = context;
  const chart = distributionChart(
    audit.models.map((model, m) => ({
      role: model.role,
      id: energiesUnder(id.images, m),
      ood: ood.map(({ images }) => energiesUnder(images, m)),
      threshold: -model.threshold,
    })),
    ood.map(({ name }) => flow.fonts.visible(name)),
    flow.width,
  );
  flow.chapter('Before and after', chart.height + 96);
  flow.note(
    'Densities of the energy on bins that all panels share; the outermost bins hold what lies beyond. Images right of the threshold are called OOD. The threshold keeps 95% of the ID validation images.',
  );
  flow.chart(chart);
  energyTable(context);
  sparsityTable(context);
}

function energyTable({ flow, audit: { models, oodDatasets } }: ReportContext): void {
  flow.heading('Mean energy and standard deviation', 80);
  table(
    flow,
    [
      { title: 'Set', share: 1.8 },
      ...models.map(({ role }) => ({
        title: { before: 'Before', control: 'Control', sparse: 'Sparse' }[role],
        share: 1,
        align: 'right' as const,
      })),
    ],
    [
      [
        { text: 'ID test', font: 'semibold' },
        ...models.map(({ meanEnergyId, stdEnergyId }) => ({
          text: energy(meanEnergyId),
          below: `sd ${decimal(stdEnergyId, 2)}`,
        })),
      ],
      ...oodDatasets.map(({ name }) => [
        name,
        ...models.map((model) => {
          const { meanEnergy, stdEnergy } = metricsOf(model, name);
          return { text: energy(meanEnergy), below: `sd ${decimal(stdEnergy, 2)}` };
        }),
      ]),
    ],
  );
}

function sparsityTable({ flow, audit: { models } }: ReportContext): void {
  flow.heading('Sparsity of the penultimate features, ID test images', 110);
  flow.note(
    'L1: mean sum of absolute values. Hoyer: 0 when all units are equal, 1 when a single one is active (Hoyer 2004). Near zero: share of units below a thousandth of the largest.',
  );
  table(
    flow,
    [
      { title: 'Model', share: 1.6 },
      { title: 'λ', share: 0.7, align: 'right' },
      { title: 'L1', share: 1, align: 'right' },
      { title: 'Hoyer', share: 1, align: 'right' },
      { title: 'Near zero', share: 1, align: 'right' },
    ],
    models.map((model) => [
      modelCell(model),
      String(model.training.lambda),
      decimal(model.featureL1, 2),
      decimal(model.hoyer, 3),
      percent(model.nearZeroUnits),
    ]),
  );
}
