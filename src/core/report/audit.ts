/**
 * The audit: every number that a report shows, in one plain object. `report.json` is this object; the PDF, the
 * tables and the charts are drawn from it, without the images' columns, and compute nothing of their own.
 * What only people know is `null` while it is not supplied, and is printed as "not supplied".
 */
import type { z } from 'zod';
import type * as schema from './schema/audit.ts';
import type { DeepReadonly, estimate, modelRole, supplied } from './schema/common.ts';
import type * as comparison from './schema/comparison.ts';
import type * as data from './schema/data.ts';
import type * as model from './schema/model.ts';
import type * as people from './schema/people.ts';
import type * as scores from './schema/scores.ts';

type Of<Schema extends z.ZodType> = DeepReadonly<z.infer<Schema>>;

/** before = pretrained; control = fine-tuned with λ = 0; sparse = fine-tuned with λ > 0. */
export type ModelRole = z.infer<typeof modelRole>;

/** A number with its 95% interval. */
export type Estimate = Of<typeof estimate>;

/** Of one set under one detector; rates are 0 to 1. */
export type OodMetrics = Of<typeof scores.oodMetrics>;
/** Unweighted means over sets. */
export type Averages = Of<typeof scores.averages>;
/** One detector on one model over all sets. */
export type ScoreResult = Of<typeof scores.scoreResult>;
/** What a detector is. */
export type DetectorCard = Of<typeof scores.detectorCard>;
/** Models that differ in nothing but their seed. */
export type SeedFamily = Of<typeof scores.seedFamily>;

export type EpochRecord = Of<typeof model.epochRecord>;
export type TrainingSummary = Of<typeof model.trainingSummary>;
export type TrainingFacts = Of<typeof model.trainingFacts>;
export type Lineage = Of<typeof model.lineage>;
export type IdPerformance = Of<typeof model.idPerformance>;
export type OperatingPoint = Of<typeof model.operatingPoint>;
export type ModelResult = Of<typeof model.modelResult>;

export type DatasetResult = Of<typeof data.datasetResult>;
export type DataSheet = Of<typeof data.dataSheet>;
export type DataQuality = Of<typeof data.quality>;
export type Sharing = Of<typeof data.sharing>;
export type CurationSummary = Of<typeof data.curation>;
export type CurationLogEntry = Of<typeof data.curationEntry>;

/** Difference sparse - control (or sparse - before), paired bootstrap over the same images. */
export type PairedDifference = Of<typeof comparison.pairedDifference>;
export type Verdict = Of<typeof comparison.verdict>;
export type Headline = Of<typeof comparison.headline>;
export type Distributions = Of<typeof comparison.distributions>;
export type SetCurvePoints = Of<typeof comparison.setCurves>;
export type Flips = Of<typeof comparison.flips>;
export type SparsityStatistics = Of<typeof comparison.sparsityStatistics>;
export type GalleryImage = Of<typeof comparison.galleryImage>;
export type Galleries = Of<typeof comparison.galleries>;
export type EnergyPart = Of<typeof comparison.energyPart>;
export type HeatMap = Of<typeof comparison.heatMap>;
export type Robustness = Of<typeof comparison.robustness>;

/** Words of a person, with who and when. */
export type Supplied = Of<typeof supplied>;
export type Cover = Of<typeof people.cover>;
export type Statements = Of<typeof people.statements>;
export type Criterion = Of<typeof people.criterion>;
export type CriterionCheck = Of<typeof people.criterionCheck>;
export type ReportVersion = Of<typeof people.reportVersion>;
export type Attachment = Of<typeof people.attachment>;

export type Environment = Of<typeof schema.environment>;
export type Protocol = Of<typeof schema.protocol>;
export type ProtocolOfModel = Audit['protocolResults'][number];
export type Limitation = Of<typeof schema.limitation>;
export type Evidence = Of<typeof schema.evidence>;
export type Reproducibility = Of<typeof schema.reproducibility>;
export type Audit = Of<typeof schema.auditSchema>;

/** What is known only once `report.json` is written; the PDF prints it on its cover. */
export interface ReportSeal {
  /** SHA-256 of `report.json`, hex: the report's hash. */
  readonly jsonSha256: string;
  /** SHA-256 of `per-image.csv`, hex. */
  readonly csvSha256: string;
  /** SHA-256 of the public key that signs the manifest, hex; null when it is not signed. */
  readonly keyFingerprint: string | null;
}
