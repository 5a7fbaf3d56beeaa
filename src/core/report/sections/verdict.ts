/** One page: the answer, its numbers, and what to know before acting on it. */
import type { Estimate, Headline, Verdict } from '../audit.ts';
import { forestChart, type ForestRow } from '../charts/forest-chart.ts';
import { directionOf, percent, pointsInterval, rateInterval, signedPoints } from '../format.ts';
import { figure, figureHeight } from '../pdf/figure.ts';
import { columns, PAGE } from '../pdf/grid.ts';
import { openSection, type SectionTitle } from '../pdf/section.ts';
import { badColour, goodColour, hairline, ink, inkMuted, roleStyles } from '../tokens.ts';
import { sectionLink, setNames, type ReportContext } from './context.ts';

const OUTCOMES: Readonly<Record<Verdict['outcome'], { title: string; colour: string }>> = {
  improved: { title: 'Improved', colour: goodColour },
  'not shown': { title: 'Not shown', colour: ink },
  worse: { title: 'Worse', colour: badColour },
};

export function verdictSection(context: ReportContext, self: SectionTitle): void {
  const { flow, audit } = context;
  const { verdict, headlines } = audit;
  openSection(flow, self, { newPage: true });
  flow.gap(10);
  const { title, colour } = OUTCOMES[verdict.outcome];
  const top = flow.y;
  flow.tags.leaf('P', () =>
    flow.line(title, flow.left + 16, top - 4, flow.width, { font: 'semibold', size: 27, colour }),
  );
  flow.y = top + 32;
  flow.paragraph(verdict.sentence, { size: 11, left: flow.left + 16, width: columns(11) - 16, leading: 1.45 }); // prettier-ignore
  const end = flow.y;
  flow.tags.artifact(() => flow.doc.rect(flow.left, top, 5, end - top).fill(colour));
  flow.gap(18);
  headlineRow(context, [...headlines].slice(0, 3));
  forest(context);
  risks(context);
  rule(context);
}

/** At the foot of the page, where it pushes nothing away. */
function rule({ flow, audit: { verdict } }: ReportContext): void {
  const size = 7.4;
  const leading = 1.45;
  const text = [
    { text: 'The rule.  ', font: 'semibold' as const, colour: inkMuted },
    { text: verdict.rule, colour: inkMuted },
  ];
  const lines = flow.inlineLines(text, flow.width, { size }).length;
  const top = PAGE.bottom - lines * size * leading - 8;
  if (top < flow.y + 4) {
    flow.paragraph(['The rule is in ', sectionLink(9), '.'], { size: 8, colour: inkMuted });
    return;
  }
  flow.rule(top);
  flow.y = top + 6;
  flow.paragraph(text, { size, width: flow.width, leading });
}

/** Before, after, and the difference, side by side. */
function headlineRow({ flow }: ReportContext, headlines: readonly Headline[]): void {
  if (headlines.length === 0) return;
  const width = columns(12 / Math.max(2, headlines.length));
  const { y: top } = flow;
  for (const [i, headline] of headlines.entries()) {
    const x = flow.left + i * (width + 12);
    if (i > 0)
      flow.tags.artifact(() =>
        flow.doc
          .moveTo(x - 6, top)
          .lineTo(x - 6, top + 88)
          .lineWidth(0.5)
          .strokeColor(hairline)
          .stroke(),
      );
    flow.tags.leaf('P', () => oneHeadline(flow, headline, x, top, width - 6));
  }
  flow.y = top + 100;
}

function oneHeadline(
  flow: ReportContext['flow'],
  { label, lowerIsBetter, before, control, sparse, againstControl, againstBefore }: Headline,
  x: number,
  top: number,
  width: number,
): void {
  const [name = ''] = flow.lines(label, width, { size: 8.4 });
  flow.line(name, x, top, width, { size: 8.4, font: 'semibold' });
  flow.line(lowerIsBetter ? 'lower is better' : 'higher is better', x, top + 12, width, {
    size: 7,
    colour: inkMuted,
  });
  const from = percent(before.value);
  flow.line(from, x, top + 29, width, { size: 13, colour: roleStyles.before.colour });
  const fromWidth = flow.fonts.width(from, 'regular', 13);
  flow.line('to', x + fromWidth + 5, top + 33.5, 20, { size: 8, colour: inkMuted });
  const at = x + fromWidth + 18;
  flow.line(percent(sparse.value), at, top + 24, width, {
    size: 19,
    font: 'semibold',
    colour: roleStyles.sparse.colour,
  });
  const intervals = `${rateInterval(before)}   to   ${rateInterval(sparse)}`;
  flow.line(intervals.replace('   to   ', '   →   '), x, top + 49, width, { size: 6.8, colour: inkMuted }); // prettier-ignore
  const wanted = lowerIsBetter ? 'lower' : 'higher';
  difference(flow, 'against before', againstBefore, wanted, x, top + 62, width);
  if (againstControl)
    difference(flow, 'against control', againstControl, wanted, x, top + 74, width);
  else if (control)
    flow.line(`control ${percent(control.value)}`, x, top + 74, width, {
      size: 7.4,
      colour: inkMuted,
    });
}

function difference(
  flow: ReportContext['flow'],
  what: string,
  estimate: Estimate | null,
  wanted: 'lower' | 'higher',
  x: number,
  y: number,
  width: number,
): void {
  if (!estimate) return;
  const direction = directionOf(estimate, wanted);
  const colour = { better: goodColour, worse: badColour, unclear: inkMuted }[direction];
  const value = signedPoints(estimate.value);
  flow.line(value, x, y, width, { size: 7.8, font: 'semibold', colour });
  const after = x + flow.fonts.width(value, 'semibold', 7.8) + 4;
  flow.line(`(${pointsInterval(estimate)}) ${what}: ${direction}`, after, y + 0.5, width, {
    size: 7,
    colour: inkMuted,
  });
}

const MOST_ROWS = 9;

function forest(context: ReportContext): void {
  const { flow, audit } = context;
  const { verdict, pairedAgainstControl, pairedAgainstBefore } = audit;
  const control = pairedAgainstControl.length > 0 && verdict.againstControl !== null;
  const pairs = control ? pairedAgainstControl : pairedAgainstBefore;
  const mean = control ? verdict.againstControl : verdict.againstBefore;
  const names = setNames(context);
  const rows = pairs
    .filter(({ metric }) => metric === 'fpr95')
    .map(({ dataset, difference: estimate }): ForestRow => ({
      name: names[1 + audit.oodDatasets.findIndex(({ name }) => name === dataset)] ?? dataset,
      difference: estimate,
      lowerIsBetter: true,
    }));
  // The worst first when there are too many for the page.
  const shown =
    rows.length <= MOST_ROWS
      ? rows
      : [...rows].sort((a, b) => b.difference.value - a.difference.value).slice(0, MOST_ROWS);
  const other = control ? 'control' : 'before';
  const chart = forestChart(
    [
      { name: 'Mean over the sets', difference: mean, lowerIsBetter: true, summary: true },
      ...shown,
    ],
    { width: flow.width, label: `FPR95, sparse minus ${other}, points; 95% intervals, paired over the same images` }, // prettier-ignore
  );
  if (figureHeight(chart) > flow.room) return;
  const left = rows.length - shown.length;
  figure(flow, chart, {
    caption: `Change of FPR95 against the ${other === 'control' ? 'control' : 'model before fine-tuning'}, by OOD set.${left > 0 ? ` The ${shown.length} sets that changed for the worse most; all ${rows.length} are in section 12.` : ''}`,
    alt: `Forest plot. Mean over the sets: ${signedPoints(mean.value)} points (${pointsInterval(mean)}). ${shown.map(({ name, difference: d }) => `${name}: ${signedPoints(d.value)} (${pointsInterval(d)})`).join('; ')}.`,
    key: 'verdict-forest',
  });
}

function risks({ flow, audit }: ReportContext): void {
  const { topRisks, verdict } = audit;
  const items = (topRisks.length > 0 ? topRisks : verdict.cautions).slice(0, 3);
  flow.heading('Before you act on this', 20);
  if (items.length === 0) flow.note('Nothing that the data shows.');
  else flow.bullets(items, { numbered: true, width: columns(11), size: 8.8 });
  flow.note(['All limitations are in ', sectionLink(16), '; risks and actions in ', sectionLink(17), '.']); // prettier-ignore
}
