import type { DoctorReport, EngineInfo } from '../../../contract/app.ts';
import { pretend, untilAborted, type JobList } from './live.ts';
import type { Part } from './types.ts';
import type { World } from './world.ts';

const DOCTOR: DoctorReport = {
  sections: [
    {
      title: 'System',
      rows: [
        { label: 'Operating system', value: 'Linux 6.8, x64' },
        { label: 'Processor', value: '8 cores, AVX2, 16.0 GB memory' },
      ],
    },
    {
      title: 'Self-test on the cpu tier',
      rows: [
        { label: 'Convolution', value: 'agrees with the reference, largest difference 1.2e-6' },
        { label: 'Training step', value: '128 images in 0.9 s' },
      ],
    },
  ],
  tier: 'cpu',
  passed: true,
  blocked: [
    {
      tier: 'cuda',
      reason: 'No NVIDIA driver was found (libcuda.so.1 is missing).',
      fix: 'Install the driver of the GPU, then run the self-test again.',
    },
  ],
  text: 'System\n  Operating system  Linux 6.8, x64\n',
};

export function appMethods(
  world: World,
  jobs: JobList,
  info: () => EngineInfo,
  stepMs: number,
  loaded: () => void,
): Part<'app'> & Part<'jobs'> & Part<'doctor'> & Part<'sample'> {
  return {
    'app.info': () => info(),
    'app.loadRuntime': async (_params, context) => {
      await pretend(jobs, { kind: 'doctor', title: 'Load TensorFlow', images: 1, stepMs }, context);
      loaded();
      return info();
    },
    'jobs.watch': async (_params, { signal, emit }) => {
      const stop = jobs.watch(emit);
      try {
        return await untilAborted(signal);
      } finally {
        stop();
      }
    },
    'jobs.cancel': ({ jobId }) => {
      jobs.change(jobId, { state: 'cancelled', endedAt: new Date().toISOString() });
      return null;
    },
    'jobs.clear': () => {
      jobs.clear();
      return null;
    },
    'doctor.run': async (_params, context) => {
      await pretend(jobs, { kind: 'doctor', title: 'Self-test', images: 128, stepMs }, context);
      return DOCTOR;
    },
    'doctor.tune': async (_params, context) => {
      await pretend(jobs, { kind: 'doctor', title: 'Measure threads', images: 128, stepMs }, context); // prettier-ignore
      return { threads: 6, imagesPerSecond: 214, text: '6 threads: 214 images/s' };
    },
    'sample.create': async (_params, context) => {
      await pretend(jobs, { kind: 'sample', title: 'Sample project', images: 9500, stepMs }, context); // prettier-ignore
      const [first = 'fashion', ...others] = world.datasets.keys();
      return { idDatasetId: first, oodDatasetIds: others };
    },
  };
}
