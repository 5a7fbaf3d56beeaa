/** Experiments: the same comparison repeated with several seeds, as one row. */
import { z } from 'zod';
import { count, estimate, failure, id, name, rate, seed, time } from './common.ts';
import { call, done, nothing } from './method.ts';
import { decodeSpec, runState, trainingConfig } from './training.ts';

export const protocolId = z.enum(['as-given', 'six-sets', 'near-far']);
export const arm = z.enum(['before', 'control', 'batch-norm', 'tuned']);
export type Arm = z.infer<typeof arm>;

export const experimentRequest = z.strictObject({
  name: name.optional(),
  /** Pretrain one model per seed, or fine-tune one model with every seed. */
  start: z.discriminatedUnion('kind', [
    z.strictObject({
      kind: z.literal('pretrain'),
      datasetId: id,
      network: z.string().max(64),
      dropout: rate,
      decode: decodeSpec,
      config: trainingConfig,
    }),
    z.strictObject({ kind: z.literal('finetune'), parentId: id }),
  ]),
  preset: z.enum(['paper', 'authors', 'quick']),
  finetune: trainingConfig,
  seeds: z.array(seed).min(1).max(20),
  oodDatasetIds: z.array(id).min(1).max(64),
  protocol: protocolId.default('as-given'),
  detector: z.string().max(64).default('energy'),
  withControl: z.boolean().default(true),
  /** A second control: batch-norm statistics of each pretrained model estimated again. */
  withBatchNorm: z.boolean().default(true),
});
export type ExperimentRequest = z.input<typeof experimentRequest>;

/** A number of every seed. */
export const seedSummary = z.strictObject({
  values: z.array(z.number()),
  mean: z.number(),
  /** Divided by n - 1; null for one seed. */
  std: z.number().nullable(),
  interval: z.strictObject({ low: z.number(), high: z.number() }).nullable(),
});
export type SeedSummary = z.infer<typeof seedSummary>;

const summaries = {
  fpr95: seedSummary,
  fpr95OodPositive: seedSummary,
  auroc: seedSummary,
  auprIn: seedSummary,
  auprOut: seedSummary,
};
const metrics = {
  fpr95: estimate,
  fpr95OodPositive: z.number(),
  auroc: estimate,
  auprIn: z.number(),
  auprOut: z.number(),
};
const words = z.array(z.string());

/** Features and energies of a set under a model. */
export const setStatistics = z.strictObject({
  name: z.string(),
  n: count,
  meanL1: z.number(),
  hoyer: z.number(),
  nearZeroUnits: z.number().nullable(),
  meanEnergy: z.number(),
  stdEnergy: z.number(),
});
export type SetStatistics = z.infer<typeof setStatistics>;

const bootstrap = z.strictObject({ samples: count, seed: z.number() });

export const protocolResult = z.strictObject({
  protocol: protocolId,
  statement: z.string(),
  present: words,
  missing: words,
  left: words,
  score: z.string(),
  orientation: z.string(),
  n: count,
  threshold: z.strictObject({ value: z.number(), validationImages: count, idKept: z.number() }),
  sets: z.array(
    z.strictObject({
      name: z.string(),
      paperSet: z.string().nullable(),
      nearFar: z.enum(['near', 'far']).nullable(),
      n: count,
      ...metrics,
      acceptedAtThreshold: z.number(),
    }),
  ),
  averages: z.array(
    z.strictObject({ group: z.string(), label: z.string(), sets: words, ...metrics }),
  ),
  bootstrap,
});

export const armResult = z.strictObject({
  arm,
  label: z.string(),
  models: z.array(
    z.strictObject({
      seed,
      modelId: id,
      name: z.string(),
      result: protocolResult,
      accuracy: estimate,
      statistics: z.array(setStatistics),
    }),
  ),
  averages: z.array(z.strictObject({ group: z.string(), label: z.string(), ...summaries })),
  sets: z.array(z.strictObject({ name: z.string(), n: count, ...summaries })),
  accuracy: seedSummary,
  statistics: z.array(setStatistics),
});
export type ArmResult = z.infer<typeof armResult>;

/** Mirrors `ExperimentResult` of the core. */
export const experimentResult = z.strictObject({
  protocol: protocolId,
  statement: z.string(),
  present: words,
  missing: words,
  left: words,
  orientation: z.string(),
  score: z.string(),
  n: count,
  seeds: z.array(seed),
  intervals: z.string(),
  verdictSets: words,
  arms: z.array(armResult),
  differences: z.array(
    z.strictObject({
      against: arm,
      mean: z.strictObject({ fpr95: estimate, auroc: estimate }),
      perSeed: z.array(
        z.strictObject({ seed, fpr95: z.number(), auroc: z.number(), accuracy: z.number() }),
      ),
      sets: z.array(
        z.strictObject({
          name: z.string(),
          fpr95: estimate,
          auroc: estimate,
          perSeed: z.array(z.number()),
        }),
      ),
      accuracy: estimate,
    }),
  ),
  verdict: z
    .strictObject({
      outcome: z.enum(['improved', 'not shown', 'worse']),
      sentence: z.string(),
      rule: z.string(),
      againstControl: estimate.nullable(),
      againstBefore: estimate,
      accuracyChange: estimate,
      cautions: words,
    })
    .nullable(),
  leakage: z.array(z.strictObject({ between: z.string(), images: count })),
  bootstrap,
});
export type ExperimentResult = z.infer<typeof experimentResult>;

export const experimentSummary = z.strictObject({
  id,
  name: z.string(),
  state: z.enum(['pending', 'running', 'succeeded', 'failed', 'cancelled', 'interrupted']),
  createdAt: time,
  endedAt: time.nullable(),
  error: failure.nullable(),
  idDatasetId: id,
  oodDatasetIds: z.array(id),
  protocol: protocolId,
  detector: z.string(),
  seeds: z.array(seed),
  preset: z.string(),
  network: z.string(),
  parentId: id.nullable(),
  objective: z.string(),
  lambda: z.number(),
  /** Every model that it needs, in the order they are made. */
  steps: z.array(
    z.strictObject({
      seed,
      arm,
      runId: id.nullable(),
      runState: runState.nullable(),
      modelId: id.nullable(),
    }),
  ),
  /** Null until it is done: mean over the protocol's first average, per arm. */
  headline: z
    .strictObject({
      average: z.string(),
      arms: z.array(
        z.strictObject({ arm, label: z.string(), fpr95: seedSummary, accuracy: seedSummary }),
      ),
      outcome: z.enum(['improved', 'not shown', 'worse']).nullable(),
    })
    .nullable(),
});
export type ExperimentSummary = z.infer<typeof experimentSummary>;

const one = z.strictObject({ experimentId: id });

export const experimentMethods = {
  /** One at a time; further ones wait. Their runs go through the queue of runs. */
  'experiments.start': call(experimentRequest, experimentSummary),
  /** Newest first. */
  'experiments.list': call(nothing, z.array(experimentSummary)),
  'experiments.get': call(
    one,
    z.strictObject({ summary: experimentSummary, result: experimentResult.nullable() }),
  ),
  /** Goes on with what is missing; what is done stays. */
  'experiments.resume': call(one, experimentSummary),
  'experiments.cancel': call(one, experimentSummary),
  /** Off the list; its models stay. */
  'experiments.remove': call(one, done),
};
