/** Gathers everything the doctor reports. */
import path from 'node:path';
import type { Device, Tier } from '../tf/runtime.ts';
import { readSetupState, type SetupState } from './setup-state.ts';
import { runSelfTest } from './self-test.ts';
import { collectDisk, collectGpu, collectSystem } from './system.ts';
import type { BlockedReason, DoctorReport, SelfTest } from './report.ts';

export interface DoctorOptions {
  /** Folder with package.json and `.setup/`. */
  readonly projectRoot: string;
  /** Where datasets, models and runs lie; the project's folder by default. */
  readonly workspace?: string;
  /** The tier to test; the best one by default. */
  readonly device?: Device;
  /** Node for the self-test; this one by default. */
  readonly nodePath?: string;
}

const TIERS: readonly Tier[] = ['cuda', 'cpu', 'wasm'];

/** Examines the machine and tests the tier in use. Never throws for what it finds: that is the report. */
export async function collectDoctorReport(options: DoctorOptions): Promise<DoctorReport> {
  const { projectRoot, workspace = projectRoot, device = 'auto' } = options;
  const { nodePath = process.execPath } = options;
  const state = await readSetupState(projectRoot);
  const cache = state?.cache ?? path.join(projectRoot, '.setup');
  const [system, gpu, selfTest, ...disks] = await Promise.all([
    collectSystem(),
    collectGpu(),
    runSelfTest({ device, nodePath }),
    collectDisk('workspace', workspace),
    collectDisk('cache', cache),
  ]);
  return {
    requested: device,
    system,
    node: { version: process.version, path: process.execPath },
    electron: state?.electron ?? null,
    gpu,
    disks,
    tensorflow: state?.tensorflow ?? null,
    selfTest,
    blocked: explainBlockedTiers({ device, selfTest, state }),
  };
}

/**
 * For every tier above the one in use, what stops it: what set-up met, or else what loading met.
 * All tiers count as above when none loads.
 */
export function explainBlockedTiers(facts: {
  readonly device: Device;
  readonly selfTest: SelfTest;
  readonly state: SetupState | null;
}): BlockedReason[] {
  const { device, selfTest, state } = facts;
  const used = selfTest.status === 'ran' ? TIERS.indexOf(selfTest.tier) : TIERS.length;
  return TIERS.slice(0, used).map((tier) => {
    const setup = state?.blocked.find((blocked) => blocked.tier === tier);
    if (setup) return { tier, reason: setup.reason, fix: setup.fix };
    if (device !== 'auto' && device !== tier)
      return { tier, reason: `--device ${device} was asked for`, fix: 'Run without --device.' };
    if (!state && tier !== 'wasm')
      return { tier, reason: 'set-up has not run', fix: 'Run `npm run setup`.' };
    const fix =
      tier === 'cuda' && state?.device === 'cuda'
        ? 'See that `nvidia-smi` lists the GPU, with a driver for CUDA 12 (525 or later).'
        : 'Run `npm run setup -- --retry`.';
    return { tier, reason: loadReason(tier, selfTest), fix };
  });
}

function loadReason(tier: Tier, selfTest: SelfTest): string {
  if (selfTest.status === 'failed') return selfTest.reason;
  return selfTest.blocked.find((blocked) => blocked.tier === tier)?.reason ?? 'it does not load';
}
