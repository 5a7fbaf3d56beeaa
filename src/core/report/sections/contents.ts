/** The contents: every section with its page, and whether people left it blank. */
import type { Flow } from '../pdf/flow.ts';
import { sectionPlace } from '../pdf/section.ts';
import { hairline, ink, inkMuted } from '../tokens.ts';
import type { Section } from './context.ts';

const ROW = 24;

const FILLED_BY = {
  data: '',
  people: 'filled in by people',
  both: 'data, and words of people',
} as const;

export function contentsPage(flow: Flow, sections: readonly Section[]): void {
  flow.newPage();
  flow.references.sectionBookmark('Contents', flow.y);
  flow.references.place('contents', flow.y, flow.page);
  flow.paragraph('Contents', { font: 'semibold', size: 19, tag: 'H2' });
  flow.gap(10);
  flow.tags.begin('TOC');
  for (const section of sections) {
    const { number, title, filledBy } = section;
    const { y } = flow;
    flow.rule(y, { weight: 0.4, colour: hairline });
    const entry = flow.tags.element('TOCI');
    const place = sectionPlace(number);
    flow.tags.link(entry, [flow.left, y, flow.width, ROW], place, () => {
      flow.line(String(number), flow.left, y + 6, 24, { size: 9.5, colour: inkMuted });
      flow.line(title, flow.left + 42, y + 6, 300, { size: 9.5, font: 'semibold', colour: ink });
    });
    flow.tags.fill(entry, 'TOCI', () =>
      flow.line(FILLED_BY[filledBy], flow.left + 300, y + 7, 140, { size: 7.6, colour: inkMuted }),
    );
    flow.later(() =>
      flow.tags.fill(entry, 'TOCI', () =>
        flow.line(String((flow.references.pageOf(place) ?? 0) + 1), flow.left, y + 6, flow.width, {
          size: 9.5,
          align: 'right',
        }),
      ),
    );
    flow.y += ROW;
  }
  flow.tags.end();
  flow.rule(flow.y, { weight: 0.4, colour: hairline });
  flow.gap(12);
  flow.note(
    'Sections 4 to 15 and 18 are filled in by what was measured. What only people know is printed as they wrote it; a blank reads "not supplied".',
  );
}
