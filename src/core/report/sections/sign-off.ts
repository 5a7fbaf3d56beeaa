/** Who stands for this report. */
import type { Statements } from '../audit.ts';
import { dateTime } from '../format.ts';
import { NOT_SUPPLIED } from '../pdf/flow.ts';
import { columns, columnX } from '../pdf/grid.ts';
import { openSection, type SectionTitle } from '../pdf/section.ts';
import { table } from '../pdf/table.ts';
import { ink, inkMuted } from '../tokens.ts';
import type { ReportContext } from './context.ts';

const BLOCK = 150;

export function signOffSection({ flow, audit, seal }: ReportContext, self: SectionTitle): void {
  const { statements, cover, versions } = audit;
  openSection(flow, self, {
    lead:
      cover.status === 'draft'
        ? 'This is a draft. It has not been signed off.'
        : 'The report is final. Signatures on paper or in a viewer stand for what is printed here; the hash on the cover names the numbers.',
    needs: 320,
  });
  const top = flow.y + 6;
  signature(flow, 'Prepared by', statements.preparer, cover.author, columnX(0), top);
  signature(flow, 'Reviewed by', statements.reviewer, cover.reviewer, columnX(6), top);
  flow.y = top + BLOCK;
  flow.facts(
    [['Key of the manifest, SHA-256', seal?.keyFingerprint ?? (seal ? 'the manifest is not signed' : 'known once the report is written')]], // prettier-ignore
    { font: seal?.keyFingerprint ? 'mono' : 'regular' },
  );
  flow.gap(8);
  if (versions.length === 0) return;
  table(
    flow,
    [
      { title: 'Version' },
      { title: 'When' },
      { title: 'Who' },
      { title: 'Status' },
      { title: 'Note', grow: 2 },
      { title: 'SHA-256 of report.json', grow: 1 },
    ],
    versions.map(({ version, time, author, status, note, reportSha256 }) => [
      String(version),
      dateTime(time),
      author,
      status,
      note === '' ? '–' : note,
      reportSha256 === null
        ? { text: 'this report: see the cover', colour: inkMuted }
        : { text: reportSha256, font: 'mono' as const },
    ]),
    { caption: 'Version history.', key: 'versions', size: 7.6 },
  );
}

function signature(
  flow: ReportContext['flow'],
  title: string,
  who: Statements['preparer'],
  fallback: string | null,
  x: number,
  top: number,
): void {
  const width = columns(6) - 10;
  const text = (label: string, value: string, y: number): void => {
    flow.tags.leaf('P', () => {
      flow.line(label, x, y, 60, { size: 8, colour: inkMuted });
      const [first = ''] = flow.lines(value, width - 64, { size: 9 });
      flow.line(first, x + 64, y - 0.8, width - 64, { size: 9, ...(value === NOT_SUPPLIED ? { colour: inkMuted } : {}) }); // prettier-ignore
    });
  };
  flow.tags.leaf('P', () => flow.line(title, x, top, width, { size: 10, font: 'semibold' }));
  text('Name', who?.name ?? fallback ?? NOT_SUPPLIED, top + 20);
  text('Role', who?.role ?? NOT_SUPPLIED, top + 35);
  text('Date', who?.date ?? NOT_SUPPLIED, top + 50);
  flow.rule(top + 118, { weight: 0.8, colour: ink, left: x, width });
  flow.tags.leaf('P', () =>
    flow.line('Signature', x, top + 122, width, { size: 7.4, colour: inkMuted }),
  );
}
