/**
 * What a person waits for in the real window, on generated workspaces, held against what was promised.
 *
 *   npm run bench:ui [-- --images 100000,1000000 --rounds 5 --workspaces <folder to keep them in>]
 *
 * Every time is taken in the page: from the input's own time stamp to the frame after the one in which the result can be
 * seen. Medians, with the slowest in brackets. Beside them the processor time of the engine and of the page, all threads
 * together, which a busy machine changes little.
 */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { makeWorkspace } from '../make-workspace.ts';
import { configFolder, Desk, start } from './desk.ts';
import { filter, lasso, openScores, scroll, sort, type Wait } from './measures.ts';

const { values } = parseArgs({
  options: {
    images: { type: 'string', default: '100000,1000000' },
    rounds: { type: 'string', default: '5' },
    workspaces: { type: 'string' },
  },
});
/** Under xvfb a window sometimes draws no more frames: that is no time to report. */
const STALLED_MS = 25_000;
const rounds = Number(values.rounds);
const sizes = values.images.split(',').map(Number);
const temporary = values.workspaces === undefined ? mkdtempSync(path.join(tmpdir(), 'straylight-bench-')) : null; // prettier-ignore
const root = path.resolve(values.workspaces ?? temporary!);

const sorted = (numbers: readonly number[]): number[] => numbers.toSorted((a, b) => a - b);
const median = (numbers: readonly number[]): number => sorted(numbers)[numbers.length >> 1]!;
const share = (numbers: readonly number[], q: number): number =>
  sorted(numbers)[Math.min(numbers.length - 1, Math.floor(q * numbers.length))]!;
const count = (n: number): string => n.toLocaleString('en-US');

function tell(name: string, waits: readonly Wait[], promiseMs: number): void {
  const ms = median(waits.map(({ wallMs }) => wallMs));
  const slowest = Math.max(...waits.map(({ wallMs }) => wallMs));
  const engine = median(waits.map(({ engineCpuMs }) => engineCpuMs));
  const page = median(waits.map(({ pageCpuMs }) => pageCpuMs));
  const verdict = ms < promiseMs ? `under ${count(promiseMs)}` : `OVER ${count(promiseMs)}`; // prettier-ignore
  console.log(`  ${name.padEnd(46)} ${ms.toFixed(0).padStart(6)} ms (${slowest.toFixed(0)})  cpu: engine ${engine.toFixed(0)}, page ${page.toFixed(0)} ms  ${verdict}`); // prettier-ignore
}

async function workspaceOf(images: number): Promise<string> {
  const folder = path.join(root, `images-${images}`);
  if (!existsSync(path.join(folder, 'workspace'))) {
    console.log(`Making a workspace of ${count(images)} images in ${folder}`);
    (await makeWorkspace(folder, images, false)).workspace.close();
  }
  return path.join(folder, 'workspace');
}

const forgetPictures = (workspace: string): void =>
  rmSync(path.join(workspace, 'cache', 'thumbnails'), { recursive: true, force: true });
const load = (): string => `load ${loadavg().map((one) => one.toFixed(1)).join(' ')} on ${cpus().length} cores`; // prettier-ignore

async function starts(name: string, config: string, workspace: string): Promise<void> {
  const all = [];
  // The first brings the program's files into the disk cache.
  await start(config, workspace);
  for (let i = 0; i < rounds; i++) all.push(await start(config, workspace));
  const ready = all.map(({ readyMs }) => readyMs);
  const paint = median(all.map(({ paintMs }) => paintMs));
  console.log(`  ${name.padEnd(46)} ${median(ready).toFixed(0).padStart(6)} ms (${Math.max(...ready).toFixed(0)})  first pixels ${paint.toFixed(0)} ms  ${median(ready) < 3000 ? 'under' : 'OVER'} 3,000`); // prettier-ignore
}

async function measure(config: string, images: number): Promise<void> {
  const workspace = await workspaceOf(images);
  const large = images > 100_000;
  console.log(`${count(images)} images, ${load()}`);
  await starts('start to the list of datasets', config, workspace);

  const opens = { cold: [] as Wait[], warm: [] as Wait[] };
  const pictures = { cold: [] as Wait[], warm: [] as Wait[] };
  for (let i = 0; i < 2 * rounds; i++) {
    const cache = i < rounds ? 'cold' : 'warm';
    if (cache === 'cold') forgetPictures(workspace);
    const desk = await Desk.open(config, workspace);
    try {
      const opened = await Promise.race([openScores(desk), setTimeout(STALLED_MS, null)]);
      if (!opened) {
        console.log('  (a window stopped drawing; this round is measured again)');
        i--;
        continue;
      }
      opens[cache].push(opened.open);
      pictures[cache].push(opened.pictures);
    } finally {
      await desk.close();
    }
  }
  tell('open Scores: grid and distribution', [...opens.cold, ...opens.warm], large ? 5000 : 2000);
  tell('first pictures after the grid, decoded', pictures.cold, 500);
  tell('first pictures after the grid, from the disk', pictures.warm, 500);

  const desk = await Desk.open(config, workspace);
  try {
    await openScores(desk);
    const limit = large ? 1000 : 200;
    tell('sort: turn round', await sort(desk, rounds, 'turn'), limit);
    tell('sort: by another value', await sort(desk, rounds, 'choose'), limit);
    tell('filter: by a part of the path', await filter(desk, rounds), limit);
    const gaps = await scroll(desk, rounds);
    console.log(`  ${'scrolling by wheel, time between frames'.padEnd(46)} p50 ${share(gaps.frames, 0.5).toFixed(1)}, p95 ${share(gaps.frames, 0.95).toFixed(1)}, p99 ${share(gaps.frames, 0.99).toFixed(1)} ms of ${gaps.frames.length} frames; page's main thread busy ${gaps.busyMs.toFixed(1)} ms per frame`); // prettier-ignore
    await desk.collectGarbage();
    const scrolled = await desk.memory();
    const { waits, points } = await lasso(desk, rounds);
    tell(`lasso of ${count(points)} points`, waits, 300);
    await desk.collectGarbage();
    const mapped = await desk.memory();
    for (const [when, memory] of [
      ['with the grid', scrolled],
      ['after the map', mapped],
    ] as const)
      console.log(`  ${`memory ${when}, working sets`.padEnd(46)} page ${memory.page} MB, GPU process ${memory.gpu}, main ${memory.main}, engine ${memory.engine}; page ${memory.page < 500 ? 'under' : 'OVER'} 500`); // prettier-ignore
  } finally {
    await desk.close();
  }
}

const { folder: config, remove } = configFolder();
try {
  console.log(`${cpus()[0]?.model ?? 'unknown processor'}, ${load()}; ${process.env['DISPLAY'] ? `display ${process.env['DISPLAY']}` : 'no X display'}, ${rounds} rounds`); // prettier-ignore
  console.log('An empty workspace');
  await starts('start to the first screen', config, path.join(root, 'empty'));
  for (const images of sizes) await measure(config, images);
  console.log(load());
} finally {
  remove();
  if (temporary !== null) rmSync(temporary, { recursive: true, force: true });
}
