/** Long computations in worker threads, so that the process goes on answering. */
import { Worker } from 'node:worker_threads';
import { AppError } from '../../errors.ts';
import type { Algebra } from '../../linalg/algebra.ts';
import type { OwnerMessage, TaskMessage } from './messages.ts';
import { AlgebraServer } from './remote-algebra.ts';
import type { Report, TaskInput, TaskName, TaskOutput } from './tasks.ts';

const ENTRY = new URL('./compute-worker.ts', import.meta.url);
/** Threads at a time; others wait their turn. */
const MOST_WORKERS = 2;

export interface TaskOptions {
  /** Ends the thread at once. */
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: Report | undefined;
  /** Multiplies matrices for the thread, on this one, and is disposed at the end; plain JavaScript when not given. */
  readonly algebra?: Algebra | undefined;
}

const idle: Worker[] = [];
const waiting: (() => void)[] = [];
let running = 0;

/**
 * Runs a task in a worker thread. Idle threads are kept, and never keep the process alive.
 * @throws AppError of the task; `cancelled`
 */
export async function runTask<Name extends TaskName>(
  name: Name,
  input: TaskInput<Name>,
  options: TaskOptions = {},
): Promise<TaskOutput<Name>> {
  if (running >= MOST_WORKERS) await new Promise<void>((turn) => waiting.push(turn));
  else running++;
  try {
    if (options.signal?.aborted) {
      options.algebra?.dispose();
      throw cancelled();
    }
    return (await work(name, input, options)) as TaskOutput<Name>;
  } finally {
    const next = waiting.shift();
    if (next) next();
    else running--;
  }
}

const cancelled = (): AppError => new AppError('cancelled', 'Cancelled.');

function work(
  name: TaskName,
  input: unknown,
  { signal, onProgress, algebra }: TaskOptions,
): Promise<unknown> {
  const worker = idle.pop() ?? new Worker(ENTRY, { execArgv: ['--no-warnings'] });
  const tell = (message: OwnerMessage): void => worker.postMessage(message);
  const server = algebra ? new AlgebraServer(algebra, tell) : null;
  return new Promise((resolve, reject) => {
    const settle = (alive: boolean): void => {
      worker.off('message', onMessage).off('error', onError).off('exit', onExit);
      signal?.removeEventListener('abort', onAbort);
      server?.close();
      worker.unref();
      if (alive) idle.push(worker);
      else {
        // An 'error' that nobody hears would end the process.
        worker.on('error', () => undefined);
        void worker.terminate();
      }
    };
    const onMessage = (message: TaskMessage): void => {
      if (message.type === 'progress') return onProgress?.(message.done, message.total);
      if (message.type === 'done') {
        settle(true);
        resolve(message.output);
      } else if (message.type === 'failed') {
        settle(true);
        reject(new AppError(message.code, message.message, { details: message.details }));
      } else server?.serve(message);
    };
    const fail = (reason: string, cause?: unknown): void => {
      settle(false);
      reject(
        new AppError('internal', `Computing ${name} failed: ${reason}. Try it again.`, { cause }),
      );
    };
    const onError = (error: Error): void => fail(error.message, error);
    const onExit = (): void => fail('its thread ended');
    const onAbort = (): void => {
      settle(false);
      reject(cancelled());
    };
    worker.ref();
    worker.on('message', onMessage).on('error', onError).on('exit', onExit);
    signal?.addEventListener('abort', onAbort);
    tell({ type: 'task', name, input, algebra: server !== null });
  });
}
