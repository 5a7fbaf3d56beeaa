/** The sections of the report: numbered, bookmarked, reachable by links. */
import { ink, inkMuted } from '../tokens.ts';
import type { Flow } from './flow.ts';
import { columns, PAGE } from './grid.ts';
import type { Inline } from './inline.ts';

export interface SectionTitle {
  /** 1 to 21, as in the contents. */
  readonly number: number;
  readonly title: string;
}

/** Name of the place of a section. */
export const sectionPlace = (number: number): string => `section-${number}`;

/** A section begins on a new page unless most of one is left. */
const ROOM = (PAGE.bottom - PAGE.top) * 0.55;

/**
 * Opens a section: number and title on the grid, and what it says in a sentence.
 * @param needs height of what must stay with the title, in points
 * @returns the page it begins on, from 0
 */
export function openSection(
  flow: Flow,
  { number, title }: SectionTitle,
  {
    lead,
    needs = ROOM,
    newPage = false,
  }: { lead?: Inline; needs?: number; newPage?: boolean } = {},
): number {
  if (flow.y > PAGE.top && (newPage || flow.room < Math.max(ROOM, needs))) flow.newPage();
  else flow.gap(30);
  flow.references.sectionBookmark(`${number}  ${title}`, flow.y);
  flow.references.place(sectionPlace(number), flow.y, flow.page);
  const top = flow.y;
  flow.rule(top, { weight: 1.4, colour: ink });
  flow.tags.leaf('H2', () => {
    flow.line(String(number), flow.left, top + 8, columns(1), { size: 19, colour: inkMuted });
    flow.line(title, flow.left + columns(1) + 10, top + 8, columns(11), {
      font: 'semibold',
      size: 19,
    });
  });
  flow.y = top + 40;
  if (lead !== undefined) {
    flow.paragraph(lead, { size: 10, leading: 1.5, width: columns(10) });
    flow.gap(6);
  }
  return flow.page;
}
