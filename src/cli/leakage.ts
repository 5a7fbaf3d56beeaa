/** Leakage, told before any metric is. */
import { findLeakage, type LeakReport } from '../core/workflow/exclude-leakage.ts';
import type { Host } from './host.ts';
import { formatTable } from './table.ts';

const number = (n: number): string => n.toLocaleString('en-US');

/** Prints what leaks between the parts, and how to exclude it. */
export function describeLeakage(
  host: Host,
  idDatasetId: string,
  oodDatasetIds: readonly string[],
): LeakReport {
  const workspace = host.workspace();
  const report = findLeakage(workspace, idDatasetId, oodDatasetIds);
  const { counts, notAnalysed } = report;
  if (notAnalysed.length > 0)
    host.output.line(`Leakage: ${notAnalysed.join(', ')} not analysed yet, so nothing is known of ${notAnalysed.length === 1 ? 'it' : 'them'}. straylight scan FOLDER analyses a set.`); // prettier-ignore
  if (counts.length === 0) {
    if (notAnalysed.length === 0)
      host.output.line(
        'Leakage: none. No image of a test or OOD set is among those of another part.',
      );
    return report;
  }
  const names = [idDatasetId, ...oodDatasetIds].map((id) => workspace.getDataset(id).name);
  const [id, ...ood] = names.map((name) => (/\s/u.test(name) ? JSON.stringify(name) : name));
  host.output.line('Leakage (images of the second part that are in the first too):');
  host.output.line(
    formatTable(
      ['between', 'same file', 'alike'],
      counts.map(({ between, exact, near }) => [between, number(exact), number(near)]),
    ),
  );
  host.output.line(
    `To exclude them from the second part: straylight curate leakage ${id!}${ood.length > 0 ? ` --ood ${ood.join(' ')}` : ''} --exclude exact (or all)`,
  );
  return report;
}
