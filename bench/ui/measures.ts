/// <reference lib="dom" />
/** One measurement each, in an open window. */
import type { Desk, ProcessUse } from './desk.ts';
import { READY } from './probe.ts';

export interface Wait {
  readonly wallMs: number;
  readonly engineCpuMs: number;
  readonly pageCpuMs: number;
}

/** Wheel turns of one round, one per frame. */
const WHEEL_TURNS = 180;
const WHEEL_MS = 1000 / 60;
/** What a notch of a wheel scrolls. */
const WHEEL_PX = 120;

const since = (before: ProcessUse, after: ProcessUse) => ({
  engineCpuMs: after.engineCpuMs - before.engineCpuMs,
  pageCpuMs: after.windowCpuMs - before.windowCpuMs,
});

/** From a click on Scores; `pictures` counts from the grid. */
export async function openScores(
  desk: Desk,
): Promise<{ readonly open: Wait; readonly pictures: Wait }> {
  const { page } = desk;
  const before = desk.use();
  const seen = page.evaluate(async () => {
    const [overview, grid] = [
      window.probe.until('overview'),
      window.probe.until('grid').then(async (at) => [at, await window.probe.until('pictures')]),
    ];
    const [gridAt, picturesAt] = await grid;
    return { overview: await overview, grid: gridAt!, pictures: picturesAt!, from: window.probe.input }; // prettier-ignore
  });
  await page.getByRole('link', { name: 'Scores' }).click();
  const { overview, grid, pictures, from } = await seen;
  const use = since(before, desk.use());
  return {
    open: { wallMs: Math.max(overview, grid) - from, ...use },
    pictures: { wallMs: pictures - grid, ...use },
  };
}

/** From the last input to another list. */
async function listAfter(desk: Desk, act: () => Promise<unknown>): Promise<Wait> {
  const { page } = desk;
  const list = await page.evaluate(() => window.probe.list());
  const before = desk.use();
  const changed = page.evaluate(async (old) => {
    const at = await window.probe.changed(old);
    return at - window.probe.input;
  }, list);
  await act();
  return { wallMs: await changed, ...since(before, desk.use()) };
}

export async function sort(desk: Desk, rounds: number, how: 'turn' | 'choose'): Promise<Wait[]> {
  const { page } = desk;
  const waits: Wait[] = [];
  for (let i = 0; i < rounds; i++) {
    if (how === 'turn')
      waits.push(await listAfter(desk, () => page.getByRole('button', { name: /^(Asc|Desc)ending/ }).click())); // prettier-ignore
    else {
      await page.getByRole('combobox', { name: 'Sort' }).click();
      const option = page.getByRole('option', { name: i % 2 === 0 ? 'Score' : 'Confidence' });
      await option.waitFor();
      waits.push(await listAfter(desk, () => option.click()));
    }
  }
  return waits;
}

export async function filter(desk: Desk, rounds: number): Promise<Wait[]> {
  const search = desk.page.getByRole('textbox', { name: 'Search in file names' });
  const waits: Wait[] = [];
  for (let i = 0; i < rounds; i++)
    waits.push(await listAfter(desk, () => search.fill(`${91 + i}`)));
  await listAfter(desk, () => search.fill(''));
  return waits;
}

/** Frames while the wheel turns. */
export async function scroll(
  desk: Desk,
  rounds: number,
): Promise<{ readonly frames: readonly number[]; readonly busyMs: number }> {
  const { page } = desk;
  const session = await page.context().newCDPSession(page);
  // Time that the main thread ran, not time that passed.
  await session.send('Performance.enable', { timeDomain: 'threadTicks' });
  const busySeconds = async (): Promise<number> => {
    const { metrics } = await session.send('Performance.getMetrics');
    return metrics.find(({ name }) => name === 'TaskDuration')!.value;
  };
  const box = (await page.getByRole('grid').boundingBox())!;
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
  const frames: number[] = [];
  let busy = 0;
  for (let i = 0; i < rounds; i++) {
    const before = await busySeconds();
    const measured = await page.evaluateHandle(() => window.probe.frames());
    for (let turn = 0; turn < WHEEL_TURNS; turn++) {
      const started = performance.now();
      await page.mouse.wheel(0, WHEEL_PX);
      await new Promise((resolve) => setTimeout(resolve, Math.max(0, WHEEL_MS - (performance.now() - started)))); // prettier-ignore
    }
    frames.push(...(await measured.evaluate((running) => running.stop())));
    busy += (await busySeconds()) - before;
  }
  await session.detach();
  return { frames, busyMs: (1000 * busy) / frames.length };
}

/** From letting go of the outline to the list of the images within. */
export async function lasso(
  desk: Desk,
  rounds: number,
): Promise<{ readonly waits: readonly Wait[]; readonly points: number }> {
  const { page } = desk;
  const waits: Wait[] = [];
  let points = 0;
  for (let i = 0; i < rounds; i++) {
    await page.getByRole('tab', { name: 'Map' }).click();
    await page.evaluate((ready) => window.probe.until(ready), READY.map);
    const map = page.locator('.map');
    points = Number((await map.getAttribute('aria-label'))!.replaceAll(/\D/g, ''));
    const box = (await map.boundingBox())!;
    const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
    const radius = box.height / (5 + i);
    await page.mouse.move(x + radius, y);
    await page.mouse.down();
    for (let corner = 1; corner <= 40; corner++) {
      const angle = (corner / 40) * 2 * Math.PI;
      await page.mouse.move(x + radius * Math.cos(angle), y + radius * Math.sin(angle));
    }
    const before = desk.use();
    const shown = page.evaluate(async () => {
      await window.probe.until('gone');
      const at = await window.probe.until('grid');
      return at - window.probe.input;
    });
    await page.mouse.up();
    waits.push({ wallMs: await shown, ...since(before, desk.use()) });
  }
  return { waits, points };
}
