/** What this machine has, whether it computes correctly, how fast; and images to try it on. */
import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import type { DoctorReport as WireReport } from '../../contract/app.ts';
import { collectDoctorReport, doctorSections, formatDoctorReport, formatTuning, isHealthy, measureThreads, type DoctorReport } from '../../core/doctor/index.ts'; // prettier-ignore
import { AppError } from '../../core/errors.ts';
import { within } from '../../core/progress.ts';
import { writeTuning } from '../../core/tf/threads.ts';
import { registerDataset } from '../../core/workflow/register-dataset.ts';
import type { EngineContext } from '../context.ts';
import type { EngineHandlers } from '../handlers.ts';
import { sampleFolder } from '../info.ts';

/** Names of the sample's sets; its folders have short ones. */
const SAMPLE_NAMES: Readonly<Record<string, string>> = {
  fashion: 'Fashion (sample)',
  digits: 'Digits (sample)',
  textures: 'Textures (sample)',
  photographs: 'Photographs (sample)',
};

export const doctorHandlers = (engine: EngineContext) =>
  ({
    'doctor.run': (_params, context) =>
      engine.jobs.run({ kind: 'doctor', title: 'Self-test' }, context, async () => {
        const { projectRoot, workspace, device } = engine.options;
        return wireReport(await collectDoctorReport({ projectRoot, workspace, device }));
      }),
    'doctor.tune': (_params, context) =>
      engine.jobs.run({ kind: 'doctor', title: 'Measure threads' }, context, async (hooks) => {
        if (engine.queue.training)
          throw new AppError(
            'usage',
            'A run is training; measured beside it, the numbers would be wrong. Wait for it, or pause it.',
          );
        const { tuning, measurements } = await measureThreads({ device: engine.options.device, ...hooks }); // prettier-ignore
        writeTuning(tuning);
        const best = tuning.best.toSorted((a, b) => b.imagesPerSecond - a.imagesPerSecond)[0]!;
        return {
          threads: best.intraOp,
          imagesPerSecond: best.imagesPerSecond,
          text: formatTuning(tuning, measurements),
        };
      }),
    'sample.create': (_params, context) =>
      engine.jobs.run({ kind: 'sample', title: 'Sample project' }, context, async (hooks) => {
        const root = sampleFolder(engine.options.projectRoot);
        if (!existsSync(root))
          throw new AppError('not-found', 'The sample images are not part of this installation.');
        const ood = readdirSync(path.join(root, 'ood'), { withFileTypes: true })
          .filter((entry) => entry.isDirectory())
          .map(({ name }) => path.join(root, 'ood', name))
          .sort();
        const folders = [path.join(root, 'fashion'), ...ood];
        const ids: string[] = [];
        for (const [i, folder] of folders.entries()) {
          const { id } = await registerDataset(engine.workspace, folder, {
            ...hooks,
            name: SAMPLE_NAMES[path.basename(folder)],
            role: i === 0 ? 'id' : 'ood',
            onProgress: within(hooks.onProgress, i / folders.length, (i + 1) / folders.length),
          });
          ids.push(id);
        }
        const [idDatasetId, ...oodDatasetIds] = ids as [string, ...string[]];
        return { idDatasetId, oodDatasetIds };
      }),
  }) satisfies Partial<EngineHandlers>;

function wireReport(report: DoctorReport): WireReport {
  return {
    sections: doctorSections(report).map(({ title, rows }) => ({
      title,
      rows: rows.map(([label, value]) => ({ label, value })),
    })),
    tier: report.selfTest.status === 'ran' ? report.selfTest.tier : null,
    passed: isHealthy(report),
    blocked: report.blocked.map(({ tier, reason, fix }) => ({ tier, reason, fix })),
    text: formatDoctorReport(report),
  };
}
