/** What the classifier does on the images it was made for. */
import { confusionChart } from '../charts/confusion-chart.ts';
import { reliabilityChart } from '../charts/reliability-chart.ts';
import { count, counted, percent, rateInterval } from '../format.ts';
import { figure } from '../pdf/figure.ts';
import { openSection, type SectionTitle } from '../pdf/section.ts';
import { table } from '../pdf/table.ts';
import { roleStyles } from '../tokens.ts';
import { audited, differenceCell, estimateCell, modelCell, type ReportContext } from './context.ts';

export function idPerformanceSection({ flow, audit }: ReportContext, self: SectionTitle): void {
  const { models, idDataset, verdict } = audit;
  const model = audited(audit);
  const { perClass, confusion } = model.idPerformance;
  openSection(flow, self, {
    lead: `${percent(model.idAccuracy.value)} of ${counted(idDataset.splits.test, 'ID test image')} are classified rightly by the model under audit (95% interval ${rateInterval(model.idAccuracy)}).`,
    needs: 440,
  });
  table(
    flow,
    [
      { title: 'Model', grow: 1 },
      { title: 'Accuracy', align: 'right' },
      { title: 'Change against before', unit: 'points, paired', align: 'right' },
      { title: 'ECE', unit: '15 bins', align: 'right' },
    ],
    models.map((m) => [
      modelCell(m),
      estimateCell(m.idAccuracy),
      m === model ? differenceCell(verdict.accuracyChange, 'higher') : '–',
      percent(m.ece),
    ]),
    { caption: `ID test images of ${flow.fonts.visible(idDataset.name)}.`, key: 'id-accuracy' },
  );
  const panels = models
    .filter(({ idPerformance }) => idPerformance.calibration.length > 0)
    .map(({ role, ece, idPerformance }) => ({ role, ece, bins: idPerformance.calibration }));
  if (panels.length > 0)
    figure(flow, reliabilityChart(panels, flow.width), {
      caption:
        'Reliability: accuracy of the images in each bin of confidence. Dark marks: mean confidence of the bin; a calibrated model has them at the top of the bars. Below: images per bin.',
      alt: `Reliability diagrams. ${panels.map(({ role, ece }) => `${roleStyles[role].label}: expected calibration error ${percent(ece)}.`).join(' ')}`,
      key: 'reliability',
    });
  if (perClass.length === 0) return;
  const names = perClass.map((row) => flow.fonts.visible(row.class));
  if (confusion.length === names.length ** 2) {
    figure(flow, confusionChart(confusion, names, flow.width), {
      caption: `Confusion matrix of the model under audit${names.length > 48 ? '; classes by their number in the table below' : ''}. Shades: share of the true class, on a square-root ramp.`,
      alt: `Confusion matrix of ${names.length} classes. ${worst(confusion, names)
        .slice(0, 5)
        .map(({ from, to, n }) => `${from} called ${to}: ${n}`)
        .join('; ')}.`,
      key: 'confusion',
    });
    const pairs = worst(confusion, names).slice(0, 12);
    if (pairs.length > 0)
      table(
        flow,
        [
          { title: 'True class', grow: 1 },
          { title: 'Called', grow: 1 },
          { title: 'Images', align: 'right' },
          { title: 'Share of the class', align: 'right' },
        ],
        pairs.map(({ from, to, n, share }) => [from, to, count(n), percent(share)]),
        { caption: 'The commonest confusions.', key: 'confusions', width: flow.width * 0.75 },
      );
  }
  const bar =
    (value: number) =>
    (
      doc: PDFKit.PDFDocument,
      [x, y, width, height]: readonly [number, number, number, number],
    ): void => {
      // prettier-ignore
      doc.rect(x, y + height / 2 - 2.5, width, 5).fill('#e8ebef');
      if (value > 0) doc.rect(x, y + height / 2 - 2.5, width * value, 5).fill('#1c62c4');
    };
  table(
    flow,
    [
      { title: 'No.', align: 'right' },
      { title: 'Class', grow: 1 },
      { title: 'Test images', align: 'right' },
      ...models.flatMap(({ role }) => [
        { title: 'Recall', unit: roleStyles[role].label, align: 'right' as const },
        { title: 'Precision', unit: roleStyles[role].label, align: 'right' as const },
      ]),
      { title: '', width: 64 },
    ],
    perClass.map((row, c) => [
      String(c + 1),
      row.class,
      count(row.n),
      ...models.flatMap(({ idPerformance }) => {
        const own = idPerformance.perClass[c];
        return own ? [percent(own.recall), percent(own.precision)] : ['–', '–'];
      }),
      { text: '', mark: bar(row.recall) },
    ]),
    {
      caption: `Per class. Bars: recall of the model under audit.`,
      key: 'per-class',
      size: 7.8,
      sticky: 2,
    },
  );
}

interface Confusion {
  readonly from: string;
  readonly to: string;
  readonly n: number;
  readonly share: number;
}

/** Pairs of different classes, most images first. */
function worst(confusion: readonly number[], names: readonly string[]): Confusion[] {
  const { length } = names;
  const pairs: Confusion[] = [];
  for (let r = 0; r < length; r++) {
    const row = confusion.slice(r * length, (r + 1) * length);
    const total = row.reduce((a, b) => a + b, 0);
    for (const [c, n] of row.entries())
      if (c !== r && n > 0)
        pairs.push({ from: names[r]!, to: names[c]!, n, share: n / Math.max(1, total) });
  }
  return pairs.sort((a, b) => b.n - a.n || b.share - a.share).slice(0, 50);
}
