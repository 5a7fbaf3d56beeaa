/** What the threshold does when it is used, why it is where it is, and what happens when it moves. */
import { bandChart } from '../charts/band-chart.ts';
import { count, dateTime, energy, percent } from '../format.ts';
import { figure } from '../pdf/figure.ts';
import { openSection, type SectionTitle } from '../pdf/section.ts';
import { table, type Cell } from '../pdf/table.ts';
import { roleStyles } from '../tokens.ts';
import { audited, detectorLabel, metricsOf, modelCell, setNames, type ReportContext } from './context.ts'; // prettier-ignore

export function operatingPointSection(context: ReportContext, self: SectionTitle): void {
  const { flow, audit } = context;
  const { models } = audit;
  const model = audited(audit);
  const point = model.operatingPoint;
  openSection(flow, self, {
    lead: `An image is kept when its energy is at most ${energy(-point.threshold)}. That keeps ${percent(point.keptOfTest)} of the ID test images; the threshold saw ${count(point.validationImages)} ID validation images, no test image and no OOD image.`,
  });
  flow.facts([
    ['Detector', detectorLabel(audit, point.detector)],
    ['Where it is from', point.from === 'decision' ? 'a decision' : 'the default: keeps 95% of the ID validation images'], // prettier-ignore
    ['Rationale', point.rationale],
    ['Decided by', point.decidedBy === null ? 'nobody: the default' : `${point.decidedBy}${point.decidedAt === null ? '' : `, ${dateTime(point.decidedAt)}`}`], // prettier-ignore
  ]);
  table(
    flow,
    [
      { title: 'Model', grow: 1 },
      { title: 'Threshold on E', align: 'right' },
      { title: 'Validation images', align: 'right' },
      { title: 'Validation kept', align: 'right' },
      { title: 'ID test kept', align: 'right' },
      { title: 'Source' },
    ],
    models.map((m) => [
      modelCell(m),
      energy(-m.operatingPoint.threshold),
      count(m.operatingPoint.validationImages),
      percent(m.operatingPoint.keptOfValidation),
      percent(m.operatingPoint.keptOfTest),
      m.operatingPoint.from,
    ]),
    { caption: 'Operating points.', key: 'operating-points' },
  );
  acceptance(context);
  if (point.band.length > 1) band(context);
  rejection(context);
}

function acceptance({ flow, audit: { models, oodDatasets } }: ReportContext): void {
  table(
    flow,
    [
      { title: 'OOD set', grow: 1 },
      { title: 'Images', align: 'right' },
      ...models.map(({ role }) => ({ title: 'Accepted', unit: roleStyles[role].label, align: 'right' as const, grow: 0.4 })), // prettier-ignore
    ],
    oodDatasets.map(({ name, ok }) => [
      name,
      count(metricsOf(models[0]!, name)?.n ?? ok),
      ...models.map(({ operatingPoint, ...model }): Cell => {
        const row = operatingPoint.acceptedPerSet.find(({ dataset }) => dataset === name);
        if (row && row.n > 0) return { text: percent(row.accepted / row.n), below: `${count(row.accepted)} images` }; // prettier-ignore
        const metrics = metricsOf({ operatingPoint, ...model }, name);
        return { text: metrics ? percent(metrics.acceptedAtThreshold) : '–' };
      }),
    ]),
    {
      caption: 'OOD images accepted at the threshold.',
      key: 'accepted',
    },
  );
}

function band(context: ReportContext): void {
  const { flow, audit } = context;
  const { operatingPoint: point } = audited(audit);
  const names = setNames(context).slice(1);
  figure(flow, bandChart(point.band, names, point.keptOfValidation, flow.width), {
    caption:
      'Sensitivity of the model under audit: what is rejected of the ID test images and accepted of each OOD set when the threshold keeps more or less of the ID validation images.',
    alt: `Sensitivity band. ${point.band.map(({ target, keptOfTest }) => `keeping ${percent(target)} of validation rejects ${percent(1 - keptOfTest)} of ID test`).join('; ')}.`,
    key: 'band',
  });
  table(
    flow,
    [
      { title: 'ID validation kept', align: 'right' },
      { title: 'Threshold on E', align: 'right' },
      { title: 'ID test rejected', align: 'right' },
      ...names.map((name) => ({ title: name, unit: 'accepted', align: 'right' as const })),
    ],
    point.band.map(({ target, threshold, keptOfTest, accepted }) => [
      percent(target),
      energy(-threshold),
      percent(1 - keptOfTest),
      ...names.map((_, s) => percent(accepted[s] ?? NaN)),
    ]),
    { caption: 'The sensitivity band in numbers.', key: 'band-numbers', size: 7.6, sticky: 3 },
  );
}

function rejection({ flow, audit }: ReportContext): void {
  const { models } = audit;
  const rows = audited(audit).operatingPoint.rejectedPerClass;
  if (rows.length === 0) return;
  const cell = ({ n, rejected }: { n: number; rejected: number }): Cell => ({
    text: n > 0 ? percent(rejected / n) : '–',
    below: `${count(rejected)} of ${count(n)}`,
  });
  table(
    flow,
    [
      { title: 'Class', grow: 1 },
      ...models.map(({ role }) => ({ title: 'Rejected', unit: roleStyles[role].label, align: 'right' as const })), // prettier-ignore
      { title: '', width: 110 },
    ],
    rows.map((row, c) => [
      { text: row.class },
      ...models.map(({ operatingPoint }): Cell => {
        const own = operatingPoint.rejectedPerClass[c];
        return own ? cell(own) : { text: '–' };
      }),
      {
        text: '',
        mark: (doc, [x, y, width, height]) => {
          doc.rect(x, y + height / 2 - 2.5, width, 5).fill('#eef1f4');
          const share = row.n > 0 ? Math.min(1, row.rejected / row.n) : 0;
          if (share > 0) doc.rect(x, y + height / 2 - 2.5, width * share, 5).fill('#1c62c4');
        },
      },
    ]),
    {
      caption:
        'ID test images rejected at the threshold, by true class. Bars: the model under audit. A class that is rejected far more often than others is served worse.',
      key: 'rejected',
      size: 7.8,
    },
  );
}
