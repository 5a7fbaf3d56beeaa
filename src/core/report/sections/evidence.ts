/** Where this report holds evidence for what laws and frameworks ask. It never says that anything is complied with. */
import type { Evidence } from '../audit.ts';
import { openSection, sectionPlace, type SectionTitle } from '../pdf/section.ts';
import { table, type Cell } from '../pdf/table.ts';
import { badColour, goodColour, ink, inkMuted } from '../tokens.ts';
import type { ReportContext } from './context.ts';

const COLOURS: Readonly<Record<Evidence['status'], string>> = {
  present: goodColour,
  partial: ink,
  'user-supplied': inkMuted,
  absent: badColour,
};

export function evidenceSection({ flow, audit }: ReportContext, self: SectionTitle): void {
  openSection(flow, self, {
    lead: 'Where to find evidence for what is asked. "Present" means that this report holds it, not that a requirement is met: that is for people to judge.',
  });
  const frameworks = [...new Set(audit.evidence.map(({ framework }) => framework))];
  for (const framework of frameworks) {
    const rows = audit.evidence.filter((entry) => entry.framework === framework);
    table(
      flow,
      [
        { title: 'Reference', grow: 0.6 },
        { title: 'Asks for', grow: 2 },
        { title: 'Evidence' },
        { title: 'Where' },
        { title: 'Page', align: 'right', width: 34 },
        { title: 'Note', grow: 1.4 },
      ],
      rows.map(({ reference, asks, status, section, note }): Cell[] => [
        { text: reference, font: 'semibold' },
        { text: asks },
        { text: status, colour: COLOURS[status] },
        { text: `section ${section}`, to: sectionPlace(section) },
        { text: '', later: () => String((flow.references.pageOf(sectionPlace(section)) ?? 0) + 1) },
        { text: note === '' ? '–' : note },
      ]),
      { caption: `Evidence for ${framework}.`, key: `evidence-${framework}`, size: 7.8 },
    );
  }
}
