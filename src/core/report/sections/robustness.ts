/** What happens to the score and the answers when images get worse. */
import type { Robustness } from '../audit.ts';
import { robustnessChart } from '../charts/robustness-chart.ts';
import { count, energy, percent } from '../format.ts';
import { figure } from '../pdf/figure.ts';
import { openSection, type SectionTitle } from '../pdf/section.ts';
import { table, type Cell } from '../pdf/table.ts';
import { roleStyles } from '../tokens.ts';
import { audited, type ReportContext } from './context.ts';

export function robustnessSection({ flow, audit }: ReportContext, self: SectionTitle): void {
  const { robustness } = audit;
  if (!robustness) {
    openSection(flow, self, {
      lead: 'Not run. How noise, blur, brightness and JPEG compression change the energy and the answers is not known for these models.',
      needs: 90,
    });
    return;
  }
  openSection(flow, self, {
    lead: `${count(robustness.images)} ID test images, made worse step by step (seed ${robustness.seed}). ${robustness.source}`,
  });
  for (const measure of ['accuracy', 'keptAtThreshold'] as const) {
    const what = measure === 'accuracy' ? 'Accuracy' : 'Share kept at the threshold';
    figure(flow, robustnessChart(robustness, measure, flow.width), {
      caption: `${what} by corruption and severity; severity 0 is the clean image.${measure === 'keptAtThreshold' ? ' A detector that notices corruption keeps fewer images.' : ''}`,
      alt: `${what} over severity. ${robustness.perModel.map((model) => worst(model, measure)).join(' ')}`,
      key: `robustness-${measure}`,
    });
  }
  const own = robustness.perModel.find(({ role }) => role === audited(audit).role) ?? robustness.perModel.at(-1); // prettier-ignore
  if (!own) return;
  const corruptions = [...new Set(own.cells.map(({ corruption }) => corruption))];
  table(
    flow,
    [
      { title: 'Corruption', grow: 1 },
      ...[1, 2, 3, 4, 5].map((severity) => ({ title: `Severity ${severity}`, align: 'right' as const })), // prettier-ignore
    ],
    corruptions.map((corruption) => [
      { text: corruption },
      ...[1, 2, 3, 4, 5].map((severity): Cell => {
        const cell = own.cells.find((c) => c.corruption === corruption && c.severity === severity);
        if (!cell) return { text: '–' };
        return {
          text: percent(cell.accuracy),
          below: `${percent(cell.keptAtThreshold)} kept, E ${energy(cell.meanEnergy)}`,
        };
      }),
    ]),
    {
      caption: `${roleStyles[own.role].label} model: accuracy, share kept at the threshold and mean energy. Clean images: ${percent(own.clean.accuracy)}, ${percent(own.clean.keptAtThreshold)} kept, E ${energy(own.clean.meanEnergy)}.`,
      key: 'robustness-numbers',
      size: 7.8,
    },
  );
}

function worst(
  { role, clean, cells }: Robustness['perModel'][number],
  measure: 'accuracy' | 'keptAtThreshold',
): string {
  const lowest = [...cells].sort((a, b) => a[measure] - b[measure])[0];
  const label = roleStyles[role].label;
  return lowest
    ? `${label}: clean ${percent(clean[measure])}, lowest ${percent(lowest[measure])} (${lowest.corruption}, severity ${lowest.severity}).`
    : `${label}: clean ${percent(clean[measure])}.`;
}
