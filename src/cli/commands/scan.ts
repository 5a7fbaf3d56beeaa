import { writeFile } from 'node:fs/promises';
import { manifestToCsv } from '../../core/datasets/manifest.ts';
import type { DatasetRole, Manifest } from '../../core/datasets/types.ts';
import { AppError } from '../../core/errors.ts';
import type { Host } from '../host.ts';
import { numberOption, registerFolder } from '../resolve.ts';
import { formatTable } from '../table.ts';

export interface ScanOptions {
  readonly name?: string;
  readonly role?: string;
  readonly splitSeed?: string;
  readonly csv?: string;
}

const SHOWN_FAILURES = 10;

export async function scan(host: Host, folder: string, options: ScanOptions): Promise<void> {
  const { role = 'auto', name, csv } = options;
  if (!['auto', 'id', 'ood'].includes(role))
    throw new AppError('usage', `Unknown role "${role}". Choose one of: auto, id, ood.`);
  const splitSeed = numberOption('split-seed', options.splitSeed);
  const id = await registerFolder(host, folder, {
    role: role as DatasetRole | 'auto',
    ...(name === undefined ? {} : { name }),
    ...(splitSeed === undefined ? {} : { splitSeed }),
  });
  const manifest = host.workspace().loadManifest(id);
  if (csv !== undefined) await writeFile(csv, [...manifestToCsv(manifest)].join(''));
  describe(host, id, manifest);
  host.output.result({ id, ...counts(manifest), classes: manifest.classes, csv: csv ?? null });
}

function counts({ images, symlinksSkipped, otherFiles, fingerprint, name, role }: Manifest) {
  const of = (status: string): number => images.filter((image) => image.status === status).length;
  return {
    name,
    role,
    discovered: images.length,
    ok: of('ok'),
    failed: of('failed'),
    excluded: of('excluded'),
    symlinksSkipped,
    otherFiles,
    fingerprint,
  };
}

function describe({ output }: Host, id: string, manifest: Manifest): void {
  const { ok, failed, excluded, symlinksSkipped, otherFiles } = counts(manifest);
  const { classes, images, name, role } = manifest;
  const kind = role === 'id' ? `in-distribution, ${classes.length} classes` : 'out-of-distribution';
  output.line(`${name}: ${ok.toLocaleString('en-US')} images, ${kind}  (${id})`);
  if (role === 'id') {
    const rows = classes.map((label, c) => [
      label,
      ...(['train', 'val', 'test'] as const).map((split) =>
        String(
          images.filter((i) => i.status === 'ok' && i.classIndex === c && i.split === split).length,
        ),
      ),
    ]);
    output.line(formatTable(['class', 'train', 'val', 'test'], rows));
    output.line(
      manifest.splitSource === 'seeded'
        ? `Split by class with seed ${manifest.splitSeed}.`
        : 'Split as the folders say.',
    );
  }
  if (failed > 0) {
    output.line(
      `${failed} of ${images.length} files could not be read; they are excluded. Fix or remove them and scan again:`,
    );
    const bad = images.filter(({ status }) => status === 'failed');
    for (const { path, reason } of bad.slice(0, SHOWN_FAILURES))
      output.line(`  ${JSON.stringify(path)}: ${reason}`);
    if (bad.length > SHOWN_FAILURES)
      output.line(`  and ${bad.length - SHOWN_FAILURES} more; --csv FILE lists all`);
  }
  if (excluded > 0) output.line(`${excluded} images are excluded by curation.`);
  if (symlinksSkipped > 0) output.line(`${symlinksSkipped} symbolic links were not followed.`);
  if (otherFiles > 0) output.line(`${otherFiles} other files were left alone.`);
}
