/** Filters, sorts, overviews and neighbours of 100,000 and 1,000,000 scored images: `npm run bench:query`. */
import { ImageIndexBuilder } from '../../src/core/query/image-index.ts';
import { queryImages, type QueryFilter, type QuerySort, type QuerySource } from '../../src/core/query/query-images.ts'; // prettier-ignore
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { nearestRows } from '../../src/core/embedding/neighbours.ts';
import { Random } from '../../src/core/random.ts';
import { ScoreWriter } from '../../src/core/store/score-files.ts';
import { compareColumns, pairColumns } from '../../src/core/workflow/compare-columns.ts';
import { embedByPca } from '../../src/core/workflow/embed.ts';
import { evaluateScope } from '../../src/core/workflow/evaluate-scope.ts';
import { scopeColumns } from '../../src/core/workflow/scope-columns.ts';

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
  const startMb = rssMb();
  const all = sources(images);
  console.log(`${images.toLocaleString('en-US')} images: columns take ${rssMb() - startMb} MB`);
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
  const scored = all.map((source) => ({ ...source, name: source.role, nearFar: null, scored: { ...source.scored!, hoyer: source.scored!.l1, matrixRows: source.scored!.rows } })); // prettier-ignore
  const columns = scopeColumns(scored[0]!, 'test', [scored[1]!]);
  const count = (columns.id.scores.length + columns.ood[0]!.scores.length).toLocaleString('en-US');
  for (const [name, work] of [
    ['overview: distributions, metrics, bootstrap', () => evaluateScope(columns)],
    ['curves, thinned', () => compareColumns(columns)],
    ['paired bootstrap of two models', () => pairColumns({ a: columns, b: columns })],
  ] as const) {
    const before = process.cpuUsage();
    work();
    const { user, system } = process.cpuUsage(before);
    console.log(`  ${name.padEnd(44)} ${((user + system) / 1e6).toFixed(1)} s of one core, ${count} images, in a worker thread in the app`); // prettier-ignore
  }
}
await features(100_000, 128);

/** One image against all others, and principal axes, from a file of features. */
async function features(count: number, units: number): Promise<void> {
  const folder = mkdtempSync(path.join(tmpdir(), 'straylight-bench-'));
  try {
    const writer = await ScoreWriter.create(path.join(folder, 'scores'), { classes: 1, units });
    const random = new Random(2);
    const values = Float32Array.from({ length: count * units }, () => Math.max(0, random.normal()));
    const zeros = new Float64Array(count);
    const rows = Uint32Array.from({ length: count }, (_, i) => i);
    await writer.append({ rows, predicted: new Int32Array(count), confidence: zeros, energies: zeros, l1: zeros, hoyer: zeros, logits: new Float32Array(count), features: values }); // prettier-ignore
    await writer.finish();
    const source = { folder: path.join(folder, 'scores'), count, classes: 1, units };
    const query = values.slice(0, units);
    for (const [name, work] of [
      ['nearest images, file checked', () => nearestRows(source, rows, query, 8)],
      ['nearest images, again', () => nearestRows(source, rows, query, 8)],
      ['principal components', () => embedByPca([{ ...source, rows }])],
    ] as const) {
      const startedMs = performance.now();
      await work();
      console.log(`  ${name.padEnd(44)} ${(performance.now() - startedMs).toFixed(0)} ms, ${count.toLocaleString('en-US')} x ${units}`); // prettier-ignore
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
}
