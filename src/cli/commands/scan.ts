import { manifestToCsv } from '../../core/datasets/manifest.ts';
import type { DatasetRole, Manifest } from '../../core/datasets/types.ts';
import type { Findings } from '../../core/datasets/analyse/findings.ts';
import { AppError } from '../../core/errors.ts';
import { datasetFindings } from '../../core/workflow/dataset-findings.ts';
import type { Host } from '../host.ts';
import { numberOption, registerFolder } from '../resolve.ts';
import { formatTable } from '../table.ts';
import { writeCsv } from '../write-csv.ts';

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
  if (csv !== undefined) await writeCsv(csv, manifestToCsv(manifest));
  describe(host, id, manifest, role);
  const findings = datasetFindings(host.workspace(), id);
  if (findings) describeFindings(host, findings);
  host.output.result({
    id,
    ...counts(manifest),
    classes: manifest.classes,
    analysis: findings,
    csv: csv ?? null,
  });
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

/** The folders right below the root that hold images; '' for the root itself. */
const topFolders = ({ images }: Manifest): string[] => [
  ...new Set(
    images.map(({ path }) => (path.includes('/') ? path.slice(0, path.indexOf('/')) : '')),
  ),
];

const describeSplit = ({ splitSource, splitSeed }: Manifest): string =>
  splitSource === 'seeded'
    ? `Split by class with seed ${splitSeed}.`
    : `Split as the folders say; a val or test that they do not give is drawn from train with seed ${splitSeed}.`;

function describe({ output }: Host, id: string, manifest: Manifest, choice: string): void {
  const { ok, failed, excluded, symlinksSkipped, otherFiles } = counts(manifest);
  const { classes, images, name, role } = manifest;
  const kind = role === 'id' ? `in-distribution, ${classes.length} classes` : 'out-of-distribution';
  output.line(`${name}: ${ok.toLocaleString('en-US')} images, ${kind}  (${id})`);
  const [first, second] = topFolders(manifest);
  if (role === 'ood' && choice === 'auto' && first !== undefined && second === undefined)
    output.line(
      `All images lie in one folder, ${JSON.stringify(first)}, so this is taken for an out-of-distribution set. An in-distribution set needs a folder for each of at least two classes.`,
    );
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
    output.line(describeSplit(manifest));
  }
  if (failed > 0) {
    output.line(
      `${failed.toLocaleString('en-US')} of ${images.length.toLocaleString('en-US')} files could not be read; they are left out. Fix or remove them and scan again:`,
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

function describeFindings({ output }: Host, findings: Findings): void {
  const { exactDuplicates, nearDuplicates, flags, leaks } = findings;
  const number = (n: number): string => n.toLocaleString('en-US');
  output.line(
    exactDuplicates + nearDuplicates === 0
      ? 'No image occurs twice.'
      : `Copies: ${number(exactDuplicates)} of equal bytes, ${number(nearDuplicates)} that look alike.`,
  );
  if (leaks.length > 0) {
    output.line('Leakage (images of the second part that are in the first too):');
    const rows = leaks.map(({ between, exact, near }) => [between, number(exact), number(near)]);
    output.line(formatTable(['between', 'same file', 'alike'], rows));
  }
  if (flags.length > 0)
    output.line(
      `Flagged: ${flags.map(({ flag, count }) => `${number(count)} ${flag}`).join(', ')}.`,
    );
}
