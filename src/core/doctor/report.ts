/** What the doctor finds, as plain data. */
import type { ChosenThreads } from '../tf/threads.ts';
import type { BindingKind, Device, Tier } from '../tf/runtime.ts';

/** A value that may be unknown on this machine: null then. */
export interface SystemFacts {
  /** e.g. `Debian GNU/Linux 12 (bookworm), Linux 6.1.0 x64`. */
  readonly os: string;
  readonly cpuModel: string;
  readonly cpuCount: number;
  /** Of the instruction sets that speed up TensorFlow, those that the processor has; null where it cannot be told. */
  readonly cpuFeatures: readonly string[] | null;
  readonly memoryBytes: number;
  readonly freeMemoryBytes: number;
}

export interface DiskFacts {
  readonly label: 'workspace' | 'cache';
  readonly path: string;
  /** Null when the disk does not say. */
  readonly freeBytes: number | null;
}

export interface GpuFacts {
  /** One per NVIDIA GPU, e.g. `NVIDIA L4, 23034 MiB`; empty when there is none or the driver's tool is missing. */
  readonly devices: readonly string[];
  readonly driver: string | null;
}

/** The binary that opens the window, and where it is from; null when there is none yet. */
export type ElectronFacts = { readonly path: string; readonly source: string } | null;

/** A better tier than the one in use, what stops it and what to do. */
export interface BlockedReason {
  readonly tier: Tier;
  readonly reason: string;
  readonly fix: string;
}

/** One operation computed by the tier in use and by a plain loop. */
export interface SelfTestCheck {
  readonly name: string;
  /** Largest absolute difference over all elements. */
  readonly maxAbsError: number;
  /** Largest difference that rounding in 32-bit floats explains. */
  readonly tolerance: number;
  readonly passed: boolean;
}

/** What the probe process saw: which tier loads, and whether it computes correctly. */
export type SelfTest =
  | {
      readonly status: 'ran';
      readonly tier: Tier;
      readonly tensorflowVersion: string;
      readonly tfjsVersion: string;
      readonly threads: number;
      readonly interOpThreads: number;
      readonly threadSource: ChosenThreads['source'];
      /** How TensorFlow's library is called; null on wasm. */
      readonly binding: BindingKind | null;
      readonly blocked: readonly { readonly tier: Tier; readonly reason: string }[];
      readonly checks: readonly SelfTestCheck[];
      readonly loadMs: number;
    }
  | { readonly status: 'failed'; readonly reason: string };

export interface DoctorReport {
  readonly requested: Device;
  readonly system: SystemFacts;
  readonly node: { readonly version: string; readonly path: string };
  readonly electron: ElectronFacts;
  readonly gpu: GpuFacts;
  readonly disks: readonly DiskFacts[];
  /** The TensorFlow that set-up installed; null when it stayed on wasm. */
  readonly tensorflow: {
    readonly version: string;
    readonly variant: string;
    readonly dir: string;
    readonly verified: boolean;
    /** What set-up chose, and why not the addon. */
    readonly binding?: { readonly kind: BindingKind; readonly reason: string | null } | undefined;
  } | null;
  readonly selfTest: SelfTest;
  readonly blocked: readonly BlockedReason[];
}
