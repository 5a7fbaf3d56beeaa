/** OOD detection in full: every metric per set, the other scores, ROC curves. */
import { rocChart, ROC_COLUMNS, type RocPanel } from '../charts/roc-chart.ts';
import { count, percent, pointsInterval, rateInterval, signedPoints } from '../format.ts';
import { energiesUnder } from '../per-image.ts';
import { table } from '../pdf/table.ts';
import { roleStyles } from '../tokens.ts';
import { metricsOf, modelCell, primary, type ReportContext } from './context.ts';

const SCORE_NAMES: Readonly<Record<string, string>> = {
  energy: 'Energy',
  msp: 'MSP',
  maxlogit: 'MaxLogit',
};
const PANEL_ROWS_PER_CHART = 3;

export function resultsSection(context: ReportContext): void {
  const { flow } = context;
  flow.chapter('OOD detection');
  flow.note(
    'Energy score at temperature 1. FPR95: ID positive, 95% of the ID test images kept. FPR95 (OOD+): OOD positive, as OpenOOD v1.5 reports it: share of ID flagged when 95% of OOD is caught. AUPR-In: ID positive; AUPR-Out: OOD positive. Intervals: 95%, percentile bootstrap.',
  );
  metricsTable(context);
  differencesTable(context);
  scoresTable(context);
  rocFigures(context);
}

function metricsTable({ flow, audit: { models, oodDatasets } }: ReportContext): void {
  table(
    flow,
    [
      { title: 'OOD set', share: 1.7 },
      { title: 'Model', share: 1 },
      { title: 'FPR95', share: 1.25, align: 'right' },
      { title: 'FPR95 (OOD+)', share: 0.95, align: 'right' },
      { title: 'AUROC', share: 1.25, align: 'right' },
      { title: 'AUPR-In', share: 0.85, align: 'right' },
      { title: 'AUPR-Out', share: 0.9, align: 'right' },
      { title: 'Detection error', share: 0.95, align: 'right' },
    ],
    [
      ...oodDatasets.flatMap(({ name }) =>
        models.map((model, m) => {
          const metrics = metricsOf(model, name);
          return [
            m === 0 ? { text: name, below: `${count(metrics.n)} images` } : '',
            modelCell(model),
            { text: percent(metrics.fpr95.value), below: rateInterval(metrics.fpr95) },
            percent(metrics.fpr95OodPositive),
            { text: percent(metrics.auroc.value), below: rateInterval(metrics.auroc) },
            percent(metrics.auprIn),
            percent(metrics.auprOut),
            percent(metrics.detectionError),
          ];
        }),
      ),
      ...models.map((model, m) => {
        const { fpr95, auroc, auprIn, auprOut } = primary(model).average;
        return [
          m === 0 ? { text: 'Mean of the sets', font: 'semibold' as const } : '',
          modelCell(model),
          percent(fpr95),
          '',
          percent(auroc),
          percent(auprIn),
          percent(auprOut),
          '',
        ];
      }),
    ],
    { emphasised: (row) => row >= oodDatasets.length * models.length },
  );
}

function differencesTable({ flow, audit }: ReportContext): void {
  const { oodDatasets, pairedAgainstControl, pairedAgainstBefore } = audit;
  const groups = [
    { title: 'against control', pairs: pairedAgainstControl },
    { title: 'against before', pairs: pairedAgainstBefore },
  ].filter(({ pairs }) => pairs.length > 0);
  flow.heading('Paired differences, sparse model, in points', 80);
  flow.note(
    'Each resample draws the same images for both models. FPR95: below zero is better. AUROC: above zero is better.',
  );
  table(
    flow,
    [
      { title: 'OOD set', share: 1.6 },
      ...groups.flatMap(({ title }) =>
        ['FPR95', 'AUROC'].map((name) => ({
          title: `${name} ${title}`,
          share: 1.2,
          align: 'right' as const,
        })),
      ),
    ],
    oodDatasets.map(({ name }) => [
      name,
      ...groups.flatMap(({ pairs }) =>
        (['fpr95', 'auroc'] as const).map((metric) => {
          const pair = pairs.find((p) => p.dataset === name && p.metric === metric);
          return pair
            ? {
                text: signedPoints(pair.difference.value),
                below: pointsInterval(pair.difference),
              }
            : '–';
        }),
      ),
    ]),
  );
}

function scoresTable({ flow, audit: { models } }: ReportContext): void {
  flow.heading('Other scores on the same models', 90);
  flow.note('Means over the OOD sets. The verdict rests on Energy alone.');
  table(
    flow,
    [
      { title: 'Score', share: 1.4 },
      ...models.map(({ role }) => ({
        title: `${roleStyles[role].label}: FPR95`,
        share: 1,
        align: 'right' as const,
      })),
      ...models.map(({ role }) => ({
        title: `${roleStyles[role].label}: AUROC`,
        share: 1,
        align: 'right' as const,
      })),
    ],
    models[0]!.scores.map(({ score }, s) => [
      SCORE_NAMES[score] ?? score,
      ...models.map(({ scores }) => percent(scores[s]!.average.fpr95)),
      ...models.map(({ scores }) => percent(scores[s]!.average.auroc)),
    ]),
  );
}

function rocFigures({ flow, audit, id, ood }: ReportContext): void {
  const negated = (values: Float64Array): Float64Array => values.map((v) => -v);
  const panels = ood.map(({ name, images }): RocPanel => ({
    name: flow.fonts.visible(name),
    models: audit.models.map((model, m) => ({
      role: model.role,
      id: negated(energiesUnder(id.images, m)),
      ood: negated(energiesUnder(images, m)),
      fpr95: metricsOf(model, name).fpr95.value,
    })),
  }));
  const perChart = ROC_COLUMNS * PANEL_ROWS_PER_CHART;
  for (let from = 0; from < panels.length; from += perChart) {
    const chart = rocChart(panels.slice(from, from + perChart), flow.width);
    flow.heading(from === 0 ? 'ROC curves' : 'ROC curves, continued', chart.height + 20);
    if (from === 0) flow.note('Markers: the operating points of FPR95, at 95% TPR (dotted line).');
    flow.chart(chart);
  }
}
