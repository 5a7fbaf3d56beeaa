/** What stands on every page: where one is, and whether this is a draft. */
import type { Cover } from '../audit.ts';
import { badColour, hairline, inkMuted, paper } from '../tokens.ts';
import type { Flow } from './flow.ts';
import { PAGE } from './grid.ts';

export interface RunningHead {
  readonly title: string;
  readonly reportId: string;
  readonly status: Cover['status'];
  /** Titles of the sections that begin on a page, in order. */
  readonly sections: ReadonlyMap<number, readonly string[]>;
}

const HEAD = 34;
const FOOT = PAGE.height - 42;

export function drawRunningHeads(flow: Flow, head: RunningHead): void {
  const { start, count } = flow.doc.bufferedPageRange();
  const style = { size: 7.4, colour: inkMuted } as const;
  const half = flow.width / 2 - 40;
  const [title = ''] = flow.lines(head.title, half, style);
  let goesOn = '';
  for (let page = start; page < start + count; page++) {
    flow.doc.switchToPage(page);
    const begun = head.sections.get(page) ?? [];
    const section = begun[0] ?? goesOn;
    goesOn = begun.at(-1) ?? goesOn;
    flow.tags.artifact(() => {
      if (page > start) {
        flow.line(title, flow.left, HEAD, half, style);
        const draft = head.status === 'draft' ? 44 : 0;
        flow.line(section, flow.left + flow.width / 2, HEAD, flow.width / 2 - draft, {
          ...style,
          align: 'right',
        });
        rule(flow, HEAD + 14);
      }
      if (head.status === 'draft') draftMark(flow, flow.left + flow.width - 36, HEAD - 2.5);
      flow.line(head.reportId, flow.left, FOOT, half, { ...style, font: 'mono', size: 6.6 });
      flow.line(`Page ${page - start + 1} of ${count}`, flow.left, FOOT, flow.width, {
        ...style,
        align: 'right',
      });
    }, 'Pagination');
  }
}

function draftMark(flow: Flow, x: number, y: number): void {
  flow.doc.roundedRect(x, y, 36, 13, 2).fill(badColour);
  flow.line('DRAFT', x, y + 2.7, 36, {
    size: 7,
    colour: paper,
    font: 'semibold',
    align: 'center',
  });
}

function rule({ doc, left, width }: Flow, y: number): void {
  doc
    .moveTo(left, y)
    .lineTo(left + width, y)
    .lineWidth(0.5)
    .strokeColor(hairline)
    .stroke();
}
