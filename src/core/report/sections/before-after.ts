/** What fine-tuning did: distributions, curves, paired differences, images that changed sides, sparsity. */
import { curvesOf } from './curves-of.ts';
import { prChart, PANELS_PER_CHART, rocChart } from '../charts/curve-chart.ts';
import { distributionChart, distributionGrid, GRID_ROWS } from '../charts/distribution-chart.ts';
import { flipsChart } from '../charts/flips-chart.ts';
import { forestChart } from '../charts/forest-chart.ts';
import { count, decimal, energy, percent, pointsInterval, signedPoints } from '../format.ts';
import { figure } from '../pdf/figure.ts';
import { openSection, type SectionTitle } from '../pdf/section.ts';
import { table, type Cell } from '../pdf/table.ts';
import { roleStyles } from '../tokens.ts';
import { metricsOf, modelCell, sectionLink, setNames, type ReportContext } from './context.ts';

export function beforeAfterSection(context: ReportContext, self: SectionTitle): void {
  const { flow } = context;
  openSection(flow, self, {
    lead: 'Energies of different models have no common zero: compare shapes and overlaps, not positions. Every model has its own threshold, from its own ID validation images.',
    needs: 500,
  });
  distributions(context);
  curves(context);
  paired(context);
  flips(context);
  energies(context);
  sparsity(context);
}

function distributions(context: ReportContext): void {
  const { flow, audit } = context;
  const { distributions: data } = audit;
  if (!data || data.edges.length < 2) {
    flow.note('Distributions were not kept with this audit.');
    return;
  }
  const names = setNames(context);
  figure(flow, distributionChart(data, names, flow.width), {
    caption: `Distributions of the ${data.axis} over each other, on bins that all panels share; the outermost bins hold what lies beyond. Lines are smoothed, the steps behind those of the ID images are not. Hatched: called OOD at the model's threshold.`,
    alt: `Densities of ${names.join(', ')} under ${data.perModel.map(({ role, threshold }) => `${roleStyles[role].label} (threshold ${energy(threshold)})`).join(', ')}. Mean energies are in a table of this section.`,
    key: 'distributions',
  });
  const sets = names.length - 1;
  for (let from = 0; from < sets; from += GRID_ROWS) {
    figure(flow, distributionGrid(data, names, flow.width, from), {
      caption: `Each OOD set (orange) against the ID test images (blue), by model, on shared bins${sets > GRID_ROWS ? `; sets ${from + 1} to ${Math.min(sets, from + GRID_ROWS)} of ${sets}` : ''}. Each row has its own height.`,
      alt: `Small multiples of energy densities: ${names.slice(1 + from, 1 + from + GRID_ROWS).join(', ')}, one column per model. What is accepted at the threshold is in section 13.`,
    });
  }
}

function curves(context: ReportContext): void {
  const { flow, audit } = context;
  if (audit.curves.length === 0) {
    flow.note('Curves were not kept with this audit.');
    return;
  }
  for (const kind of ['roc', 'pr'] as const) {
    const panels = curvesOf(context, kind);
    for (let from = 0; from < panels.length; from += PANELS_PER_CHART) {
      const shown = panels.slice(from, from + PANELS_PER_CHART);
      const chart = (kind === 'roc' ? rocChart : prChart)(shown, flow.width);
      const values = shown.map(({ name, curves: lines }) => `${name}: ${lines.map(({ role, value }) => `${roleStyles[role].label} ${percent(value)}`).join(', ')}`).join('; '); // prettier-ignore
      figure(
        flow,
        chart,
        kind === 'roc'
          ? {
              caption:
                'ROC curves, ID positive. Markers: FPR95, at 95% TPR (dotted line); its value is written in the panel.',
              alt: `ROC curves per OOD set. FPR95: ${values}.`,
              key: 'roc',
            }
          : {
              caption:
                'Precision-recall curves, ID positive; AUPR-In is written in the panel. Precision depends on the ratio of ID to OOD images.',
              alt: `Precision-recall curves per OOD set. AUPR-In: ${values}.`,
              key: 'pr',
            },
      );
    }
  }
}

function paired(context: ReportContext): void {
  const { flow, audit } = context;
  const names = setNames(context);
  const nameOf = (dataset: string): string =>
    names[1 + audit.oodDatasets.findIndex(({ name }) => name === dataset)] ?? dataset;
  for (const other of ['control', 'before'] as const) {
    const pairs = other === 'control' ? audit.pairedAgainstControl : audit.pairedAgainstBefore;
    for (const metric of ['fpr95', 'auroc'] as const) {
      const rows = pairs
        .filter((pair) => pair.metric === metric)
        .map(({ dataset, difference }) => ({
          name: nameOf(dataset),
          difference,
          lowerIsBetter: metric === 'fpr95',
        }));
      if (rows.length === 0) continue;
      const label = metric === 'fpr95' ? 'FPR95' : 'AUROC';
      figure(
        flow,
        forestChart(rows, {
          rowHeight: rows.length > 10 ? 11.5 : 15,
          width: flow.width,
          label: `${label}, sparse minus ${other}, points`,
        }),
        {
          // prettier-ignore
          caption: `${label}, sparse minus ${other}: paired bootstrap over the same images, 95% intervals. Filled: the interval excludes zero.`,
          alt: `Forest plot of ${label}, sparse minus ${other}. ${rows.map(({ name, difference }) => `${name}: ${signedPoints(difference.value)} points (${pointsInterval(difference)})`).join('; ')}.`,
          key: `forest-${metric}-${other}`,
        },
      );
    }
  }
}

function flips(context: ReportContext): void {
  const { flow, audit } = context;
  const names = setNames(context);
  const printable = new Map(
    [audit.idDataset, ...audit.oodDatasets].map(({ name }, i) => [name, names[i]!]),
  );
  for (const against of ['control', 'before'] as const) {
    const rows = audit.flips.filter((entry) => entry.against === against);
    if (rows.length === 0) continue;
    const id = rows.find(({ dataset }) => dataset === audit.idDataset.name);
    const answers =
      id?.nowRight !== null && id?.nowRight !== undefined
        ? ` Of the ID test images, ${count(id.nowRight)} are now classified rightly and ${count(id.nowWrong ?? 0)} now wrongly.`
        : '';
    figure(flow, flipsChart(rows, printable, audit.idDataset.name, flow.width), {
      caption: `Images that changed sides of the threshold, sparse against ${against}, as shares of their set. Filled bars are good (ID kept, OOD rejected), hollow ones bad.${answers}`,
      alt: `Flips against ${against}. ${rows.map(({ dataset, n, nowKept, nowRejected }) => `${printable.get(dataset) ?? dataset}: ${nowRejected} now rejected, ${nowKept} now kept, of ${n}`).join('; ')}.`,
      key: `flips-${against}`,
    });
  }
}

const energyCell = (mean: number, std: number): Cell => ({
  text: energy(mean),
  below: `sd ${decimal(std, 2)}`,
});

function energies({ flow, audit }: ReportContext): void {
  const { models, oodDatasets } = audit;
  table(
    flow,
    [
      { title: 'Set', grow: 1 },
      ...models.map(({ role }) => ({ title: roleStyles[role].label, align: 'right' as const, grow: 0.5 })), // prettier-ignore
    ],
    [
      [
        { text: 'ID test', font: 'semibold' as const },
        ...models.map(({ meanEnergyId, stdEnergyId }) => energyCell(meanEnergyId, stdEnergyId)),
      ],
      ...oodDatasets.map(({ name }) => [
        { text: name },
        ...models.map((model): Cell => {
          const metrics = metricsOf(model, name);
          return metrics ? energyCell(metrics.meanEnergy, metrics.stdEnergy) : { text: '–' };
        }),
      ]),
    ],
    { caption: 'Mean energy and standard deviation.', key: 'energies' },
  );
}

function sparsity({ flow, audit }: ReportContext): void {
  const { models, sparsity: rows } = audit;
  table(
    flow,
    [
      { title: 'Model', grow: 1 },
      { title: 'λ', align: 'right' },
      { title: 'L1', align: 'right' },
      { title: 'Hoyer', align: 'right' },
      { title: 'Near-zero units', align: 'right' },
    ],
    models.map((model) => [
      modelCell(model),
      String(model.training.lambda),
      decimal(model.featureL1, 2),
      decimal(model.hoyer, 3),
      percent(model.nearZeroUnits),
    ]),
    {
      caption:
        'Sparsity of the penultimate features on the ID test images. L1: mean sum of absolute values. Hoyer: 0 when all units are equal, 1 when a single one is active (Hoyer 2004). Near zero: below a thousandth of the largest.',
      key: 'sparsity',
    },
  );
  if (rows.length === 0) return;
  const sets = [...new Set(rows.map(({ dataset }) => dataset))];
  const cellsOf = (dataset: string): Cell[] =>
    models.flatMap(({ role }): Cell[] => {
      const row = rows.find((r) => r.role === role && r.dataset === dataset);
      return row
        ? [
            { text: decimal(row.meanL1, 2), below: `sd ${decimal(row.stdL1, 2)}` },
            { text: decimal(row.meanHoyer, 3), below: `sd ${decimal(row.stdHoyer, 3)}` },
          ]
        : [{ text: '–' }, { text: '–' }];
    });
  table(
    flow,
    [
      { title: 'Set', grow: 1 },
      ...models.flatMap(({ role }) => [
        { title: 'L1', unit: roleStyles[role].label, align: 'right' as const },
        { title: 'Hoyer', unit: roleStyles[role].label, align: 'right' as const },
      ]),
    ],
    sets.map((dataset) => [dataset, ...cellsOf(dataset)]),
    { caption: 'Sparsity per set.', key: 'sparsity-sets', size: 7.8 },
  );
  flow.note(['That sparser features lower the energy holds within the ID set only; see ', sectionLink(21), '.']); // prettier-ignore
}
