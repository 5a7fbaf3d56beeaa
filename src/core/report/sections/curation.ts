/** What people changed in the data: who, when, why, and what it did to the counts. */
import { count, counted, dateTime } from '../format.ts';
import { openSection, type SectionTitle } from '../pdf/section.ts';
import { table } from '../pdf/table.ts';
import { inkMuted } from '../tokens.ts';
import type { ReportContext } from './context.ts';

export function curationSection({ flow, audit }: ReportContext, self: SectionTitle): void {
  const { entries, entriesTotal, totals } = audit.curation;
  openSection(flow, self, {
    lead:
      entriesTotal === 0
        ? 'Nobody excluded or relabelled an image of these sets. Files are never changed by curation: it is a log that is replayed.'
        : `${counted(entriesTotal, 'entry', 'entries')} in the log about these sets. Files are never changed by curation: it is a log that is replayed, and an undo is an entry too.`,
    needs: 120,
  });
  if (totals.length > 0)
    table(
      flow,
      [
        { title: 'Set', grow: 2 },
        { title: 'Usable before', align: 'right' },
        { title: 'Usable after', align: 'right' },
        { title: 'Excluded', align: 'right' },
        { title: 'Relabelled', align: 'right' },
      ],
      totals.map(({ dataset, before, after }) => [
        dataset,
        count(before.usable),
        count(after.usable),
        count(after.excluded),
        count(after.relabelled),
      ]),
      { caption: 'Images before and after curation.', key: 'curation-totals' },
    );
  if (entries.length === 0) return;
  table(
    flow,
    [
      { title: 'When' },
      { title: 'Who' },
      { title: 'What', grow: 1.5 },
      { title: 'Images', align: 'right' },
      { title: 'Why', grow: 2 },
      { title: 'In force' },
    ],
    entries.map(({ time, author, action, kind, target, images, reason, inForce }) => [
      dateTime(time),
      author,
      target === null || kind === 'apply' ? action : `${action} (${kind} of ${target})`,
      {
        text: count(images.reduce((sum, entry) => sum + entry.images, 0)),
        below: images.map(({ dataset }) => dataset).join(', '),
      },
      reason === '' ? 'no reason given' : reason,
      { text: inForce ? 'yes' : 'no', ...(inForce ? {} : { colour: inkMuted }) },
    ]),
    {
      caption: `The curation log${entries.length < entriesTotal ? `, ${count(entries.length)} of ${count(entriesTotal)} entries` : ''}.`,
      key: 'curation-log',
      size: 7.6,
    },
  );
}
