/** Loads tfjs-node with this project's addition, on the CPU or on an NVIDIA GPU. */
import { createRequire } from 'node:module';
import os from 'node:os';
import util from 'node:util';
import { AppError } from '../../errors.ts';
import type { Runtime, SessionSpec, Tier } from '../runtime.ts';
import type { Session } from '../session.ts';
import type { NativeBinding } from './binding.ts';
import { NativeSession } from './native-session.ts';
import { readOpList, type OpDef } from './op-defs.ts';

interface TfjsNode {
  readonly version: Readonly<Record<string, string>>;
  backend(): { readonly binding?: NativeBinding };
}

/** tfjs-node 4.22 calls two functions that Node 23 removed from `util`. */
function restoreRemovedUtil(): void {
  const legacy = util as unknown as Record<string, unknown>;
  legacy['isNullOrUndefined'] ??= (x: unknown) => x === null || x === undefined;
  legacy['isArray'] ??= Array.isArray;
}

export class NativeRuntime implements Runtime {
  readonly tier: Tier;
  readonly tensorflowVersion: string;
  readonly tfjsVersion: string;
  readonly threads: number;
  readonly binding: NativeBinding;
  readonly opDefs: ReadonlyMap<string, OpDef>;

  private constructor(tfjs: TfjsNode, binding: NativeBinding, threads: number) {
    this.binding = binding;
    this.tier = binding.isUsingGpuDevice() ? 'cuda' : 'cpu';
    this.tensorflowVersion = binding.TF_Version;
    this.tfjsVersion = tfjs.version['tfjs'] ?? 'unknown';
    this.threads = threads;
    this.opDefs = readOpList(binding.opList());
  }

  /**
   * @param threads within one op; all cores by default
   * @throws AppError `runtime-missing` when the addon is not built or is not ours
   */
  static load(threads = os.availableParallelism()): NativeRuntime {
    restoreRemovedUtil();
    // TensorFlow reads these once, when its library is loaded.
    process.env['TF_CPP_MIN_LOG_LEVEL'] ??= '2';
    process.env['TF_NUM_INTRAOP_THREADS'] ??= String(threads);
    process.env['TF_FORCE_GPU_ALLOW_GROWTH'] ??= 'true';
    const require = createRequire(import.meta.url);
    let tfjs: TfjsNode;
    try {
      tfjs = require('@tensorflow/tfjs-node') as TfjsNode;
    } catch (error) {
      throw new AppError('runtime-missing', describeLoadFailure(error), { cause: error });
    }
    const { binding } = tfjs.backend();
    if (!binding || typeof binding.callFunctionAsync !== 'function') {
      const reason = 'the TensorFlow addon was built without this project’s additions';
      throw new AppError('runtime-missing', `${reason}; run \`npm run setup\``);
    }
    return new NativeRuntime(tfjs, binding, Number(process.env['TF_NUM_INTRAOP_THREADS']));
  }

  createSession(spec: SessionSpec): Session {
    return new NativeSession(this.binding, this.opDefs, spec);
  }

  liveTensors(): number {
    return this.binding.getNumOfTensors();
  }
}

function describeLoadFailure(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.includes('can not be found')
    ? 'the TensorFlow addon is not built; run `npm run setup`'
    : `the TensorFlow library does not load: ${text.split('\n')[0] ?? ''}`;
}
