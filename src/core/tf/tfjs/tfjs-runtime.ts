/** Loads a tfjs backend that needs nothing but npm: WebAssembly for users, plain JavaScript for checks. */
import { createRequire } from 'node:module';
import path from 'node:path';
import type { Runtime, SessionSpec } from '../runtime.ts';
import type { Session } from '../session.ts';
import type { Tfjs } from './conv-gradients.ts';
import { TfjsSession } from './tfjs-session.ts';

interface WasmBackend {
  setWasmPaths(folder: string): void;
}

export class TfjsRuntime implements Runtime {
  readonly tier = 'wasm';
  readonly tensorflowVersion: string;
  readonly tfjsVersion: string;
  readonly threads = 1;
  readonly interOpThreads = 1;
  readonly threadSource = 'default';
  readonly bindingKind = null;
  readonly tf: Tfjs;

  private constructor(tf: Tfjs, backend: string) {
    this.tf = tf;
    this.tfjsVersion = tf.version['tfjs-core'];
    this.tensorflowVersion = `tfjs-${backend} ${this.tfjsVersion}`;
  }

  /** @param backend `wasm` for work, `cpu` (plain JavaScript) as a reference in checks */
  static async load(backend: 'wasm' | 'cpu'): Promise<TfjsRuntime> {
    const require = createRequire(import.meta.url);
    // tfjs warns on every start that Node users should install tfjs-node.
    const { warn } = console;
    console.warn = () => undefined;
    try {
      const tf = require('@tensorflow/tfjs') as Tfjs;
      if (backend === 'wasm') {
        const entry = require.resolve('@tensorflow/tfjs-backend-wasm');
        (require(entry) as WasmBackend).setWasmPaths(`${path.dirname(entry)}${path.sep}`);
      }
      if (!(await tf.setBackend(backend)))
        throw new Error(`tfjs cannot start its ${backend} backend`);
      await tf.ready();
      return new TfjsRuntime(tf, backend);
    } finally {
      console.warn = warn;
    }
  }

  createSession(spec: SessionSpec): Session {
    return new TfjsSession(this.tf, spec);
  }

  liveTensors(): number {
    return this.tf.memory().numTensors;
  }
}
