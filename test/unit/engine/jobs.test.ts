/** The board of jobs: what the tray promises. */
import { describe, expect, it } from 'vitest';
import type { JobState } from '../../../src/contract/app.ts';
import type { JobEvent } from '../../../src/contract/common.ts';
import { AppError } from '../../../src/core/errors.ts';
import { JobBoard } from '../../../src/engine/jobs.ts';
import type { StopReason } from '../../../src/rpc/server.ts';

const scan = { kind: 'scan', title: 'Scan flowers' } as const;
const progress = (done: number) => ({
  phase: 'Scan',
  value: done / 1000,
  done,
  total: 1000,
  unit: 'files' as const,
  ratePerS: null,
  remainingS: null,
});

function caller() {
  const abort = new AbortController();
  const told: JobEvent[] = [];
  const context = { signal: abort.signal, emit: (event: unknown) => void told.push(event as JobEvent) }; // prettier-ignore
  return { context, told, stop: (reason: StopReason) => abort.abort(reason) };
}

describe('a job', () => {
  it('tells its progress numbered, far less often than it is reported, and the last one always', async () => {
    const board = new JobBoard();
    const { context, told } = caller();
    await board.run(scan, context, ({ onProgress }) => {
      for (let done = 1; done <= 1000; done++) onProgress(progress(done));
      return Promise.resolve();
    });
    const seen = told.flatMap((event) => (event.type === 'progress' ? [event.progress] : []));
    expect(seen.length).toBeLessThan(10);
    expect(seen.map(({ sequence }) => sequence)).toEqual(seen.map((_, i) => i));
    expect(seen.at(-1)?.done).toBe(1000);
    expect(board.list()).toMatchObject([{ ...scan, state: 'succeeded', error: null }]);
  });

  it('that fails keeps its error', async () => {
    const board = new JobBoard();
    const failing = board.run(scan, null, () =>
      Promise.reject(new AppError('no-space', 'The disk is full.')),
    );
    await expect(failing).rejects.toThrow('The disk is full.');
    expect(board.list()).toMatchObject([
      { state: 'failed', error: { code: 'no-space', message: 'The disk is full.' } },
    ]);
  });

  const cancellable = (board: JobBoard, context: ReturnType<typeof caller>['context'] | null) =>
    board.run(
      scan,
      context,
      ({ signal }) =>
        new Promise<string>((resolve, reject) => {
          signal.addEventListener('abort', () => reject(new AppError('cancelled', 'Cancelled.')));
          if (signal.aborted) reject(new AppError('cancelled', 'Cancelled.'));
          setImmediate(() => setImmediate(() => resolve('done')));
        }),
    );

  it('is cancelled by its caller or from the tray', async () => {
    const board = new JobBoard();
    const { context, stop } = caller();
    const byCaller = cancellable(board, context);
    stop('cancelled');
    await expect(byCaller).rejects.toMatchObject({ code: 'cancelled' });
    const byTray = cancellable(board, null);
    board.cancel(board.list()[1]!.id);
    await expect(byTray).rejects.toMatchObject({ code: 'cancelled' });
    expect(board.list().map(({ state }) => state)).toEqual(['cancelled', 'cancelled']);
  });

  it('goes on when the window that asked for it reloads', async () => {
    const board = new JobBoard();
    const { context, stop } = caller();
    const going = cancellable(board, context);
    stop('closed');
    expect(await going).toBe('done');
  });

  it('that nobody knows cannot be cancelled', () => {
    expect(() => new JobBoard().cancel('x')).toThrow(AppError);
  });
});

describe('the tray', () => {
  it('sees the whole list at once and after every change, until it stops watching', async () => {
    const board = new JobBoard();
    const stop = new AbortController();
    const seen: (readonly JobState[])[] = [];
    const watching = board.watch((jobs) => {
      seen.push(jobs);
      if (jobs[0]?.state === 'succeeded') stop.abort();
    }, stop.signal);
    expect(seen).toEqual([[]]);
    await board.run(scan, null, () => Promise.resolve());
    await watching;
    expect(seen.at(-1)).toMatchObject([{ state: 'succeeded' }]);
  });

  it('keeps what runs when finished jobs are cleared, and does not grow without end', async () => {
    const board = new JobBoard();
    let finish = (): void => undefined;
    const running = board.run(scan, null, () => new Promise<void>((resolve) => (finish = resolve)));
    for (let i = 0; i < 500; i++) await board.run(scan, null, () => Promise.resolve());
    expect(board.list().length).toBeLessThan(500);
    board.clear();
    expect(board.list().map(({ state }) => state)).toEqual(['running']);
    finish();
    await running;
  });
});
