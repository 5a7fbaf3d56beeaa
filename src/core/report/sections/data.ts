/** What was audited: counts, splits, sources, what could not be read, what overlaps. */
import type { DatasetResult } from '../audit.ts';
import { count, counted, fileSize } from '../format.ts';
import { table } from '../pdf/table.ts';
import type { ReportContext } from './context.ts';

const FORMATS = {
  folder: 'image files',
  'cifar-binary': 'CIFAR binary',
  idx: 'IDX files',
} as const;
const SPLIT_SOURCES: Readonly<Record<string, string>> = {
  folders: 'given by folders or files; validation images drawn from training where none were given',
  seeded: 'drawn by class with a seed',
  none: 'none',
};

export function dataSection({ flow, audit }: ReportContext): void {
  const { idDataset, oodDatasets, leakage } = audit;
  flow.chapter('Data');
  flow.note(
    'Every file found is counted: discovered = readable + failed + excluded. Excluded means taken out by a person.',
  );
  table(
    flow,
    [
      { title: 'Set', share: 2 },
      { title: 'Role', share: 0.6 },
      { title: 'Kept as', share: 1.1 },
      { title: 'Discovered', share: 0.9, align: 'right' },
      { title: 'Readable', share: 0.9, align: 'right' },
      { title: 'Failed', share: 0.7, align: 'right' },
      { title: 'Excluded', share: 0.8, align: 'right' },
      { title: 'Size', share: 0.8, align: 'right' },
    ],
    [idDataset, ...oodDatasets].map((set) => [
      set.name,
      set.role.toUpperCase(),
      FORMATS[set.format],
      count(set.discovered),
      count(set.ok),
      count(set.failed),
      count(set.excluded),
      fileSize(set.bytes),
    ]),
  );
  flow.heading('Exact duplicates across sets', 80);
  flow.note('Images with the same SHA-256. Near duplicates were not looked for.');
  table(
    flow,
    [
      { title: 'Between', share: 3 },
      { title: 'Images', share: 1, align: 'right' },
    ],
    leakage.map(({ between, images }) => [between, count(images)]),
  );
  classTable({ flow, audit });
  for (const set of [idDataset, ...oodDatasets]) dataSheet(flow, set);
}

function classTable({ flow, audit: { idDataset } }: Pick<ReportContext, 'flow' | 'audit'>): void {
  const { classes, classCounts, splits, splitSource } = idDataset;
  flow.heading(`Classes of ${flow.fonts.visible(idDataset.name)}`, 80);
  flow.note(
    `${counted(splits.train, 'training image')}, ${count(splits.val)} for validation, ${count(splits.test)} for test. Splits: ${SPLIT_SOURCES[splitSource] ?? splitSource}.`,
  );
  // Three classes side by side, so that a hundred of them fit on a page.
  const rows = Math.ceil(classes.length / 3);
  const cell = (i: number): string[] =>
    i < classes.length ? [classes[i]!, count(classCounts[i]!)] : ['', ''];
  table(
    flow,
    [0, 1, 2].flatMap(() => [
      { title: 'Class', share: 2 },
      { title: 'Images', share: 0.8, align: 'right' as const },
    ]),
    Array.from({ length: rows }, (_, r) => [...cell(r), ...cell(r + rows), ...cell(r + 2 * rows)]),
    { size: 7.8 },
  );
}

function dataSheet(flow: ReportContext['flow'], set: DatasetResult): void {
  flow.heading(`Data sheet: ${flow.fonts.visible(set.name)}`, 70);
  flow.facts([
    ['Folder', set.root],
    ['Symbolic links', `${count(set.symlinksSkipped)}, not followed`],
    ['Source and licence', set.source === '' ? 'not supplied' : set.source],
  ]);
  flow.facts([['Fingerprint', set.fingerprint]], 'mono');
  if (set.failures.length === 0) return;
  flow.gap(4);
  table(
    flow,
    [
      { title: `Failed (${set.failures.length} of ${count(set.failed)} shown)`, share: 2 },
      { title: 'Reason', share: 2 },
    ],
    set.failures.map(({ path, reason }) => [path, reason]),
    { size: 7.6 },
  );
}
