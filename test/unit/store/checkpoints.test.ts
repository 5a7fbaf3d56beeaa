import { readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { latestCheckpoint, saveCheckpoint } from '../../../src/core/store/checkpoints.ts';
import { EventLog, readEvents } from '../../../src/core/store/events.ts';
import { temporaryFolder } from '../../support/image-folders.ts';

const root = temporaryFolder();
const at = (...parts: string[]): string => path.join(root, ...parts);
const save = (run: string, step: number, best = false) =>
  saveCheckpoint(run, { step, files: { 'weights.bin': `weights of ${step}` }, best });
const cutInHalf = (folder: string): void => {
  const file = path.join(folder, 'weights.bin');
  truncateSync(file, readFileSync(file).length >> 1);
};

describe('checkpoints', () => {
  it('the newest is taken; the last three and the best are kept', async () => {
    const run = at('kept');
    for (const step of [10, 20, 30, 40, 50]) await save(run, step, step === 10);
    const { checkpoint, skipped } = await latestCheckpoint(run);
    expect(checkpoint?.step).toBe(50);
    expect(skipped).toEqual([]);
    const steps = readdirSync(path.join(run, 'checkpoints')).filter((name) =>
      name.startsWith('step-'),
    );
    expect(steps.map((name) => Number(name.slice(5)))).toEqual([10, 30, 40, 50]);
  });

  it('one that was cut in half is passed over, and said so', async () => {
    const run = at('cut');
    await save(run, 1);
    const { folder } = await save(run, 2);
    cutInHalf(folder);
    const { checkpoint, skipped } = await latestCheckpoint(run);
    expect(checkpoint?.step).toBe(1);
    expect(skipped).toMatchObject([
      { step: 2, reason: expect.stringMatching(/weights.bin has 6 bytes/) as string },
    ]);
  });

  it('when none is whole the error names each', async () => {
    const run = at('all-cut');
    for (const step of [1, 2]) cutInHalf((await save(run, step)).folder);
    await expect(latestCheckpoint(run)).rejects.toMatchObject({
      code: 'invalid-model',
      message: expect.stringMatching(
        /step 2: weights.bin.*step 1: weights.bin.*Start the run again/,
      ) as string,
    });
  });

  it('a run without any has none', async () => {
    expect(await latestCheckpoint(at('none'))).toEqual({ checkpoint: null, skipped: [] });
  });
});

describe('the event log', () => {
  it('keeps every complete event; a torn last line is reported and does not swallow the next', () => {
    const file = at('events.jsonl');
    const log = new EventLog(file);
    log.append({ type: 'one' });
    log.append({ type: 'two', text: 'line\nbreak' });
    log.close();
    writeFileSync(file, readFileSync(file, 'utf8') + '{"type":"thr');
    expect(readEvents(file)).toEqual({
      events: [{ type: 'one' }, { type: 'two', text: 'line\nbreak' }],
      cutOff: '{"type":"thr',
      damagedLines: [],
    });
    const again = new EventLog(file);
    again.append({ type: 'four' });
    again.close();
    expect(readEvents(file).events).toEqual([
      { type: 'one' },
      { type: 'two', text: 'line\nbreak' },
      { type: 'four' },
    ]);
  });
});
