/** What is wrong with the data: unreadable files, copies, copies across sets, quality flags, unequal classes. */
import { count, counted, decimal } from '../format.ts';
import { openSection, type SectionTitle } from '../pdf/section.ts';
import { table, type Cell } from '../pdf/table.ts';
import { badColour } from '../tokens.ts';
import type { ReportContext } from './context.ts';

export function dataQualitySection({ flow, audit }: ReportContext, self: SectionTitle): void {
  const sets = [audit.idDataset, ...audit.oodDatasets];
  const leaks = audit.sharing.length > 0 ? audit.sharing : audit.leakage.map(({ between, images }) => ({ between, exact: images, near: null })); // prettier-ignore
  const shared = leaks.filter(({ exact, near }) => exact > 0 || (near ?? 0) > 0).length;
  openSection(flow, self, {
    lead: `Copies of test images in the training set, or of ID images in an OOD set, would flatter or blur every number that follows. ${shared === 0 ? 'None were found.' : `Found in ${shared} of ${counted(leaks.length, 'pair')} of parts.`}`,
  });
  const marked = (n: number | null): Cell =>
    n === null
      ? { text: 'not looked for' }
      : { text: count(n), ...(n > 0 ? { colour: badColour, font: 'semibold' as const } : {}) };
  if (leaks.length > 0)
    table(
      flow,
      [
        { title: 'Between', grow: 2 },
        { title: 'Same bytes', unit: 'images', align: 'right' },
        { title: 'Near copies', unit: 'images', align: 'right' },
      ],
      leaks.map(({ between, exact, near }) => [between, marked(exact), marked(near)]),
      {
        caption: 'Images that two parts of the data share: leakage.',
        key: 'leakage',
      },
    );
  else flow.note('Shared images were not looked for.');
  table(
    flow,
    [
      { title: 'Set', grow: 1.5 },
      { title: 'Unreadable', align: 'right' },
      { title: 'Exact copies', unit: 'images beyond the first', align: 'right' },
      { title: 'Near copies', unit: 'images in groups', align: 'right' },
      { title: 'Flags', grow: 2 },
    ],
    sets.map(({ name, quality }) => [
      name,
      count(quality.skippedTotal),
      count(quality.exactDuplicates.redundant),
      quality.nearDuplicates === null
        ? 'not looked for'
        : `${count(quality.nearDuplicates.images)} in ${count(quality.nearDuplicates.groups)}`,
      quality.flags === null
        ? 'not measured'
        : quality.flags
            .filter(({ images }) => images > 0)
            .map(({ flag, images }) => `${flag} ${count(images)}`)
            .join(', ') || 'none',
    ]),
    { caption: 'Quality within each set.', key: 'quality' },
  );
  const balanced = sets.filter(({ quality }) => quality.balance !== null);
  if (balanced.length > 0) {
    flow.heading('Balance of classes', 40);
    flow.bullets(
      balanced.map(({ name, quality: { balance } }) => `${name}: largest class ${balance!.largest} (${count(balance!.largestImages)} images), smallest ${balance!.smallest} (${count(balance!.smallestImages)}), ratio ${decimal(balance!.ratio, 2)}.`), // prettier-ignore
    );
  }
  const bad = sets.flatMap(({ name, quality, failures }) => {
    const skipped = quality.skipped.length > 0 ? quality.skipped : failures;
    return [
      ...skipped.map(({ path, reason }) => [name, 'unreadable', path, reason]),
      ...quality.excluded.map(({ path, reason }) => [name, 'excluded', path, reason]),
    ];
  });
  if (bad.length === 0) return;
  const total = sets.reduce(
    (sum, { quality, excluded }) => sum + quality.skippedTotal + excluded,
    0,
  );
  table(
    flow,
    [{ title: 'Set' }, { title: 'What' }, { title: 'File', grow: 3 }, { title: 'Reason', grow: 2 }],
    bad,
    {
      caption: `Files that were left out, ${count(bad.length)} of ${count(Math.max(total, bad.length))}.`,
      key: 'left-out',
      size: 7.4,
    },
  );
}
