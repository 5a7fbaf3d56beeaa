/** TensorFlow's C library, on the CPU or on an NVIDIA GPU. */
import type { Algebra } from '../../linalg/algebra.ts';
import type { BindingKind, Runtime, SessionSpec, Tier } from '../runtime.ts';
import type { Session } from '../session.ts';
import type { NativeBinding } from './binding.ts';
import { loadBinding, type LoadedBinding } from './load-binding.ts';
import type { ChosenThreads } from '../threads.ts';
import { NativeAlgebra } from './native-algebra.ts';
import { NativeSession } from './native-session.ts';
import { readOpList, type OpDef } from './op-defs.ts';

export class NativeRuntime implements Runtime {
  readonly tier: Tier;
  readonly tensorflowVersion: string;
  readonly tfjsVersion: string;
  readonly threads: number;
  readonly interOpThreads: number;
  readonly threadSource: ChosenThreads['source'];
  readonly bindingKind: BindingKind;
  readonly binding: NativeBinding;
  readonly opDefs: ReadonlyMap<string, OpDef>;

  constructor({ binding, kind, tfjsVersion }: LoadedBinding, threads: ChosenThreads) {
    this.binding = binding;
    this.bindingKind = kind;
    this.tier = binding.isUsingGpuDevice() ? 'cuda' : 'cpu';
    this.tensorflowVersion = binding.TF_Version;
    this.tfjsVersion = tfjsVersion;
    this.threads = threads.intraOp;
    this.interOpThreads = threads.interOp;
    this.threadSource = threads.source;
    this.opDefs = readOpList(binding.opList());
  }

  /**
   * @param threads take effect only where TensorFlow's library was not loaded in this process before
   * @param kind the compiled addon where there is one, else koffi
   * @throws AppError `runtime-missing` when TensorFlow's library is not there or does not load
   */
  static load(threads: ChosenThreads, kind?: BindingKind): NativeRuntime {
    // TensorFlow reads these once, when its library is loaded.
    process.env['TF_CPP_MIN_LOG_LEVEL'] ??= '2';
    process.env['TF_NUM_INTRAOP_THREADS'] = String(threads.intraOp);
    process.env['TF_NUM_INTEROP_THREADS'] = String(threads.interOp);
    // Without it TensorFlow takes all of the GPU's memory at once, and other programs get none.
    process.env['TF_FORCE_GPU_ALLOW_GROWTH'] ??= 'true';
    return new NativeRuntime(loadBinding(kind), threads);
  }

  createSession(spec: SessionSpec): Session {
    return new NativeSession(this.binding, this.opDefs, spec);
  }

  algebra(): Algebra {
    return new NativeAlgebra(this.binding, this.opDefs);
  }

  liveTensors(): number {
    return this.binding.getNumOfTensors();
  }
}
