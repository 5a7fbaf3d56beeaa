import { collectDoctorReport, formatDoctorReport, isHealthy } from '../../core/doctor/index.ts';
import { AppError } from '../../core/errors.ts';
import { fileURLToPath } from 'node:url';
import type { Host } from '../host.ts';

const PROJECT_ROOT = fileURLToPath(new URL('../../../', import.meta.url));

/** `straylight doctor`: what this machine has, what is missing, and whether it computes correctly. */
export async function doctor(host: Host): Promise<void> {
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
