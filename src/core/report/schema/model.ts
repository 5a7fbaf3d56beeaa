/** Parts of the report about models: what they are, how they were trained, what they do on ID images. */
import { z } from 'zod';
import {
  count,
  detectorId,
  estimate,
  finite,
  modelRole,
  rate,
  sha256,
  text,
  time,
} from './common.ts';
import { scoreResult } from './scores.ts';

export const epochRecord = z.strictObject({
  epoch: count,
  learningRate: finite,
  trainLoss: finite,
  trainAccuracy: finite,
  valLoss: finite,
  valAccuracy: finite,
  featureL1: finite.describe('Mean over validation images of the sum of |penultimate features|'),
  meanEnergy: finite.describe('Mean energy of the validation images'),
});

export const trainingSummary = z.strictObject({
  objective: text,
  lambda: finite,
  preset: text,
  seed: finite,
  epochs: count,
  batchSize: count,
  learningRate: finite,
  schedule: text,
  momentum: finite,
  nesterov: z.boolean(),
  weightDecay: finite,
  precision: text,
  dropout: finite,
  augmentation: z.array(text),
  options: z
    .array(text)
    .optional()
    .describe('Label smoothing, mixup and auxiliary outliers, in words; absent: none'),
  addsToLoss: z
    .boolean()
    .optional()
    .describe('Whether an objective other than sparsity adds a weighted term; absent: no'),
  history: z.array(epochRecord),
  wallSeconds: finite,
  stopReason: text,
});

export const trainingFacts = z.strictObject({
  hyperparameters: z
    .array(z.strictObject({ name: text, value: text }))
    .describe('Every setting of the run, in words'),
  runId: text.nullable(),
  startedAt: time.nullable(),
  endedAt: time.nullable(),
  interruptions: z
    .array(z.strictObject({ time: time.nullable(), text }))
    .nullable()
    .describe('Pauses, stops and resumptions; null: no log of the run is kept'),
  notes: z.array(text),
  hardware: text.describe('Tier and TensorFlow that trained it'),
});

export const lineage = z.strictObject({
  parentId: text.nullable(),
  parentWeightsSha256: text.nullable(),
  dataset: text.describe('Trained on'),
  datasetFingerprint: text,
  sameData: z
    .boolean()
    .describe('Whether the ID set of this audit is still what it was trained on'),
  outlierSets: z
    .array(z.strictObject({ dataset: text, datasetId: text, fingerprint: text }))
    .describe('OOD images used in training: barred from the test'),
});

export const classResult = z.strictObject({ class: text, n: count, recall: rate, precision: rate });

export const calibrationBin = z.strictObject({
  low: rate,
  high: rate,
  count,
  confidence: rate.nullable(),
  accuracy: rate.nullable(),
});

export const idPerformance = z.strictObject({
  perClass: z.array(classResult),
  confusion: z
    .array(count)
    .describe('Row = true class, column = predicted; row-major [classes, classes]'),
  calibration: z.array(calibrationBin).describe('Confidences in (low, high]'),
});

export const operatingPoint = z.strictObject({
  detector: detectorId,
  threshold: finite.describe(
    'On S, larger = more in-distribution: an image is kept when S >= threshold',
  ),
  from: z
    .enum(['keeps 95% of ID validation', 'decision'])
    .describe('The default, or a decision of a person'),
  rationale: text,
  decidedBy: text.nullable(),
  decidedAt: time.nullable(),
  validationImages: count,
  keptOfValidation: rate,
  keptOfTest: rate,
  rejectedPerClass: z.array(z.strictObject({ class: text, n: count, rejected: count })),
  acceptedPerSet: z.array(z.strictObject({ dataset: text, n: count, accepted: count })),
  band: z
    .array(
      z.strictObject({
        target: rate.describe('Share of the ID validation images that is kept'),
        threshold: finite,
        keptOfTest: rate,
        accepted: z.array(rate).describe('Share accepted of each OOD set, in their order'),
      }),
    )
    .describe('How the rates move when the threshold does'),
});

export const modelResult = z.strictObject({
  role: modelRole,
  id: text,
  name: text,
  createdAt: text,
  parentId: text.nullable(),
  lineage,
  architecture: text,
  parameters: count,
  multiplyAdds: count,
  layers: text.describe('Family and settings of the network, in words'),
  classes: z.array(text).describe('In the order of the logits'),
  weightsSha256: sha256,
  decode: z.strictObject({ size: count, resize: z.enum(['stretch', 'center-crop', 'pad']) }),
  normalisation: z.strictObject({
    mean: z.tuple([finite, finite, finite]),
    std: z.tuple([finite, finite, finite]),
  }),
  training: trainingSummary,
  trainingFacts,
  idAccuracy: estimate,
  ece: rate.describe('Expected calibration error, 15 equal-width bins'),
  idPerformance,
  threshold: finite.describe('Operating threshold on S = -E'),
  thresholdImages: count,
  idKeptAtThreshold: rate,
  operatingPoint,
  meanEnergyId: finite,
  stdEnergyId: finite,
  featureL1: finite.describe('On the ID test images: mean sum of |penultimate features|'),
  hoyer: finite.describe('Mean Hoyer sparsity, 0 to 1'),
  nearZeroUnits: rate.describe('Share of units below 1e-3 of the largest'),
  scores: z.array(scoreResult).describe('One entry per detector, the primary one first'),
  unscored: z
    .array(z.strictObject({ detector: detectorId, reason: text }))
    .describe('Detectors that could not be used'),
});
