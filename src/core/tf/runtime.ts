/** Which TensorFlow runs, and how to get one. */
import os from 'node:os';
import type { Normalisation } from '../decode/types.ts';
import { AppError, messageOf } from '../errors.ts';
import type { Algebra } from '../linalg/algebra.ts';
import type { Architecture } from '../model/architecture.ts';
import type { Objective } from '../train/objectives/objective.ts';
import type { SgdSettings } from './kernels.ts';
import type { HostTensor } from './host-tensor.ts';
import type { Precision } from './precision.ts';
import type { Session } from './session.ts';
import { chooseThreads, readTuning, type ChosenThreads } from './threads.ts';

/** cuda and cpu are TensorFlow's C library; wasm is tfjs compiled to WebAssembly. */
export type Tier = 'cuda' | 'cpu' | 'wasm';
/** How TensorFlow's C library is called: through the compiled addon, or through koffi where there is no compiler. */
export type BindingKind = 'addon' | 'koffi';
/** What a user may ask for; `auto` takes the best tier that works. */
export type Device = Tier | 'auto';

/** Everything a session needs to be built. */
export interface SessionSpec {
  readonly architecture: Architecture;
  readonly normalisation: Normalisation;
  readonly objective: Objective;
  readonly sgd: SgdSettings;
  readonly weights: ReadonlyMap<string, HostTensor>;
  /** Of the training step; fp32 when not given. bf16 runs on the native tiers only. */
  readonly precision?: Precision;
  /** Of the forward pass; fp32 when not given. Scores that are stored or reported are always fp32. */
  readonly forwardPrecision?: Precision;
}

export interface Runtime {
  readonly tier: Tier;
  /** e.g. `2.21.0`, or `tfjs-wasm 4.22.0`. */
  readonly tensorflowVersion: string;
  readonly tfjsVersion: string;
  /** Threads within one op. */
  readonly threads: number;
  /** Ops at the same time. */
  readonly interOpThreads: number;
  /** Where the numbers of threads are from. */
  readonly threadSource: ChosenThreads['source'];
  /** Null on the wasm tier, which has no native library. */
  readonly bindingKind: BindingKind | null;
  createSession(spec: SessionSpec): Session;
  /** Products of matrices for the scores. To be disposed of by who asked. */
  algebra(): Algebra;
  /** Tensors alive in the runtime: flat over a long run, or something leaks. */
  liveTensors(): number;
}

export interface RuntimeOptions {
  readonly device?: Device;
  /**
   * Threads within one op; takes effect only before TensorFlow is first loaded in the process. By default what
   * `straylight doctor --tune` measured, else one per core.
   */
  readonly threads?: number | undefined;
  /** Of the work to come; decides between measured numbers of threads. */
  readonly batchSize?: number | undefined;
}

/** A tier that was tried and did not load. */
export interface BlockedTier {
  readonly tier: Tier;
  readonly reason: string;
}

/** The runtime in use and why the better ones are not. */
export interface LoadedRuntime {
  readonly runtime: Runtime;
  readonly blocked: readonly BlockedTier[];
}

let loaded: Promise<LoadedRuntime> | null = null;

/**
 * Loads TensorFlow once per process: one process owns one runtime.
 * @throws AppError `runtime-missing` when the device that was asked for does not load
 */
export function loadRuntime(options: RuntimeOptions = {}): Promise<LoadedRuntime> {
  loaded ??= load(options);
  return loaded;
}

/** Of the presets; scoring uses it too. */
const DEFAULT_BATCH_SIZE = 128;

async function load({
  device = 'auto',
  threads,
  batchSize = DEFAULT_BATCH_SIZE,
}: RuntimeOptions): Promise<LoadedRuntime> {
  const tiers: readonly Tier[] = device === 'auto' ? ['cuda', 'cpu', 'wasm'] : [device];
  const blocked: BlockedTier[] = [];
  if (tiers.includes('cuda') || tiers.includes('cpu')) {
    try {
      const { NativeRuntime } = await import('./native/native-runtime.ts');
      const runtime = NativeRuntime.load(
        chooseThreads({
          given: threads,
          batchSize,
          cores: os.availableParallelism(),
          env: process.env,
          tuning: readTuning(),
        }),
      );
      if (tiers.includes(runtime.tier)) {
        if (runtime.tier === 'cpu' && device === 'auto')
          blocked.push({ tier: 'cuda', reason: 'this TensorFlow sees no NVIDIA GPU' });
        return { runtime, blocked };
      }
      blocked.push({ tier: device as Tier, reason: `TensorFlow runs on the ${runtime.tier} here` });
    } catch (error) {
      for (const tier of tiers)
        if (tier !== 'wasm') blocked.push({ tier, reason: messageOf(error) });
    }
  }
  if (tiers.includes('wasm')) {
    const { TfjsRuntime } = await import('./tfjs/tfjs-runtime.ts');
    return { runtime: await TfjsRuntime.load('wasm', threads), blocked };
  }
  const reasons = blocked.map(({ reason }) => reason).join('; ');
  throw new AppError(
    'runtime-missing',
    `The device "${device}" cannot be used: ${reasons}. Run \`npm run doctor\` to see what is missing, or use --device auto.`,
    { details: { blocked } },
  );
}
