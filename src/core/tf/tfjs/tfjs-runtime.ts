/** Loads a tfjs backend that needs nothing but npm: WebAssembly for users, plain JavaScript for checks. */
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Worker } from 'node:worker_threads';
import type { Algebra } from '../../linalg/algebra.ts';
import type { Runtime, SessionSpec } from '../runtime.ts';
import type { Session } from '../session.ts';
import type { Tfjs } from './conv-gradients.ts';
import { TfjsAlgebra } from './tfjs-algebra.ts';
import { TfjsSession } from './tfjs-session.ts';

interface WasmBackend {
  setWasmPaths(folder: string): void;
  setThreadsCount(threads: number): void;
  getThreadsCount(): number;
}

/**
 * How many threads the backend can have: it takes half the cores at most, and needs plain Node, where its threads were
 * seen to work. One means that its single-threaded build is loaded.
 */
export function wasmThreads(
  given: number | undefined,
  cores = os.cpus().length,
  electron = process.versions['electron'] !== undefined,
): number {
  if (electron) return 1;
  const most = Math.max(1, Math.floor(cores / 2));
  return Math.min(given ?? most, most);
}

/**
 * Lets the backend start threads on Node, which tfjs leaves to browsers, and does `load` meanwhile.
 * See {@link file://./wasm-worker.cjs}.
 */
async function withThreads<T>(tf: Tfjs, load: () => Promise<T>): Promise<T> {
  tf.env().set('WASM_HAS_MULTITHREAD_SUPPORT', true);
  const original = Object.getOwnPropertyDescriptor(URL, 'createObjectURL')!;
  URL.createObjectURL = () => fileURLToPath(new URL('./wasm-worker.cjs', import.meta.url));
  const threads: Worker[] = [];
  const collect = (thread: Worker): unknown => threads.push(thread);
  process.on('worker', collect);
  try {
    return await load();
  } finally {
    process.off('worker', collect);
    Object.defineProperty(URL, 'createObjectURL', original);
    // They wait for work for ever and must not keep the process alive.
    for (const thread of threads) thread.unref();
  }
}

export class TfjsRuntime implements Runtime {
  readonly tier = 'wasm';
  readonly tensorflowVersion: string;
  readonly tfjsVersion: string;
  readonly threads: number;
  readonly interOpThreads = 1;
  readonly threadSource = 'default';
  readonly bindingKind = null;
  readonly tf: Tfjs;

  private constructor(tf: Tfjs, backend: string, threads: number) {
    this.tf = tf;
    this.threads = threads;
    this.tfjsVersion = tf.version['tfjs-core'];
    this.tensorflowVersion = `tfjs-${backend} ${this.tfjsVersion}`;
  }

  /**
   * @param backend `wasm` for work, `cpu` (plain JavaScript) as a reference in checks
   * @param threads of wasm; half the cores by default
   */
  static async load(backend: 'wasm' | 'cpu', threads?: number): Promise<TfjsRuntime> {
    const require = createRequire(import.meta.url);
    // tfjs warns on every start that Node users should install tfjs-node.
    const { warn } = console;
    console.warn = () => undefined;
    try {
      const tf = require('@tensorflow/tfjs') as Tfjs;
      const start = async (): Promise<void> => {
        if (!(await tf.setBackend(backend)))
          throw new Error(`tfjs cannot start its ${backend} backend`);
        await tf.ready();
      };
      if (backend === 'cpu') {
        await start();
        return new TfjsRuntime(tf, backend, 1);
      }
      const entry = require.resolve('@tensorflow/tfjs-backend-wasm');
      const wasm = require(entry) as WasmBackend;
      wasm.setWasmPaths(`${path.dirname(entry)}${path.sep}`);
      const wanted = wasmThreads(threads);
      if (wanted > 1) {
        wasm.setThreadsCount(wanted);
        await withThreads(tf, start);
      } else await start();
      return new TfjsRuntime(tf, backend, wasm.getThreadsCount());
    } finally {
      console.warn = warn;
    }
  }

  createSession(spec: SessionSpec): Session {
    return new TfjsSession(this.tf, spec);
  }

  algebra(): Algebra {
    return new TfjsAlgebra(this.tf);
  }

  liveTensors(): number {
    return this.tf.memory().numTensors;
  }
}
