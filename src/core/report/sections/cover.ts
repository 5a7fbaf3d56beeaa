/** Page one: what this is, of what, by whom, and the hash that it can be checked by. */
import { coverChart } from '../charts/cover-chart.ts';
import { count, counted, dateTime } from '../format.ts';
import { picture } from '../pdf/figure.ts';
import { NOT_SUPPLIED } from '../pdf/flow.ts';
import { columns, columnX, PAGE } from '../pdf/grid.ts';
import { sectionPlace } from '../pdf/section.ts';
import { ink, inkMuted, paper, roleStyles, badColour } from '../tokens.ts';
import { audited, setNames, type ReportContext } from './context.ts';

export function coverSection(context: ReportContext): void {
  const { flow, audit, seal } = context;
  const { cover, title, environment } = audit;
  flow.references.sectionBookmark('1  Cover', 0);
  flow.references.place(sectionPlace(1), 0, flow.page);
  wordmark(context);
  flow.y = 132;
  flow.paragraph('Audit report', { size: 12, colour: inkMuted });
  flow.gap(2);
  const size = title.length > 60 ? 24 : 34;
  flow.paragraph(title, { font: 'semibold', size, tag: 'H1', leading: 1.16, width: columns(11) });
  flow.gap(8);
  const model = audited(audit);
  flow.paragraph(
    `Which images the classifier "${model.name || model.id}" should not trust: ${model.architecture}, measured on ${counted(audit.oodDatasets.length, 'out-of-distribution set')} before and after sparse fine-tuning.`,
    { size: 11, colour: inkMuted, width: columns(9), leading: 1.5 },
  );
  status(context);
  ridges(context);
  const bottom = PAGE.bottom - 168;
  flow.y = bottom;
  flow.rule(bottom - 12, { weight: 1.4, colour: ink });
  const left: [string, string][] = [
    ['Author', cover.author ?? NOT_SUPPLIED],
    ['Reviewer', cover.reviewer ?? NOT_SUPPLIED],
    ['Organisation', cover.organisation ?? NOT_SUPPLIED],
    ['Date', `${dateTime(audit.createdAt)} (made in ${audit.timeZone})`],
    ['Made with', `Straylight ${environment.app}`],
  ];
  const right: [string, string][] = [
    ['Report', audit.id],
    ['Model', model.id],
    ['ID set', `${audit.idDataset.name}, ${count(audit.idDataset.ok)} images`],
    ['OOD sets', `${count(audit.oodDatasets.length)}: ${audit.oodDatasets.map(({ name }) => name).join(', ')}`], // prettier-ignore
    ['Version', String(cover.version)],
  ];
  block(context, left, columnX(0), columns(6), bottom);
  block(context, right, columnX(6), columns(6), bottom);
  flow.y = PAGE.bottom - 40;
  flow.rule(flow.y - 6);
  flow.paragraph(
    'SHA-256 of report.json: check it, and every number, with  straylight verify <folder>',
    {
      size: 7,
      colour: inkMuted,
      width: flow.width,
    },
  );
  flow.paragraph(seal?.jsonSha256 ?? 'known once report.json is written; see manifest.json', {
    size: 8,
    font: seal ? 'mono' : 'regular',
    width: flow.width,
  });
}

function wordmark({ flow }: ReportContext): void {
  const { doc } = flow;
  const x = flow.left;
  // Light that strays past an aperture: the mark of the product.
  flow.tags.artifact(() => {
    doc
      .circle(x + 8, 60, 7.2)
      .lineWidth(1.6)
      .strokeColor(roleStyles.sparse.colour)
      .stroke();
    doc
      .moveTo(x + 8, 60)
      .lineTo(x + 19.5, 51.5)
      .lineWidth(1.6)
      .strokeColor(ink)
      .stroke();
    doc.circle(x + 8, 60, 2).fill(ink);
  });
  flow.tags.leaf('P', () =>
    flow.line('Straylight', x + 26, 52.5, 120, { font: 'semibold', size: 13 }),
  );
}

function status({ flow, audit }: ReportContext): void {
  const { status: state } = audit.cover;
  flow.gap(12);
  const text = state === 'draft' ? 'Draft: not signed off' : 'Final';
  const width = flow.fonts.width(text, 'semibold', 9) + 18;
  const { y } = flow;
  const colour = state === 'draft' ? badColour : ink;
  flow.tags.artifact(() => flow.doc.roundedRect(flow.left, y, width, 19, 3).fill(colour));
  flow.tags.leaf('P', () =>
    flow.line(text, flow.left, y + 4.4, width, {
      font: 'semibold',
      size: 9,
      colour: paper,
      align: 'center',
    }),
  );
  flow.y = y + 30;
}

function ridges(context: ReportContext): void {
  const { flow, audit } = context;
  const { distributions } = audit;
  const room = PAGE.bottom - 168 - 24 - 26 - flow.y;
  const chart =
    distributions &&
    coverChart(distributions, audited(audit).role, { width: flow.width, height: room - 8 });
  if (!chart) return;
  const top = flow.y + (room - chart.height) / 2 + 6;
  const sets = setNames(context).slice(1);
  const says = `Energy of the ID test images (blue, in front) and of ${counted(sets.length, 'OOD set')} (orange, behind) under the model as audited. The line is its threshold: images right of it are called OOD.`;
  picture(flow, chart, flow.left, top, says);
  flow.y = top + chart.height + 6;
  flow.paragraph(says, { size: 7.4, colour: inkMuted, width: columns(9) });
}

function block(
  { flow }: ReportContext,
  facts: readonly (readonly [string, string])[],
  x: number,
  width: number,
  top: number,
): void {
  const size = 8.4;
  let y = top;
  flow.tags.begin('L');
  for (const [name, value] of facts) {
    const all = flow.lines(value, width - 70, { size });
    const lines = all.slice(0, 3);
    if (all.length > 3) lines[2] = `${lines[2]!.trimEnd().slice(0, -2)}…`;
    flow.tags.begin('LI');
    flow.tags.leaf('Lbl', () => flow.line(name, x, y, 66, { size, colour: inkMuted }));
    flow.tags.leaf('LBody', () => {
      for (const line of lines) {
        flow.line(line, x + 70, y, width - 70, { size });
        y += size * 1.4;
      }
    });
    flow.tags.end();
    y += 4;
  }
  flow.tags.end();
}
