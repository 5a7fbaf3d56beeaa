/** What was audited: a sheet for every set, with counts, sizes, origin and a sample of its images. */
import type { DatasetResult } from '../audit.ts';
import { count, counted, fileSize } from '../format.ts';
import { gallery } from '../pdf/gallery.ts';
import { openSection, type SectionTitle } from '../pdf/section.ts';
import { table } from '../pdf/table.ts';
import { suppliedBy, suppliedText, type ReportContext } from './context.ts';

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
const SAMPLE_COLUMNS = 12;

export async function dataSheetsSection(context: ReportContext, self: SectionTitle): Promise<void> {
  const { flow, audit } = context;
  const sets = [audit.idDataset, ...audit.oodDatasets];
  openSection(flow, self, {
    lead: 'Every file found is counted: discovered = readable + failed + excluded. The Merkle root of a set covers the path and the SHA-256 of every image in it.',
  });
  table(
    flow,
    [
      { title: 'Set', grow: 2 },
      { title: 'Role' },
      { title: 'Kept as' },
      { title: 'Discovered', align: 'right' },
      { title: 'Readable', align: 'right' },
      { title: 'Failed', align: 'right' },
      { title: 'Excluded', align: 'right' },
      { title: 'Size', align: 'right' },
    ],
    sets.map((set) => [
      set.name,
      roleOf(set),
      FORMATS[set.format],
      count(set.discovered),
      count(set.ok),
      count(set.failed),
      count(set.excluded),
      fileSize(set.bytes),
    ]),
    { caption: 'The sets of this audit.', key: 'sets' },
  );
  for (const set of sets) await sheet(context, set);
}

export const roleOf = ({ role, nearFar }: DatasetResult): string =>
  role === 'id' ? 'ID' : nearFar === null ? 'OOD' : `OOD, ${nearFar}`;

async function sheet(context: ReportContext, set: DatasetResult): Promise<void> {
  const { flow, audit, thumbnails } = context;
  const { sheet: details } = set;
  const words = audit.statements.datasets.find(({ dataset }) => dataset === set.name) ?? null;
  flow.heading(`${flow.fonts.visible(set.name)} (${roleOf(set)})`, 130);
  const said = (field: 'source' | 'licence' | 'collection'): string => {
    const supplied = words?.[field] ?? null;
    const by = suppliedBy(supplied);
    return `${suppliedText(supplied)}${by === '' ? '' : ` (${by})`}`;
  };
  flow.facts([
    ['Folder', set.root],
    ['Source', said('source')],
    ['Licence', said('licence')],
    ['Collection', said('collection')],
    ...(set.source === '' ? [] : [['Found beside the images', set.source] as const]),
    ['Splits', set.role === 'id' ? `${counted(set.splits.train, 'training image')}, ${count(set.splits.val)} for validation, ${count(set.splits.test)} for test; ${SPLIT_SOURCES[set.splitSource] ?? set.splitSource}` : 'used whole, for the test only'], // prettier-ignore
    ['Sizes in pixels', sizes(set)],
    ['Symbolic links', `${count(set.symlinksSkipped)}, not followed`],
  ]);
  flow.facts(
    [
      ['Fingerprint', set.fingerprint],
      [`Merkle root, ${counted(details.merkleLeaves, 'leaf', 'leaves')}`, details.merkleRoot],
    ],
    { font: 'mono' },
  );
  if (details.samples.length > 0) {
    const samples = details.samples.slice(0, 2 * SAMPLE_COLUMNS);
    const items = await Promise.all(
      samples.map(async ({ path, label, sha256 }) => ({
        image: await thumbnails(set.name, path),
        title: label === '' ? (path.split('/').at(-1) ?? path) : label,
        lines: [],
        hash: sha256.slice(0, 8),
        alt: `Sample image ${path} of ${set.name}${label === '' ? '' : `, class ${label}`}`,
      })),
    );
    await gallery(flow, items, {
      caption: `Sample sheet of ${set.name}: ${counted(items.length, 'image')} spread over ${set.role === 'id' ? 'its classes' : 'the set'}, as the network sees them, with the beginning of their SHA-256.`,
      columns: SAMPLE_COLUMNS,
    });
  }
  if (details.classBySplit.length > 0) classes(context, set);
}

function sizes({ sheet: { width, height, sizes: common, otherSizes } }: DatasetResult): string {
  if (!width || !height) return 'unknown';
  const listed = common
    .slice(0, 6)
    .map((size) => `${size.width} x ${size.height}: ${count(size.images)}`)
    .join('; ');
  const more = common.slice(6).reduce((sum, { images }) => sum + images, 0) + otherSizes;
  const rest = more > 0 ? `; ${counted(more, 'image')} of other sizes` : '';
  return `${listed}${rest}. Width ${range(width)}, height ${range(height)}`;
}

const range = ({
  smallest,
  median,
  largest,
}: {
  smallest: number;
  median: number;
  largest: number;
}): string =>
  // prettier-ignore
  smallest === largest
    ? count(smallest)
    : `${count(smallest)} to ${count(largest)}, median ${count(median)}`;

function classes({ flow }: ReportContext, { name, sheet: details }: DatasetResult): void {
  const unsplit = details.classBySplit.some((row) => row.unsplit > 0);
  const most = Math.max(
    1,
    ...details.classBySplit.map((r) => r.train + r.val + r.test + r.unsplit),
  );
  table(
    flow,
    [
      { title: 'Class', grow: 1 },
      { title: 'Training', align: 'right' },
      { title: 'Validation', align: 'right' },
      { title: 'Test', align: 'right' },
      ...(unsplit ? [{ title: 'No split', align: 'right' as const }] : []),
      { title: 'Together', align: 'right' },
      { title: '', width: 130 },
    ],
    details.classBySplit.map((row) => {
      const total = row.train + row.val + row.test + row.unsplit;
      return [
        row.class,
        count(row.train),
        count(row.val),
        count(row.test),
        ...(unsplit ? [count(row.unsplit)] : []),
        count(total),
        {
          text: '',
          mark: (doc, [x, y, width, height]) => {
            const parts = [row.train, row.val, row.test, row.unsplit];
            const shades = ['#1c62c4', '#7ba7e4', '#c3d8f5', '#d3d8de'];
            let at = x;
            for (const [i, part] of parts.entries()) {
              const wide = (part / most) * width;
              if (wide > 0) doc.rect(at, y + height / 2 - 3, wide, 6).fill(shades[i]);
              at += wide;
            }
          },
        },
      ];
    }),
    { caption: `Usable images of ${flow.fonts.visible(name)} by class and split. Bars: training, validation, test, dark to light.`, size: 7.8 }, // prettier-ignore
  );
}
