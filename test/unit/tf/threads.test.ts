import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { cacheDir } from '../../../scripts/setup/paths.mjs';
import { runSelfTest } from '../../../src/core/doctor/self-test.ts';
import {
  candidates,
  fastest,
  formatTuning,
  measureThreads,
} from '../../../src/core/doctor/tune.ts';
import {
  chooseThreads,
  machineKey,
  readTuning,
  tuningPath,
  writeTuning,
  type Tuning,
} from '../../../src/core/tf/threads.ts';

const tuning: Tuning = {
  at: '2026-01-01T00:00:00.000Z',
  tensorflow: '2.21.0',
  best: [
    { batchSize: 8, intraOp: 3, interOp: 2, imagesPerSecond: 10 },
    { batchSize: 128, intraOp: 5, interOp: 1, imagesPerSecond: 20 },
  ],
};
const facts = { batchSize: 128, cores: 8, env: {}, tuning: null };

describe('the number of threads', () => {
  it('is one per core where nothing was measured, and no more than there are images', () => {
    expect(chooseThreads(facts)).toEqual({ intraOp: 8, interOp: 1, source: 'default' });
    expect(chooseThreads({ ...facts, batchSize: 2 }).intraOp).toBe(2);
  });

  it('is what was measured for the nearest batch size', () => {
    const measured = (batchSize: number) => chooseThreads({ ...facts, tuning, batchSize });
    expect(measured(128)).toEqual({ intraOp: 5, interOp: 1, source: 'measured' });
    expect(measured(1)).toEqual({ intraOp: 3, interOp: 2, source: 'measured' });
    // 8 to 30 is a factor of 3.75, 30 to 128 one of 4.3; 40 is nearer to 128.
    expect(measured(30).intraOp).toBe(3);
    expect(measured(40).intraOp).toBe(5);
  });

  it('is what TensorFlow’s variables say before that, and what the user asked for before all', () => {
    const env = { TF_NUM_INTRAOP_THREADS: '6' };
    const environment = chooseThreads({ ...facts, tuning, env });
    expect(environment).toEqual({ intraOp: 6, interOp: 1, source: 'environment' });
    const given = chooseThreads({ ...facts, tuning, env, given: 4 });
    expect(given).toEqual({ intraOp: 4, interOp: 1, source: 'given' });
    const nonsense = { TF_NUM_INTRAOP_THREADS: 'many', TF_NUM_INTEROP_THREADS: '0' };
    expect(chooseThreads({ ...facts, tuning, env: nonsense }).source).toBe('measured');
  });
});

describe('what was measured', () => {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(path.join(os.tmpdir(), 'straylight-threads-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('is kept per machine, beside what set-up keeps', () => {
    for (const [env, platform] of [
      [{ XDG_CACHE_HOME: '/c' }, 'linux'],
      [{}, 'linux'],
      [{}, 'darwin'],
    ] as const)
      expect(path.dirname(tuningPath(env, platform, '/h'))).toBe(cacheDir(env, platform, '/h'));

    const file = path.join(folder, 'not', 'there', 'threads.json');
    expect(readTuning(file, 'a')).toBeNull();
    writeTuning(tuning, file, 'a');
    writeTuning({ ...tuning, tensorflow: 'other' }, file, 'b');
    expect(readTuning(file, 'a')).toEqual(tuning);
    expect(readTuning(file, 'b')?.tensorflow).toBe('other');
    expect(readTuning(file, 'c')).toBeNull();
    expect(readFileSync(file, 'utf8')).toContain('"version": 1');
  });

  it.each(['', 'no JSON', '{"version":2}', '{"version":1,"machines":{"a":{"best":[]}}}'])(
    'counts for nothing when the file is damaged: %s',
    (text) => {
      const file = path.join(folder, 'threads.json');
      writeFileSync(file, text);
      expect(readTuning(file, 'a')).toBeNull();
      writeTuning(tuning, file, 'a');
      expect(readTuning(file, 'a')).toEqual(tuning);
    },
  );

  const library = existsSync('node_modules/@tensorflow/tfjs-node/deps/lib');
  it.skipIf(!library)(
    'is used by the next process that loads TensorFlow (needs TensorFlow’s library)',
    async () => {
      mkdirSync(path.join(folder, 'straylight'));
      const best = [{ batchSize: 128, intraOp: 1, interOp: 3, imagesPerSecond: 1 }];
      writeTuning({ ...tuning, best }, tuningPath({ XDG_CACHE_HOME: folder }), machineKey());
      const selfTest = await runSelfTest({
        device: 'cpu',
        nodePath: process.execPath,
        env: {
          ...process.env,
          TF_NUM_INTRAOP_THREADS: undefined,
          TF_NUM_INTEROP_THREADS: undefined,
          XDG_CACHE_HOME: folder,
        },
      });
      expect(selfTest).toMatchObject({ threads: 1, interOpThreads: 3, threadSource: 'measured' });
    },
  );
});

describe('a measurement', () => {
  it('tries one thread, all cores, and some between', () => {
    const intraOps = (cores: number) => [...new Set(candidates(cores).map((c) => c.intraOp))];
    expect(intraOps(1)).toEqual([1]);
    expect(intraOps(2)).toEqual([1, 2]);
    expect(intraOps(16)).toEqual([1, 4, 8, 16]);
  });

  it('prefers fewer threads that are hardly slower', () => {
    const at = (intraOp: number, medianMs: number) => ({
      batchSize: 8,
      intraOp,
      interOp: 1,
      medianMs,
    });
    expect(fastest([at(1, 200), at(4, 101), at(8, 100)]).intraOp).toBe(4);
    expect(fastest([at(1, 200), at(4, 120), at(8, 100)]).intraOp).toBe(8);
  });

  it('takes the best of its rounds per batch size, and says what it found', async () => {
    // Two at a time doubles the speed of small batches, more threads that of large ones; the first round is disturbed.
    let calls = 0;
    const progress: number[] = [];
    const { tuning: found, measurements } = await measureThreads({
      cores: 2,
      onProgress: ({ value }) => progress.push(value),
      measure: ({ intraOp, interOp }) => {
        const disturbance = calls++ < 4 ? 1000 : 0;
        return Promise.resolve({
          tensorflow: '2.21.0',
          steps: [
            { batchSize: 8, medianMs: 100 / interOp + disturbance },
            { batchSize: 128, medianMs: 800 / intraOp + disturbance },
          ],
        });
      },
    });
    expect(calls).toBe(8);
    expect(progress.at(-1)).toBe(1);
    expect(found.best).toEqual([
      { batchSize: 8, intraOp: 1, interOp: 2, imagesPerSecond: 160 },
      { batchSize: 128, intraOp: 2, interOp: 1, imagesPerSecond: 320 },
    ]);
    const text = formatTuning(found, measurements);
    expect(text).toContain('2 within an op, 1 at a time: 400.0 ms, 320 images/s  <- used');
  });

  it('can be cancelled', async () => {
    const measure = () => Promise.reject(new Error('not reached'));
    const cancelled = measureThreads({ measure, signal: AbortSignal.abort() });
    await expect(cancelled).rejects.toMatchObject({ code: 'cancelled' });
  });
});
