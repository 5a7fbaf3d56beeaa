/** What a reader must hold against the numbers. Filled in by the data; nobody can leave it out. */
import type { Limitation } from '../audit.ts';
import { counted } from '../format.ts';
import { openSection, type SectionTitle } from '../pdf/section.ts';
import { table } from '../pdf/table.ts';
import { badColour, ink, inkMuted } from '../tokens.ts';
import type { ReportContext } from './context.ts';

const ORDER = { serious: 0, moderate: 1, note: 2 } as const;
const COLOURS = { serious: badColour, moderate: ink, note: inkMuted } as const;

export function limitationsSection({ flow, audit }: ReportContext, self: SectionTitle): void {
  const { limitations, verdict } = audit;
  const sorted = [...limitations].sort((a, b) => ORDER[a.severity] - ORDER[b.severity]);
  const serious = limitations.filter(({ severity }) => severity === 'serious').length;
  openSection(flow, self, {
    lead: `Found in the data and the settings of this audit, not chosen by its authors: ${counted(limitations.length, 'limitation')}, ${serious} of them serious.`,
  });
  if (sorted.length > 0)
    table(
      flow,
      [{ title: 'Weight' }, { title: 'Limitation', grow: 3 }],
      sorted.map(({ severity, text }: Limitation) => [
        { text: severity, colour: COLOURS[severity], font: severity === 'serious' ? ('semibold' as const) : ('regular' as const) }, // prettier-ignore
        text,
      ]),
      { caption: 'Limitations, the most serious first.', key: 'limitations', size: 8.6 },
    );
  const known = new Set(limitations.map(({ text }) => text));
  const further = verdict.cautions.filter((caution) => !known.has(caution));
  if (further.length > 0) {
    flow.heading('Cautions of the verdict', 40);
    flow.bullets(further);
  }
}
