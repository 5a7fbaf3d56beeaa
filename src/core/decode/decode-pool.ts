/** Worker threads that decode, each one image at a time; an image that hangs or kills its worker is one failure. */
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { throwIfAborted } from '../errors.ts';
import type { DecodeAnswer, DecodeJob } from './jobs.ts';
import { DECODE_TIMEOUT_S } from './limits.ts';

export interface DecodePoolOptions {
  /** Default: one per core, at most 8. */
  readonly workers?: number;
  /** A worker that gives no answer for so long is ended. Default: twice the decoder's own limit. */
  readonly timeoutMs?: number;
  /** For tests of the pool itself. */
  readonly entry?: URL;
}

const ENTRY = new URL('./decode-worker.ts', import.meta.url);
/** JavaScript memory of one worker; pixels live outside of it and are capped by the megapixel limit. */
const HEAP_MB = 256;

interface Waiting {
  readonly job: DecodeJob;
  readonly done: (answer: DecodeAnswer) => void;
}

/** Starts workers as they are needed. They never keep the process alive. */
export class DecodePool {
  readonly size: number;
  private readonly timeoutMs: number;
  private readonly entry: URL;
  private readonly queue: Waiting[] = [];
  private readonly idle: Worker[] = [];
  private readonly workers = new Set<Worker>();

  constructor(options: DecodePoolOptions = {}) {
    this.size = options.workers ?? Math.min(8, availableParallelism());
    this.timeoutMs = options.timeoutMs ?? DECODE_TIMEOUT_S * 2000;
    this.entry = options.entry ?? ENTRY;
  }

  /** Starts every worker now, so that the first images need not wait for one. */
  warm(): void {
    while (this.workers.size < this.size) {
      const worker = this.startWorker();
      worker.unref();
      this.idle.push(worker);
    }
  }

  /** Never rejects: what goes wrong with an image is its answer. */
  run(job: DecodeJob): Promise<DecodeAnswer> {
    return new Promise((done) => {
      this.queue.push({ job, done });
      this.next();
    });
  }

  /**
   * Runs one job per item, at most two per worker at a time, so that memory stays bounded however many
   * items there are.
   * @param jobOf makes the job when its turn has come
   * @param onAnswer called in the order of completion
   * @throws AppError `cancelled` after the running jobs have ended
   */
  async forEach<T>(
    items: readonly T[],
    jobOf: (item: T, index: number) => DecodeJob,
    onAnswer: (answer: DecodeAnswer, index: number) => void,
    signal?: AbortSignal,
  ): Promise<void> {
    let next = 0;
    const lane = async (): Promise<void> => {
      while (next < items.length) {
        throwIfAborted(signal);
        const index = next++;
        onAnswer(await this.run(jobOf(items[index]!, index)), index);
      }
    };
    const lanes = Array.from({ length: Math.min(2 * this.size, items.length) }, lane);
    const failed = (await Promise.allSettled(lanes)).find(({ status }) => status === 'rejected');
    if (failed?.status === 'rejected') throw failed.reason;
  }

  /** Ends the workers; jobs in flight are answered as failed. */
  async close(): Promise<void> {
    await Promise.all([...this.workers].map((worker) => worker.terminate()));
  }

  private next(): void {
    if (this.queue.length === 0) return;
    const worker =
      this.idle.pop() ?? (this.workers.size < this.size ? this.startWorker() : undefined);
    if (!worker) return;
    this.dispatch(worker, this.queue.shift()!);
  }

  private startWorker(): Worker {
    const worker = new Worker(this.entry, {
      resourceLimits: { maxOldGenerationSizeMb: HEAP_MB },
      // Type stripping is announced once per worker otherwise.
      execArgv: ['--no-warnings'],
    });
    this.workers.add(worker);
    const drop = (): void => {
      this.workers.delete(worker);
      const at = this.idle.indexOf(worker);
      if (at >= 0) this.idle.splice(at, 1);
    };
    // One that ends while it has nothing to do, as when it cannot load: an 'error' that nobody hears would end the process.
    worker.on('error', drop);
    worker.once('exit', drop);
    return worker;
  }

  private dispatch(worker: Worker, { job, done }: Waiting): void {
    const finish = (answer: DecodeAnswer, alive: boolean): void => {
      clearTimeout(timer);
      worker.off('message', onMessage).off('error', onError).off('exit', onExit);
      worker.unref();
      if (alive) this.idle.push(worker);
      else {
        this.workers.delete(worker);
        void worker.terminate();
      }
      done(answer);
      this.next();
    };
    const fail = (reason: string): void => finish({ kind: 'failed', reason }, false);
    const onMessage = (answer: DecodeAnswer): void => finish(answer, true);
    const onError = (error: Error): void => fail(`the decoder failed: ${error.message}`);
    const onExit = (): void => fail('the decoder ended');
    const timer = setTimeout(
      () => fail(`decoding took longer than ${this.timeoutMs / 1000} s`),
      this.timeoutMs,
    );
    worker.ref();
    worker.on('message', onMessage).on('error', onError).on('exit', onExit);
    worker.postMessage(job);
  }
}

let shared: DecodePool | null = null;

/** The pool of this process. Its workers start on first use and end with the process. */
export function sharedDecodePool(): DecodePool {
  shared ??= new DecodePool();
  return shared;
}
