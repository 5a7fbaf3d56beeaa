/** Models on corrupted test images. */
import { z } from 'zod';
import { count, id, jobEvent, rate, seed, time } from './common.ts';
import { call, job } from './method.ts';

export const corruption = z.enum(['gaussian-noise', 'gaussian-blur', 'defocus-blur', 'brightness', 'jpeg']); // prettier-ignore
export const severity = z.union([z.literal(1), z.literal(2), z.literal(3), z.literal(4), z.literal(5)]); // prettier-ignore

const measured = {
  accuracy: rate,
  /** Share with S at or above the threshold of clean ID validation images. */
  keptAtThreshold: rate,
  /** Mean of E, the paper's sign. */
  meanEnergy: z.number(),
};

/** One model on the test images of one dataset. */
export const robustnessResult = z.strictObject({
  modelId: id,
  datasetId: id,
  /** Test images that were measured. */
  images: count,
  seed,
  /** Where the corruptions are defined. */
  source: z.string(),
  threshold: z.number(),
  thresholdImages: count,
  clean: z.strictObject(measured),
  cells: z.array(
    z.strictObject({
      corruption,
      severity,
      ...measured,
      /** Clean against corrupted, by energy; 0.5 when they cannot be told apart. */
      auroc: rate,
    }),
  ),
  createdAt: time,
});
export type RobustnessResult = z.infer<typeof robustnessResult>;

const ofModels = { modelIds: z.array(id).min(1).max(12), datasetId: id };

export const robustnessMethods = {
  /** Corrupts the ID test images in every way asked for and asks each model; what is known is not measured again. */
  'robustness.start': job(
    z.strictObject({
      ...ofModels,
      /** At most so many test images, a seeded sample; null for all. */
      images: z.int().positive().nullable().default(null),
      seed: seed.default(1),
      corruptions: z.array(corruption).min(1).optional(),
      severities: z.array(severity).min(1).optional(),
    }),
    jobEvent,
    z.array(robustnessResult),
  ),
  /** What is known, in the order of the models; null where nothing is, or weights or images have changed since. */
  'robustness.get': call(z.strictObject(ofModels), z.array(robustnessResult.nullable())),
};
