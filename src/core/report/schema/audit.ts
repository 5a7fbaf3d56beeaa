/** The schema of `report.json`. Types in `../audit.ts` and the published JSON Schema are made of it. */
import { z } from 'zod';
import { count, finite, sha256, text, time } from './common.ts';
import * as comparison from './comparison.ts';
import { curation, datasetResult, leak, sharing } from './data.ts';
import { modelResult } from './model.ts';
import { attachment, cover, reportVersion, statements } from './people.ts';
import { protocolResult } from './protocol.ts';
import { detectorCard, seedFamily } from './scores.ts';

export const AUDIT_SCHEMA = 'straylight.audit/2';

export const environment = z.strictObject({
  app: text,
  tier: z.enum(['cuda', 'cpu', 'wasm']),
  tensorflow: text,
  tfjs: text,
  node: text,
  os: text,
  cpu: text,
  threads: count,
  cuda: text.nullable().describe('null: not used'),
  driver: text.nullable().describe('Of the graphics card; null: not used'),
});

export const protocol = z.strictObject({
  name: text,
  description: text,
  orientation: text,
  positiveClass: text,
  ties: text,
  intervals: text,
  subsampling: text,
  thresholdSource: text,
  tuning: z.strictObject({
    testDataUsed: z.boolean().nullable().describe('null: unknown'),
    statement: text,
  }),
  nearFar: text,
  detectors: z.array(detectorCard).describe('The primary one first'),
});

export const limitation = z.strictObject({
  id: text.describe('Stable word, e.g. one-seed'),
  severity: z.enum(['serious', 'moderate', 'note']),
  text,
});

export const evidence = z.strictObject({
  framework: text,
  reference: text,
  asks: text,
  section: z.int().min(1).max(21).describe('Of the report'),
  status: z.enum(['present', 'partial', 'user-supplied', 'absent']),
  note: text,
});

export const reproducibility = z.strictObject({
  deterministic: z
    .boolean()
    .describe('Whether TensorFlow was told to use deterministic operations'),
  determinism: text,
  rerun: z
    .strictObject({ images: count, model: text, largestDifference: finite, tolerance: finite })
    .nullable()
    .describe('Energies of a random sample computed again; null: not measured'),
  command: text,
  config: text.describe('Canonical JSON of what was asked for'),
  configSha256: sha256,
});

export const auditSchema = z
  .strictObject({
    schema: z.literal(AUDIT_SCHEMA),
    id: text,
    title: text,
    createdAt: time,
    timeZone: text.describe('Zone of the machine that made the report, e.g. Europe/Berlin'),
    cover,
    environment,
    command: text,
    seed: finite,
    idDataset: datasetResult,
    oodDatasets: z.array(datasetResult),
    models: z.array(modelResult),
    headlines: z.array(comparison.headline),
    pairedAgainstControl: z.array(comparison.pairedDifference),
    pairedAgainstBefore: z.array(comparison.pairedDifference),
    verdict: comparison.verdict,
    topRisks: z.array(text).describe('At most three, most important first'),
    statements,
    leakage: z
      .array(leak)
      .describe('Exact duplicates between ID train and ID test, and between ID and OOD sets'),
    sharing: z.array(sharing).describe('Exact and near duplicates across parts'),
    curation,
    protocol,
    protocolResults: z
      .array(protocolResult)
      .describe('Of the named protocol that was asked for, per model; empty without one'),
    seeds: z.array(seedFamily),
    distributions: comparison.distributions.nullable(),
    curves: z.array(comparison.setCurves),
    flips: z.array(comparison.flips),
    sparsity: z.array(comparison.sparsityStatistics),
    galleries: comparison.galleries,
    robustness: comparison.robustness.nullable().describe('null: not run'),
    limitations: z.array(limitation),
    reproducibility,
    evidence: z.array(evidence),
    versions: z.array(reportVersion).describe('Version history, oldest first'),
    attachments: z.array(attachment),
    bootstrap: z.strictObject({
      samples: count,
      seed: finite,
      method: z
        .enum(['bootstrap', 'influence'])
        .describe('influence: large sets take their intervals from the influence function instead'),
    }),
    wallSeconds: finite,
  })
  .meta({
    title: 'Straylight audit report',
    description:
      'Every number of an audit report: what report.json holds and report.pdf is drawn from.',
  });
