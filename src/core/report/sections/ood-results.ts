/** How well images that do not belong are told from those that do, per set, per detector, per seed. */
import type { Audit, Averages, ModelResult, ScoreResult } from '../audit.ts';
import { detectorChart, detectorsInWords, type DetectorRow } from '../charts/detector-chart.ts';
import { count, counted, decimal, percent } from '../format.ts';
import { interpolateRgb } from '../interpolate-rgb.ts';
import { figure } from '../pdf/figure.ts';
import { openSection, type SectionTitle } from '../pdf/section.ts';
import { table, type Cell, type Column } from '../pdf/table.ts';
import { roleStyles } from '../tokens.ts';
import {
  audited,
  detectorLabel,
  estimateCell,
  metricsOf,
  primary,
  sectionLink,
  type ReportContext,
} from './context.ts';
import { roleOf } from './data-sheets.ts';

export function oodResultsSection(context: ReportContext, self: SectionTitle): void {
  const { flow, audit } = context;
  const model = audited(audit);
  const { average, label, averageIntervals } = primary(model);
  openSection(flow, self, {
    lead: `${label} on the model under audit: mean FPR95 ${percent(average.fpr95)} (${percent(averageIntervals.fpr95.low)} to ${percent(averageIntervals.fpr95.high)}), mean AUROC ${percent(average.auroc)}, over ${counted(audit.oodDatasets.length, 'OOD set')}.`,
  });
  flow.note([
    'FPR95, ID positive: share of the OOD images accepted when 95% of the ID test images are; the primary convention. FPR95, OOD positive: share of the ID images flagged when 95% of the OOD images are caught (OpenOOD v1.5). The same scores give both. Formulas: ',
    sectionLink(21),
    '. AUPR depends on the ratio of ID to OOD images, so their numbers stand beside it.',
  ]);
  comparison(context);
  for (const m of [model, ...audit.models.filter((other) => other !== model)]) perSet(context, m);
  detectors(context);
  seeds(context);
}

/** FPR95 and AUROC of all models side by side. */
function comparison({ flow, audit }: ReportContext): void {
  const { models, oodDatasets } = audit;
  table(
    flow,
    [
      { title: 'OOD set', grow: 1 },
      { title: 'Images', align: 'right' },
      ...models.map(({ role }) => ({ title: 'FPR95', unit: roleStyles[role].label, align: 'right' as const })), // prettier-ignore
      ...models.map(({ role }) => ({ title: 'AUROC', unit: roleStyles[role].label, align: 'right' as const })), // prettier-ignore
    ],
    [
      ...oodDatasets.map((set) => [
        { text: set.name, below: roleOf(set) },
        count(metricsOf(models[0]!, set.name)?.n ?? set.ok),
        ...models.map((m) => estimateCell(metricsOf(m, set.name)?.fpr95)),
        ...models.map((m) => estimateCell(metricsOf(m, set.name)?.auroc)),
      ]),
      [
        { text: 'Mean over the sets', font: 'semibold' as const },
        '',
        ...models.map((m) => estimateCell(primary(m).averageIntervals.fpr95)),
        ...models.map((m) => estimateCell(primary(m).averageIntervals.auroc)),
      ],
    ],
    {
      caption: `${primary(models[0]!).label} under every model. Small figures: 95% intervals.`,
      key: 'ood-comparison',
      emphasised: (row) => row === oodDatasets.length,
      size: 7.9,
    },
  );
}

const averageRow = (name: string, values: Averages): Cell[] => [
  { text: name, font: 'semibold' },
  { text: '' },
  { text: percent(values.fpr95), font: 'semibold' },
  { text: '' },
  { text: percent(values.auroc), font: 'semibold' },
  { text: percent(values.auprIn) },
  { text: percent(values.auprOut) },
  { text: '' },
];

function perSet({ flow, audit }: ReportContext, model: ModelResult): void {
  const score = primary(model);
  const averages = [
    averageRow('Mean over the sets', score.average),
    ...(score.near ? [averageRow('Mean over near sets', score.near)] : []),
    ...(score.far ? [averageRow('Mean over far sets', score.far)] : []),
  ];
  const id = audit.idDataset.splits.test;
  table(
    flow,
    [
      { title: 'OOD set', grow: 1 },
      { title: 'ID : OOD', align: 'right' },
      { title: 'FPR95', unit: 'ID positive', align: 'right' },
      { title: 'FPR95', unit: 'OOD positive', align: 'right' },
      { title: 'AUROC', align: 'right' },
      { title: 'AUPR-In', align: 'right' },
      { title: 'AUPR-Out', align: 'right' },
      { title: 'Detection error', align: 'right' },
    ],
    [
      ...score.perSet.map((m): Cell[] => [
        { text: m.dataset },
        { text: `${count(id)} : ${count(m.n)}` },
        estimateCell(m.fpr95),
        { text: percent(m.fpr95OodPositive) },
        estimateCell(m.auroc),
        { text: percent(m.auprIn) },
        { text: percent(m.auprOut) },
        { text: percent(m.detectionError) },
      ]),
      ...averages,
    ],
    {
      caption: `${score.label}, ${roleStyles[model.role].label.toLowerCase()} model: all metrics per set.`,
      key: `ood-${model.role}`,
      emphasised: (row) => row >= score.perSet.length,
      size: 7.9,
    },
  );
}

function detectors(context: ReportContext): void {
  const { flow, audit } = context;
  const { models } = audit;
  if (models.every(({ scores }) => scores.length < 2)) return;
  flow.heading('All detectors side by side', 150 + 13 * models[0]!.scores.length);
  flow.note(
    'Sorted by mean FPR95 on each model. A detector that is better on an untouched model is an alternative to fine-tuning. Ranks depend on the network and on the sets.',
  );
  overview(context);
  for (const model of models) ranking(context, model);
  detectorGrids(context);
  const unscored = models.flatMap(
    ({ role, unscored: list }) =>
    list.map(({ detector, reason }) => `${roleStyles[role].label}, ${detectorLabel(audit, detector)}: ${reason}`), // prettier-ignore
  );
  if (unscored.length > 0) {
    flow.heading('Detectors that could not be used', 30);
    flow.bullets(unscored, { size: 8.4 });
  }
  const notes = [
    ...new Set(
      models.flatMap(({ scores }) =>
        scores.flatMap(({ label, notes: list }) => list.map((note) => `${label}: ${note}`)),
      ),
    ),
  ];
  if (notes.length > 0) {
    flow.heading('Notes of the detectors', 30);
    flow.bullets(notes, { size: 8.4 });
  }
}

function ranking({ flow }: ReportContext, { role, scores }: ModelResult): void {
  const sorted = [...scores].sort((a, b) => a.average.fpr95 - b.average.fpr95);
  const first = scores[0]!;
  const near = scores.some((s) => s.near !== null);
  const far = scores.some((s) => s.far !== null);
  const { colour } = roleStyles[role];
  const pair = (which: 'near' | 'far', shown: boolean, score: ScoreResult): Cell[] =>
    shown
      ? [
          { text: percent(score[which]?.fpr95 ?? NaN) },
          { text: percent(score[which]?.auroc ?? NaN) },
        ]
      : [];
  const pairColumns = (which: string, shown: boolean): Column[] =>
    shown
      ? [
          { title: 'FPR95', unit: which, align: 'right' },
          { title: 'AUROC', unit: which, align: 'right' },
        ]
      : [];
  table(
    flow,
    [
      { title: 'Detector', grow: 1 },
      { title: 'Mean FPR95', align: 'right' },
      { title: '', width: 84 },
      { title: 'Mean AUROC', align: 'right' },
      { title: 'AUPR-In', align: 'right' },
      { title: 'AUPR-Out', align: 'right' },
      ...pairColumns('near sets', near),
      ...pairColumns('far sets', far),
    ],
    sorted.map((score): Cell[] => [
      { text: score.label, font: score === first ? 'semibold' : 'regular' },
      estimateCell(score.averageIntervals.fpr95),
      {
        text: '',
        mark: (doc, [x, y, width, height]) => {
          const { value, low, high } = score.averageIntervals.fpr95;
          const middle = y + height / 2;
          doc.rect(x, middle - 2.5, width, 5).fill('#eef1f4');
          doc.rect(x, middle - 2.5, Math.max(0.5, width * value), 5).fill(colour);
          doc.rect(x + width * low, middle - 0.5, Math.max(0.5, width * (high - low)), 1).fill('#15181c'); // prettier-ignore
        },
      },
      estimateCell(score.averageIntervals.auroc),
      { text: percent(score.average.auprIn) },
      { text: percent(score.average.auprOut) },
      ...pair('near', near, score),
      ...pair('far', far, score),
    ]),
    {
      caption: `Detectors on the ${roleStyles[role].label.toLowerCase()} model, mean over the sets. Bars: FPR95, shorter is better; lines: its 95% interval.`,
      key: `detectors-${role}`,
      emphasised: (row) => sorted[row] === first,
      size: 7.8,
    },
  );
}

/** All detectors on all models in one picture, the best on the model under audit first. */
function overview({ flow, audit }: ReportContext): void {
  const { models } = audit;
  const own = audited(audit);
  const rows = [...own.scores]
    .sort((a, b) => a.average.fpr95 - b.average.fpr95)
    .map(({ score, label }): DetectorRow => ({
      label: flow.fonts.visible(label),
      primary: score === primary(own).score,
      models: models.flatMap(({ role, scores }) => {
        const found = scores.find((entry) => entry.score === score);
        return found ? [{ role, ...found.averageIntervals }] : [];
      }),
    }));
  figure(flow, detectorChart(rows, flow.width), {
    caption: `Every detector on every model, means over the sets with 95% intervals; sorted by FPR95 on the model under audit. In bold: the detector of this audit.`,
    alt: `Dot plot of detectors. ${detectorsInWords(rows)}.`,
    key: 'detectors-overview',
  });
}

/** Columns of numbers that fit side by side without being small. */
const GRID_COLUMNS = 10;
const GRID_SIZE = 7.4;
/** Share of the page's width that columns of equal width may take. */
const GRID_SHARE = 0.78;

/** FPR95 of every detector on every set, with shades: darker is worse. */
function detectorGrids(context: ReportContext): void {
  const { models, oodDatasets } = context.audit;
  if (models.length * oodDatasets.length <= GRID_COLUMNS) detectorGrid(context, models);
  else for (const model of models) detectorGrid(context, [model]);
}

function detectorGrid({ flow, audit }: ReportContext, models: readonly ModelResult[]): void {
  const [first] = models as [ModelResult, ...ModelResult[]];
  const cells = audit.oodDatasets.flatMap(({ name }) => models.map((model) => ({ name, model })));
  const equal = Math.max(...cells.map(({ name }) => flow.fonts.width(flow.fonts.visible(name), 'semibold', GRID_SIZE))) + 11; // prettier-ignore
  const which = models.length > 1 ? '' : `, ${roleStyles[first.role].label.toLowerCase()} model`;
  table(
    flow,
    [
      { title: 'Detector', grow: 1 },
      ...cells.map(({ name, model: { role } }) => ({
        title: name,
        align: 'right' as const,
        ...(equal * cells.length <= GRID_SHARE * flow.width ? { width: (GRID_SHARE * flow.width) / cells.length } : {}), // prettier-ignore
        ...(models.length > 1 ? { unit: roleStyles[role].label } : {}),
      })),
    ],
    first.scores.map(({ score, label }) => [
      { text: label },
      ...cells.map(({ name, model }): Cell => {
        const found = model.scores.find((entry) => entry.score === score);
        const value = found?.perSet.find(({ dataset }) => dataset === name)?.fpr95.value;
        if (value === undefined) return { text: '–' };
        return {
          text: decimal(value * 100, 1),
          fill: interpolateRgb('#ffffff', '#f0b477', Math.min(1, Math.max(0, value)) * 0.8),
        };
      }),
    ]),
    {
      caption: `FPR95 in percent, every detector on every set${which}. Darker is worse.`,
      key: `detector-grid-${first.role}`,
      size: GRID_SIZE,
    },
  );
}

function seeds({ flow, audit }: { flow: ReportContext['flow']; audit: Audit }): void {
  flow.heading('Spread over seeds', 60);
  if (audit.seeds.length === 0) {
    flow.paragraph(
      'One training seed per model: the intervals above cover the choice of test images, not the chance in training.',
    );
    return;
  }
  const spread = ({ mean, std }: { mean: number; std: number }): Cell => ({
    text: percent(mean),
    below: `± ${decimal(std * 100, 2)}`,
  });
  table(
    flow,
    [
      { title: 'Models', grow: 1 },
      { title: 'Seeds' },
      { title: 'Mean FPR95', align: 'right' },
      { title: 'Mean AUROC', align: 'right' },
      { title: 'ID accuracy', align: 'right' },
    ],
    audit.seeds.map((family) => [
      { text: family.label, below: family.modelIds.join(', ') },
      family.seeds.join(', '),
      spread(family.fpr95),
      spread(family.auroc),
      spread(family.accuracy),
    ]),
    {
      caption: 'Mean and sample standard deviation (n − 1), in points, over training seeds.',
      key: 'seeds',
    },
  );
}
