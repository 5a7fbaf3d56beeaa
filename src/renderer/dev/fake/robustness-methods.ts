import type { RobustnessResult } from '../../../contract/robustness.ts';
import { pretend, type JobList } from './live.ts';
import type { Part } from './types.ts';
import { TIME } from './world.ts';

const KINDS = ['gaussian-noise', 'gaussian-blur', 'defocus-blur', 'brightness', 'jpeg'] as const;
const LEVELS = [1, 2, 3, 4, 5] as const;

export function robustnessMethods(jobs: JobList, stepMs: number): Part<'robustness'> {
  const known = new Map<string, RobustnessResult>();
  return {
    'robustness.start': async ({ modelIds, datasetId, images, seed }, context) => {
      await pretend(jobs, { kind: 'robustness', title: 'Robustness', images: 2000, stepMs }, context); // prettier-ignore
      return modelIds.map((modelId, place) => {
        const result: RobustnessResult = {
          modelId,
          datasetId,
          images: images ?? 2000,
          seed,
          source: 'Hendrycks & Dietterich, ICLR 2019, with the constants of CIFAR-10-C',
          threshold: 5.88,
          thresholdImages: 1000,
          clean: { accuracy: 0.912, keptAtThreshold: 0.948, meanEnergy: -9.1 },
          cells: KINDS.flatMap((corruption, kind) =>
            LEVELS.map((severity) => ({
              corruption,
              severity,
              accuracy: 0.9 - severity * (0.03 + 0.02 * kind) + 0.01 * place,
              keptAtThreshold: 0.94 - severity * (0.04 + 0.02 * kind),
              meanEnergy: -9 + severity * (0.4 + 0.1 * kind),
              auroc: 0.5 + severity * 0.05,
            })),
          ),
          createdAt: TIME,
        };
        known.set(`${modelId} ${datasetId}`, result);
        return result;
      });
    },
    'robustness.get': ({ modelIds, datasetId }) =>
      modelIds.map((modelId) => known.get(`${modelId} ${datasetId}`) ?? null),
  };
}
