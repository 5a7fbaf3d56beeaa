/** `straylight curate log`, `leakage` and `export`: what people decided about images, and the data that gives. */
import { statSync } from 'node:fs';
import path from 'node:path';
import { actionText, describeAction } from '../../core/curate/describe.ts';
import { exportImages, type ExportMode } from '../../core/curate/export-images.ts';
import { AppError } from '../../core/errors.ts';
import { exportRequest } from '../../core/workflow/dataset-findings.ts';
import { excludeLeakage, findLeakage, type LeakKind } from '../../core/workflow/exclude-leakage.ts';
import { authorOf } from '../../engine/author.ts';
import type { Host } from '../host.ts';
import { describeLeakage } from '../leakage.ts';
import { datasetId } from '../resolve.ts';
import { formatTable } from '../table.ts';

const MODES: readonly ExportMode[] = ['copy', 'hard-link', 'csv', 'json'];

/** Every decision, oldest first. */
export function curateLog(host: Host): Promise<void> {
  const { curation } = host.workspace();
  const log = curation.entries();
  const { undone } = curation.current();
  const imagesOf = new Map(
    log.map((entry) => [
      entry.id,
      entry.kind === 'apply' ? entry.targets.reduce((sum, { paths }) => sum + paths.length, 0) : 0,
    ]),
  );
  const rows = log.map((entry) => {
    const images = imagesOf.get(entry.kind === 'apply' ? entry.id : entry.target) ?? 0;
    const text = `${describeAction(entry, log)}${undone.has(entry.id) ? '  [undone]' : ''}`;
    return [entry.time, entry.author, images.toLocaleString('en-US'), text.replaceAll('\n', ' ')];
  });
  host.output.line(
    rows.length === 0
      ? 'Nothing was decided yet.'
      : formatTable(['time', 'author', 'images', 'decision'], rows),
  );
  host.output.result({
    entries: log.map((entry) => ({
      id: entry.id,
      time: entry.time,
      author: entry.author,
      reason: entry.reason,
      kind: entry.kind,
      ...(entry.kind === 'apply'
        ? {
            action: entry.action,
            text: actionText(entry.action),
            undone: undone.has(entry.id),
            targets: entry.targets.map(({ datasetId, paths, sha256s }) => ({
              datasetId,
              images: paths.map((image, i) => ({ path: image, sha256: sha256s[i]! })),
            })),
          }
        : { target: entry.target }),
    })),
  });
  return Promise.resolve();
}

/** The images of a dataset that are not excluded, with their new classes, into a folder. */
export async function curateExport(
  host: Host,
  dataset: string,
  folder: string,
  { mode = 'copy' }: { readonly mode?: string },
): Promise<void> {
  const known = MODES.find((name) => name === mode);
  if (!known)
    throw new AppError('usage', `Unknown mode "${mode}". Choose one of: ${MODES.join(', ')}.`);
  const into = path.resolve(folder);
  if (!statSync(into, { throwIfNoEntry: false })?.isDirectory())
    throw new AppError('not-found', `There is no folder ${into}. Make it first; the export goes into it under a name of its own.`); // prettier-ignore
  const request = exportRequest(host.workspace(), dataset, null, { mode: known, into });
  const { path: written, images, failed } = await exportImages(request, host.hooks);
  host.output.line(`${images.toLocaleString('en-US')} images: ${written}`);
  if (failed > 0)
    host.output.line(
      `${failed.toLocaleString('en-US')} could not be read or have changed since the scan; they are named in failed.csv. Scan the folder again.`,
    );
  host.output.result({ path: written, images, failed });
}

/** Images that a test or OOD set shares with another part: counted, and excluded when that is asked for. */
export async function curateLeakage(
  host: Host,
  dataset: string,
  { ood, exclude, author }: { readonly ood?: readonly string[]; readonly exclude?: string; readonly author?: string }, // prettier-ignore
): Promise<void> {
  if (exclude !== undefined && exclude !== 'exact' && exclude !== 'all')
    throw new AppError('usage', `--exclude must be exact or all, not "${exclude}".`);
  const workspace = host.workspace();
  const id = await datasetId(host, dataset, 'id');
  const sets: string[] = [];
  for (const one of ood ?? []) sets.push(await datasetId(host, one, 'ood'));
  const report = describeLeakage(host, id, sets);
  const kind: LeakKind | null = exclude ?? null;
  const entries = kind ? excludeLeakage(workspace, report, kind, authorOf(author ?? '')) : [];
  const images = entries.reduce(
    (sum, entry) => sum + (entry.kind === 'apply' ? entry.targets.reduce((n, { paths }) => n + paths.length, 0) : 0), // prettier-ignore
    0,
  );
  if (kind)
    host.output.line(
      images === 0
        ? 'Nothing was excluded.'
        : `${images.toLocaleString('en-US')} images excluded from test, validation or OOD sets; see straylight curate log. No training image was touched.`,
    );
  host.output.result({
    leakage: report.counts,
    excluded: images,
    left: kind ? findLeakage(workspace, id, sets).counts : report.counts,
  });
}
