/** Audit reports: what is audited, what only people can say about it, the pages, the versions and their files. */
import { z } from 'zod';
import { bytes, count, grant, id, jobEvent, time } from './common.ts';
import { call, done, job, nothing } from './method.ts';

/** The longest text of one field. */
export const FIELD_LENGTH = 20_000;
const text = z.string().max(FIELD_LENGTH);
const person = z.string().trim().max(200);
const note = z.string().trim().max(2000);

/** Words that only people can give, as `core/report` names them. Left blank, the report prints "not supplied". */
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
/** Who made it, for the cover. */
export const COVER_FIELDS = ['author', 'reviewer', 'organisation'] as const;
export const HUMAN_FIELDS = [...COVER_FIELDS, ...STATEMENT_FIELDS] as const;
export const humanFieldName = z.enum(HUMAN_FIELDS);
export type HumanFieldName = z.infer<typeof humanFieldName>;

/** One of them, with who wrote it last and when; `changedAt` is null while nobody did. */
export const humanField = z.strictObject({ text, author: z.string(), changedAt: time.nullable() });
export type HumanField = z.infer<typeof humanField>;

const perField = <Value extends z.ZodType>(value: Value) =>
  z.strictObject(
    Object.fromEntries(HUMAN_FIELDS.map((name) => [name, value])) as Record<HumanFieldName, Value>,
  );

/** What people know about where a set's images come from. */
export const datasetStatement = z.strictObject({
  datasetId: id,
  source: text,
  licence: text,
  collection: text,
});
export type DatasetStatement = z.infer<typeof datasetStatement>;

/** A line of the sign-off. The date is as the person wrote it. */
export const signature = z.strictObject({ name: person, role: person, date: person });
export const signatures = z.strictObject({ preparer: signature, reviewer: signature });
export type Signatures = z.infer<typeof signatures>;

/** Metrics that a criterion can name: of the energy score of the model under audit. */
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
export const criterionMetric = z.enum(CRITERION_METRICS);
export type CriterionMetric = z.infer<typeof criterionMetric>;

/** What the report can check by itself. */
export const criterionCheck = z.strictObject({
  metric: criterionMetric,
  /** Name of an OOD set; null for the mean over the sets, or for a metric of the ID set. */
  dataset: z.string().max(200).nullable(),
  relation: z.enum(['at most', 'at least']),
  /** A rate, 0 to 1. */
  value: z.number().min(0).max(1),
});
export type CriterionCheck = z.infer<typeof criterionCheck>;

const byWhom = z.strictObject({ author: z.string(), time });

/** An acceptance criterion. It is fixed when it is written: never edited, only withdrawn and replaced by another. */
export const criterion = z.strictObject({
  id,
  /** In words; '' where the check says it all. */
  text,
  /** Null: judged by people. */
  check: criterionCheck.nullable(),
  author: z.string(),
  fixedAt: time,
  /** Whether it was fixed before the first scores of the test images existed; null: unknown. */
  beforeTest: z.boolean().nullable(),
  /** Null while it holds. */
  withdrawn: byWhom.extend({ note: z.string() }).nullable(),
  /** Null until the report is built, and for words. */
  result: z
    .strictObject({ value: z.number(), outcome: z.enum(['met', 'not met', 'not shown']) })
    .nullable(),
});
export type Criterion = z.infer<typeof criterion>;

/** What is audited. */
export const reportChoice = z.strictObject({
  sparseModelId: id,
  beforeModelId: id,
  /** Null: no gain can be shown. */
  controlModelId: id.nullable(),
  idDatasetId: id,
  oodDatasetIds: z.array(id).max(64),
  /** Told side by side; energy is always among them. Null for all. */
  detectors: z.array(z.string().min(1).max(64)).max(64).nullable(),
  /** Named protocol that sets and seeds must follow; null for one's own choice of sets. */
  protocol: z.string().min(1).max(64).nullable(),
  /** Also score the ID test images with noise, blur, brightness and JPEG at 5 severities. */
  robustness: z.boolean(),
});
export type ReportChoice = z.infer<typeof reportChoice>;

/** What building would take, and what stands in its way. */
export const reportPlan = z.strictObject({
  /** Sets that may not be audited with these models, such as outliers they were trained on. */
  barred: z.array(z.strictObject({ datasetId: id, reason: z.string() })),
  /** Scored as part of the job. */
  missing: z.array(z.strictObject({ modelId: id, datasetId: id, images: count })),
  /** Measured on this machine; null when it never scored this network. */
  seconds: z.number().nonnegative().nullable(),
  /** When the model under audit first scored one of the test sets; null: not yet. */
  firstScoredAt: time.nullable(),
  /** Named protocols, as these sets fit them. */
  protocols: z.array(z.strictObject({ id: z.string(), label: z.string(), statement: z.string() })),
});
export type ReportPlan = z.infer<typeof reportPlan>;

const outcome = z.enum(['improved', 'not shown', 'worse']);

/** A report that was written into files, and what people had filled in by then. */
export const reportVersion = z.strictObject({
  version: z.int().positive(),
  time,
  author: z.string(),
  status: z.enum(['draft', 'final']),
  note: z.string(),
  /** Of its `report.json`: the report's hash. */
  reportSha256: z.string(),
  /** Fingerprint of the key that signed it. */
  signedBy: z.string().nullable(),
  title: z.string(),
  choice: reportChoice,
  fields: perField(text),
});
export type ReportVersion = z.infer<typeof reportVersion>;

/** Numbers that the pages are drawn from. */
export const builtAudit = z.strictObject({
  builtAt: time,
  outcome,
  sentence: z.string(),
  /** Why they no longer show how things are: the choice, the data or the models have changed since. */
  stale: z.array(z.string()),
});
export type BuiltAudit = z.infer<typeof builtAudit>;

export const report = z.strictObject({
  id,
  title: z.string(),
  createdAt: time,
  changedAt: time,
  choice: reportChoice,
  fields: perField(humanField),
  datasets: z.array(datasetStatement),
  signatures,
  /** Oldest first. */
  criteria: z.array(criterion),
  /** Null until it was built. */
  built: builtAudit.nullable(),
  /** Oldest first. */
  versions: z.array(reportVersion),
  /** Whether something was changed since the last version. */
  changedSinceVersion: z.boolean(),
});
export type Report = z.infer<typeof report>;

export const reportSummary = z.strictObject({
  id,
  title: z.string(),
  createdAt: time,
  changedAt: time,
  sparseModelId: id,
  built: z.boolean(),
  versions: count,
});
export type ReportSummary = z.infer<typeof reportSummary>;

/** Files that were written, for people to see. */
export const writtenReport = z.strictObject({
  /** The folder, to verify it again. */
  folder: grant,
  files: z.array(z.strictObject({ name: z.string(), bytes: count, sha256: z.string() })),
});
export type WrittenReport = z.infer<typeof writtenReport>;

export const verification = z.strictObject({
  ok: z.boolean(),
  folder: z.string(),
  /** In the order they were made; after the first that fails nothing more is checked. */
  checks: z.array(z.strictObject({ label: z.string(), ok: z.boolean(), detail: z.string() })),
});
export type Verification = z.infer<typeof verification>;

const ofReport = { reportId: id };
export const reportMethods = {
  /** Newest first. */
  'reports.list': call(nothing, z.array(reportSummary)),
  'reports.plan': call(z.strictObject({ choice: reportChoice }), reportPlan),
  'reports.create': call(
    z.strictObject({ title: z.string().trim().min(1).max(200), choice: reportChoice }),
    report,
  ),
  'reports.get': call(z.strictObject(ofReport), report),
  /** Keeps what was typed; fields that are left out stay as they are. */
  'reports.update': call(
    z.strictObject({
      ...ofReport,
      title: z.string().trim().min(1).max(200).optional(),
      choice: reportChoice.optional(),
      fields: z.partialRecord(humanFieldName, text).optional(),
      datasets: z.array(datasetStatement).max(65).optional(),
      signatures: signatures.optional(),
      author: person,
    }),
    report,
  ),
  /** Fixes an acceptance criterion with the time. @param replaces one that it supersedes; the note says why */
  'reports.fixCriterion': call(
    z.strictObject({
      ...ofReport,
      text: z.string().trim().max(2000),
      check: criterionCheck.nullable(),
      replaces: id.nullable(),
      author: person,
      note,
    }),
    report,
  ),
  'reports.withdrawCriterion': call(
    z.strictObject({ ...ofReport, criterionId: id, author: person, note: note.min(1) }),
    report,
  ),
  /** Scores what is not scored yet and works out every number. */
  'reports.build': job(z.strictObject(ofReport), jobEvent, report),
  /** Draws the pages from the numbers there are and the fields as they are now; scores nothing. */
  'reports.pages': job(
    // Null: the report as it is now.
    z.strictObject({ ...ofReport, version: z.int().positive().nullable() }),
    jobEvent,
    z.strictObject({ pdf: bytes, sha256: z.string() }),
  ),
  /** Writes a version into the workspace, which does not change any more. @param signingKey grant of a private key's file */
  'reports.finalise': job(
    z.strictObject({
      ...ofReport,
      status: z.enum(['draft', 'final']),
      author: person,
      note,
      signingKey: id.nullable(),
    }),
    jobEvent,
    report,
  ),
  'reports.export': job(
    z.strictObject({ ...ofReport, version: z.int().positive(), grantId: id }),
    jobEvent,
    writtenReport,
  ),
  /** Recomputes every number and hash of a folder that was written. */
  'reports.verify': job(
    z.union([
      z.strictObject({ ...ofReport, version: z.int().positive() }),
      z.strictObject({ grantId: id }),
    ]),
    jobEvent,
    verification,
  ),
  /** Makes a key pair in a folder; the private half never leaves it. */
  'reports.createKey': call(
    z.strictObject({ grantId: id }),
    z.strictObject({ key: grant, fingerprint: z.string() }),
  ),
  'reports.remove': call(z.strictObject(ofReport), done),
  'reports.restore': call(z.strictObject(ofReport), report),
};
