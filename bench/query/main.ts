/** Filters, sorts and lists of 100,000 and 1,000,000 scored images: `npm run bench:query`. */
import { ImageIndexBuilder } from '../../src/core/query/image-index.ts';
import { queryImages, type QueryFilter, type QuerySort, type QuerySource } from '../../src/core/query/query-images.ts'; // prettier-ignore
import { Random } from '../../src/core/random.ts';

const REPEATS = 7;
const CLASSES = Array.from({ length: 100 }, (_, i) => `class-${i}`);

/** Half in-distribution, half not, with every kind of mark. */
function sources(images: number): QuerySource[] {
  const random = new Random(1);
  return (['id', 'ood'] as const).map((role): QuerySource => {
    const count = images / 2;
    const builder = new ImageIndexBuilder(count);
    for (let i = 0; i < count; i++)
      builder.add({
        path: `${role}/folder-${i >> 10}/IMG_${i.toString().padStart(8, '0')}.JPG`,
        classIndex: role === 'id' ? random.integer(CLASSES.length) : null,
        split: role === 'id' ? (['train', 'val', 'test'] as const)[random.integer(3)]! : null,
        status: 'ok',
      });
    const column = (make: () => number): Float64Array => Float64Array.from({ length: count }, make);
    const bytes = (share: number): Uint8Array =>
      Uint8Array.from({ length: count }, () => (random.uniform() < share ? 1 : 0));
    return {
      datasetId: `d-${role}`,
      role,
      classes: role === 'id' ? CLASSES : [],
      index: builder.build(),
      marks: {
        flags: bytes(0.1),
        excluded: bytes(0.01),
        curated: bytes(0.02),
        tags: new Map([['seen', Uint32Array.from({ length: count / 100 }, (_, i) => 100 * i)]]),
        relabelled: new Int32Array(count).fill(-1).fill(role === 'id' ? 1 : -1, 0, 10),
      },
      scored: {
        rows: Uint32Array.from({ length: count }, (_, i) => i),
        scores: column(() => 10 + 3 * random.normal()),
        predicted: Int32Array.from({ length: count }, () => random.integer(CLASSES.length)),
        confidence: column(() => random.uniform()),
        l1: column(() => 40 + 10 * random.normal()),
        modelClasses: CLASSES,
      },
    };
  });
}

const byPath: QuerySort = { by: 'path', direction: 'ascending' };
const cases: readonly (readonly [string, QueryFilter, QuerySort])[] = [
  ['filter: score range', { scoreMin: 8, scoreMax: 12 }, byPath],
  ['filter: split, class, right, not excluded', { splits: ['test'], classNames: CLASSES.slice(0, 50), correct: false, excluded: false }, byPath], // prettier-ignore
  ['filter: part of the path', { text: '99' }, byPath],
  ['filter: flag and tag', { flags: 1, tags: ['seen'] }, byPath],
  ['sort: score', {}, { by: 'score', direction: 'ascending' }],
  ['sort: worst first', {}, { by: 'threshold-distance', direction: 'descending' }],
  ['sort: class', {}, { by: 'class', direction: 'ascending' }],
  ['filter and sort', { scoreMin: 8, excluded: false }, { by: 'confidence', direction: 'descending' }], // prettier-ignore
];

const rssMb = (): number => Math.round(process.memoryUsage.rss() / 1e6);

for (const images of [100_000, 1_000_000]) {
  const before = rssMb();
  const all = sources(images);
  console.log(`${images.toLocaleString('en-US')} images: columns take ${rssMb() - before} MB`);
  for (const [name, filter, sort] of cases) {
    const times: number[] = [];
    let total = 0;
    for (let i = 0; i < REPEATS; i++) {
      const startedMs = performance.now();
      ({ total } = queryImages(all, filter, sort, 5));
      times.push(performance.now() - startedMs);
    }
    times.sort((a, b) => a - b);
    const median = times[REPEATS >> 1]!.toFixed(1);
    const worst = times.at(-1)!.toFixed(1);
    console.log(`  ${name.padEnd(44)} median ${median.padStart(6)} ms, slowest ${worst.padStart(6)} ms, ${total.toLocaleString('en-US')} images`); // prettier-ignore
  }
}
