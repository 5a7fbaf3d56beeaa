import {
  collectDoctorReport,
  formatDoctorReport,
  formatTuning,
  isHealthy,
  measureThreads,
} from '../../core/doctor/index.ts';
import { AppError } from '../../core/errors.ts';
import { tuningPath, writeTuning } from '../../core/tf/threads.ts';
import { fileURLToPath } from 'node:url';
import type { Host } from '../host.ts';

const PROJECT_ROOT = fileURLToPath(new URL('../../../', import.meta.url));

/** `straylight doctor`: what this machine has, what is missing, and whether it computes correctly. */
export async function doctor(host: Host, options: { readonly tune?: boolean }): Promise<void> {
  if (options.tune) {
    await tune(host);
    return;
  }
  const report = await collectDoctorReport({
    projectRoot: PROJECT_ROOT,
    workspace: host.workspaceFolder,
    ...(host.device === 'auto' ? {} : { device: host.device }),
  });
  host.output.line(formatDoctorReport(report));
  host.output.result(report);
  if (!isHealthy(report))
    throw new AppError('runtime-missing', 'The self-test failed; see the lines above.');
}

/** `straylight doctor --tune`: measures threads and keeps the fastest for this machine. */
async function tune(host: Host): Promise<void> {
  const { device, hooks } = host;
  const { tuning, measurements } = await measureThreads({ device, ...hooks });
  writeTuning(tuning);
  host.output.line(formatTuning(tuning, measurements));
  host.output.line(
    `Kept in ${tuningPath()}. --threads overrides it; delete the file to forget it.`,
  );
  host.output.result(tuning);
}
