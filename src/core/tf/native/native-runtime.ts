/** TensorFlow's C library, on the CPU or on an NVIDIA GPU. */
import os from 'node:os';
import type { BindingKind, Runtime, SessionSpec, Tier } from '../runtime.ts';
import type { Session } from '../session.ts';
import type { NativeBinding } from './binding.ts';
import { loadBinding, type LoadedBinding } from './load-binding.ts';
import { NativeSession } from './native-session.ts';
import { readOpList, type OpDef } from './op-defs.ts';

export class NativeRuntime implements Runtime {
  readonly tier: Tier;
  readonly tensorflowVersion: string;
  readonly tfjsVersion: string;
  readonly threads: number;
  readonly bindingKind: BindingKind;
  readonly binding: NativeBinding;
  readonly opDefs: ReadonlyMap<string, OpDef>;

  constructor({ binding, kind, tfjsVersion }: LoadedBinding, threads: number) {
    this.binding = binding;
    this.bindingKind = kind;
    this.tier = binding.isUsingGpuDevice() ? 'cuda' : 'cpu';
    this.tensorflowVersion = binding.TF_Version;
    this.tfjsVersion = tfjsVersion;
    this.threads = threads;
    this.opDefs = readOpList(binding.opList());
  }

  /**
   * @param threads within one op; all cores by default
   * @param kind the compiled addon where there is one, else koffi
   * @throws AppError `runtime-missing` when TensorFlow's library is not there or does not load
   */
  static load(threads = os.availableParallelism(), kind?: BindingKind): NativeRuntime {
    // TensorFlow reads these once, when its library is loaded.
    process.env['TF_CPP_MIN_LOG_LEVEL'] ??= '2';
    process.env['TF_NUM_INTRAOP_THREADS'] ??= String(threads);
    process.env['TF_FORCE_GPU_ALLOW_GROWTH'] ??= 'true';
    return new NativeRuntime(loadBinding(kind), Number(process.env['TF_NUM_INTRAOP_THREADS']));
  }

  createSession(spec: SessionSpec): Session {
    return new NativeSession(this.binding, this.opDefs, spec);
  }

  liveTensors(): number {
    return this.binding.getNumOfTensors();
  }
}
