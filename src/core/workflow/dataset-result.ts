/** A manifest as an audit shows it. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { DecodeFailure } from '../decode/types.ts';
import type { Manifest, Split } from '../datasets/types.ts';
import type { DatasetResult } from '../report/audit.ts';

const SHOWN_FAILURES = 50;
const SOURCE_FILES = [
  'SOURCES.md',
  'SOURCE.md',
  'README.md',
  'LICENSE',
  'LICENSE.txt',
  'LICENSE.md',
];
const SOURCE_CHARACTERS = 1200;

/** @param unreadable images that were readable at the scan and not any more: counted as failed */
export async function datasetResult(
  manifest: Manifest,
  unreadable: readonly Pick<DecodeFailure, 'path' | 'reason'>[] = [],
): Promise<DatasetResult> {
  const { classes, name, root, role, format, symlinksSkipped } = manifest;
  const reasons = new Map(unreadable.map(({ path: file, reason }) => [file, reason]));
  const images = manifest.images.map((image) => {
    const reason = reasons.get(image.path);
    return reason === undefined ? image : { ...image, status: 'failed' as const, reason };
  });
  const count = (status: string): number => images.filter((i) => i.status === status).length;
  const usable = images.filter(({ status }) => status === 'ok');
  const inSplit = (split: Split): number => usable.filter((i) => i.split === split).length;
  const classCounts = new Array<number>(classes.length).fill(0);
  for (const { classIndex } of usable)
    if (classIndex !== null) classCounts[classIndex] = (classCounts[classIndex] ?? 0) + 1;
  return {
    id: '',
    name,
    root,
    role,
    nearFar: null,
    format,
    classes,
    discovered: images.length,
    ok: usable.length,
    failed: count('failed'),
    excluded: count('excluded'),
    relabelled: 0,
    symlinksSkipped,
    bytes: images.reduce((sum, { bytes }) => sum + bytes, 0),
    splits: { train: inSplit('train'), val: inSplit('val'), test: inSplit('test') },
    splitSource: manifest.splitSource,
    classCounts,
    fingerprint: manifest.fingerprint,
    failures: images
      .filter(({ status }) => status === 'failed')
      .slice(0, SHOWN_FAILURES)
      .map(({ path: file, reason }) => ({ path: file, reason })),
    source: await sourceText(root),
    sheet: {
      classBySplit: [],
      width: null,
      height: null,
      sizes: [],
      otherSizes: 0,
      merkleRoot: '0'.repeat(64),
      merkleLeaves: 0,
      samples: [],
    },
    quality: {
      measured: false,
      skipped: [],
      skippedTotal: 0,
      excluded: [],
      exactDuplicates: { groups: 0, images: 0, redundant: 0 },
      nearDuplicates: null,
      flags: null,
      balance: null,
    },
  };
}

/** What a file beside the images says of their origin; '' when there is none. */
async function sourceText(root: string): Promise<string> {
  for (const name of SOURCE_FILES) {
    try {
      const text = await readFile(path.join(root, name), 'utf8');
      return text.length > SOURCE_CHARACTERS ? `${text.slice(0, SOURCE_CHARACTERS)}…` : text.trim();
    } catch {
      continue;
    }
  }
  return '';
}
