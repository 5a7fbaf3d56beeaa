/** The tiers this machine can run, for tests that must hold on each. */
import { NativeRuntime } from '../../src/core/tf/native/native-runtime.ts';
import type { BindingKind } from '../../src/core/tf/runtime.ts';
import type { ChosenThreads } from '../../src/core/tf/threads.ts';
import { TfjsRuntime } from '../../src/core/tf/tfjs/tfjs-runtime.ts';

/** The same in every test file, so that numbers do not depend on the machine's cores. */
const TWO_THREADS: ChosenThreads = { intraOp: 2, interOp: 1, source: 'given' };

/** TensorFlow's C library, or the reason why it is not here. */
export function nativeRuntime(
  binding?: BindingKind,
): { runtime: NativeRuntime } | { missing: string } {
  try {
    return { runtime: NativeRuntime.load(TWO_THREADS, binding) };
  } catch (error) {
    return { missing: error instanceof Error ? error.message : String(error) };
  }
}

export const wasmRuntime = (): Promise<TfjsRuntime> => TfjsRuntime.load('wasm');
