/** Parts of the report about scores of OOD sets. */
import { z } from 'zod';
import { count, detectorId, estimate, finite, rate, text } from './common.ts';

export const oodMetrics = z.strictObject({
  dataset: text,
  n: count,
  fpr95: estimate.describe(
    'ID positive: share of OOD accepted at the threshold that keeps 95% of the ID test images. Primary',
  ),
  fpr95OodPositive: rate.describe(
    'OOD positive (OpenOOD v1.5 convention): share of ID flagged when 95% of OOD is caught',
  ),
  auroc: estimate,
  auprIn: rate,
  auprOut: rate,
  detectionError: rate.describe('Smallest balanced error over all thresholds'),
  acceptedAtThreshold: rate.describe(
    'Share of OOD accepted at the operating threshold, which comes from ID validation data only',
  ),
  meanEnergy: finite,
  stdEnergy: finite,
});

/** Unweighted means over sets. */
export const averages = z.strictObject({
  fpr95: rate,
  auroc: rate,
  auprIn: rate,
  auprOut: rate,
});

export const scoreResult = z.strictObject({
  score: detectorId,
  label: text,
  threshold: finite.describe('Keeps 95% of the ID validation images, on this detector'),
  idKeptAtThreshold: rate,
  hyperparameters: z.array(z.strictObject({ name: text, value: finite })),
  notes: z.array(text).describe('Fallbacks of its fit'),
  perSet: z.array(oodMetrics),
  average: averages,
  averageIntervals: z.strictObject({ fpr95: estimate, auroc: estimate }),
  near: averages.nullable().describe('Over the near sets; null when there is none'),
  far: averages.nullable().describe('Over the far sets; null when there is none'),
});

export const detectorCard = z.strictObject({
  id: detectorId,
  label: text,
  formula: text,
  source: text,
  sourceUrl: text.nullable(),
  orientation: text,
  cost: text,
  assumes: text,
  fits: text.nullable(),
  hyperparameters: z.array(z.strictObject({ name: text, label: text, value: finite })),
});

export const spread = z.strictObject({
  mean: finite,
  std: finite.describe('Sample standard deviation, divided by n - 1'),
});

export const seedFamily = z.strictObject({
  label: text,
  seeds: z.array(finite),
  modelIds: z.array(text),
  fpr95: spread,
  auroc: spread,
  accuracy: spread,
});
