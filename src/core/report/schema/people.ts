/** Parts of the report that need people: cover, scope, acceptance, risks, sign-off. Null is "not supplied". */
import { z } from 'zod';
import { count, estimate, finite, sha256, supplied, suppliedOrNot, text, time } from './common.ts';

export const cover = z.strictObject({
  author: text.nullable().describe('null: not supplied'),
  reviewer: text.nullable().describe('null: not supplied'),
  organisation: text.nullable().describe('null: not supplied'),
  status: z.enum(['draft', 'final']),
  version: z.int().min(1).describe('Counts the reports made of this draft, from 1'),
});

/** Metrics that an acceptance criterion can name; those of the primary detector and the model under audit. */
export const CRITERION_METRICS = [
  'fpr95',
  'fpr95-ood-positive',
  'auroc',
  'aupr-in',
  'aupr-out',
  'accepted-at-threshold',
  'id-accuracy',
  'id-kept-at-threshold',
  'ece',
] as const;

export const criterionCheck = z.strictObject({
  metric: z.enum(CRITERION_METRICS),
  dataset: text.nullable().describe('An OOD set; null for the mean over the sets or an ID metric'),
  relation: z.enum(['at most', 'at least']),
  value: finite.describe('In the unit of the metric: rates from 0 to 1'),
});

export const criterion = z.strictObject({
  text,
  check: criterionCheck.nullable().describe('null: words only, judged by people'),
  author: text,
  fixedAt: time,
  beforeTest: z
    .boolean()
    .nullable()
    .describe(
      'Whether it was fixed before the first scores of the test images existed; null: unknown',
    ),
  withdrawn: z
    .strictObject({ author: text, time, note: text })
    .nullable()
    .describe('Who took it back, when and why; null: it holds'),
  result: z
    .strictObject({
      value: finite,
      interval: estimate.nullable(),
      outcome: z
        .enum(['met', 'not met', 'not shown'])
        .describe('not shown: the 95% interval holds values on both sides of the limit'),
    })
    .nullable(),
});

export const signature = z.strictObject({
  name: text,
  role: text,
  date: text.describe('As the person wrote it'),
});

export const statements = z.strictObject({
  intendedUse: suppliedOrNot,
  outOfScopeUse: suppliedOrNot,
  audited: suppliedOrNot.describe('What was part of this audit'),
  notAudited: suppliedOrNot.describe('What was not part of this audit'),
  licence: suppliedOrNot.describe('Of the model'),
  risks: suppliedOrNot,
  actions: suppliedOrNot,
  oversight: suppliedOrNot,
  monitoring: suppliedOrNot.describe('What is watched in use, and what triggers a new audit'),
  acceptanceCriteria: z.array(criterion).nullable().describe('null: not supplied'),
  datasets: z
    .array(
      z.strictObject({
        dataset: text,
        source: suppliedOrNot,
        licence: suppliedOrNot,
        collection: suppliedOrNot,
      }),
    )
    .describe('One entry per set, ID first'),
  preparer: signature.nullable(),
  reviewer: signature.nullable(),
});

export const reportVersion = z.strictObject({
  version: z.int().min(1),
  time,
  author: text,
  status: z.enum(['draft', 'final']),
  note: text,
  reportSha256: sha256.nullable().describe('Of its report.json; null for the one at hand'),
});

export const attachment = z.strictObject({ name: text, bytes: count, sha256, note: text });

/** Kinds of human fields that hold nothing but words. */
export const STATEMENT_FIELDS = [
  'intendedUse',
  'outOfScopeUse',
  'audited',
  'notAudited',
  'licence',
  'risks',
  'actions',
  'oversight',
  'monitoring',
] as const;
export { supplied };
