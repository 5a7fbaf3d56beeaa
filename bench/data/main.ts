/**
 * Import, opening, lists, curation and thumbnails of a large workspace, through the engine's contract:
 * `npm run bench:data -- [images] [--scan-only]`.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { hostContract } from '../../src/contract/methods.ts';
import { startEngine } from '../../src/engine/engine.ts';
import { engineOptions } from '../../src/engine/options.ts';
import { createClient } from '../../src/rpc/client.ts';
import { inMemoryPair } from '../../src/rpc/transports/in-memory.ts';
import { makeWorkspace } from '../make-workspace.ts';

const images = Number(process.argv.slice(2).find((word) => /^\d+$/.test(word)) ?? 100_000);
const analyse = !process.argv.includes('--scan-only');
const folder = mkdtempSync(path.join(tmpdir(), 'straylight-bench-'));

async function timed<Result>(name: string, work: () => Promise<Result>): Promise<Result> {
  const startedMs = performance.now();
  const result = await work();
  const ms = performance.now() - startedMs;
  const rss = Math.round(process.memoryUsage.rss() / 1e6);
  console.log(`  ${name.padEnd(52)} ${ms.toFixed(0).padStart(7)} ms   ${rss} MB`);
  return result;
}

console.log(`${images.toLocaleString('en-US')} images, half ID, half OOD`);
const { workspace, idDatasetId, oodDatasetId } = await timed(
  analyse ? 'scan, analyse and register' : 'scan and register',
  () => makeWorkspace(folder, images, analyse),
);
workspace.close();

const options = { workspace: workspace.folder, appVersion: '0', projectRoot: process.cwd() };
const engine = startEngine(engineOptions.parse(options));
const [here, there] = inMemoryPair();
engine.attachHost(there);
const client = createClient(hostContract, here);
const datasetIds = [idDatasetId, oodDatasetId];
const query = (filter: object, by: 'path' | 'class', direction: 'ascending' | 'descending') =>
  client.call('images.query', { scope: null, filter: { datasetIds, ...filter }, sort: { by, direction } }); // prettier-ignore

await timed('open: cards of both sets', () => client.call('datasets.list', {}));
await timed('cards again', () => client.call('datasets.list', {}));
const all = await timed('all images', () => query({}, 'path', 'ascending'));
await timed('sort by class, descending', () => query({}, 'class', 'descending'));
await timed('filter by split and flag', () => query({ splits: ['test'], flags: ['blurry', 'dark'] }, 'path', 'ascending')); // prettier-ignore
await timed('filter by text', () => query({ text: '777' }, 'path', 'ascending'));
const refs = Array.from({ length: 200 }, (_, i) => ({ datasetId: idDatasetId, ordinal: all.ordinals[i * 7]! })); // prettier-ignore
await timed('200 cells', () => client.call('images.cells', { scope: null, refs }));
const thumbnails = (from: number) =>
  Promise.all(
    Array.from({ length: 48 }, (_, i) =>
      client.call('thumbnails.get', { datasetId: idDatasetId, ordinal: from + 11 * i, size: 128 }),
    ),
  );
await timed('48 thumbnails, first ever (reads the container)', () => thumbnails(0));
await timed('48 thumbnails, next screen', () => thumbnails(5));
await timed('48 thumbnails, cached', () => thumbnails(0));
const apply = (count: number) =>
  client.call('curation.apply', {
    selections: [
      { datasetId: idDatasetId, ordinals: Uint32Array.from({ length: count }, (_, i) => i) },
    ],
    action: { type: 'exclude' },
    author: 'bench',
    reason: '',
  });
await timed('exclude one image', () => apply(1));
await timed(`exclude ${(images / 4).toLocaleString('en-US')} images`, () => apply(images / 4));
await timed('undo that', () => client.call('curation.undo', {}));
await timed('list again', () => query({ excluded: false }, 'path', 'ascending'));
await engine.shutdown();
rmSync(folder, { recursive: true, force: true });
process.exit(0);
