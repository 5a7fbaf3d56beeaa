/**
 * The audit: every number that a report shows, in one plain object. `report.json` is this object;
 * the PDF, the tables and the charts are drawn from it and compute nothing of their own.
 */
import type { DecodeSpec, Normalisation } from '../decode/types.ts';
import type { DatasetFormat } from '../datasets/types.ts';

/** before = pretrained; control = fine-tuned with λ = 0; sparse = fine-tuned with λ > 0. */
export type ModelRole = 'before' | 'control' | 'sparse';

/** A number with its 95% bootstrap interval. */
export interface Estimate {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/** Rates are 0 to 1. */
export interface OodMetrics {
  readonly dataset: string;
  readonly n: number;
  /** ID positive: share of OOD accepted at the threshold that keeps 95% of the ID *test* images. Primary. */
  readonly fpr95: Estimate;
  /** OOD positive (OpenOOD v1.5 convention): share of ID flagged when 95% of OOD is caught. */
  readonly fpr95OodPositive: number;
  readonly auroc: Estimate;
  readonly auprIn: number;
  readonly auprOut: number;
  /** Smallest balanced error over all thresholds. */
  readonly detectionError: number;
  /** Share of OOD accepted at the operating threshold, which comes from ID validation data only. */
  readonly acceptedAtThreshold: number;
  readonly meanEnergy: number;
  readonly stdEnergy: number;
}

/** One score of one model over all sets. */
export interface ScoreResult {
  /** Registry id: `energy`, `msp`, `maxlogit`. */
  readonly score: string;
  readonly perSet: readonly OodMetrics[];
  /** Unweighted means over the sets. */
  readonly average: {
    readonly fpr95: number;
    readonly auroc: number;
    readonly auprIn: number;
    readonly auprOut: number;
  };
}

export interface EpochRecord {
  readonly epoch: number;
  readonly learningRate: number;
  readonly trainLoss: number;
  readonly trainAccuracy: number;
  readonly valLoss: number;
  readonly valAccuracy: number;
  /** Mean over validation images of the sum of |penultimate features|. */
  readonly featureL1: number;
  /** Mean energy of the validation images. */
  readonly meanEnergy: number;
}

export interface TrainingSummary {
  readonly objective: string;
  readonly lambda: number;
  readonly preset: string;
  readonly seed: number;
  readonly epochs: number;
  readonly batchSize: number;
  readonly learningRate: number;
  readonly schedule: string;
  readonly momentum: number;
  readonly nesterov: boolean;
  readonly weightDecay: number;
  readonly precision: string;
  readonly dropout: number;
  readonly augmentation: readonly string[];
  readonly history: readonly EpochRecord[];
  readonly wallSeconds: number;
  readonly stopReason: string;
}

export interface ModelResult {
  readonly role: ModelRole;
  readonly id: string;
  readonly parentId: string | null;
  readonly architecture: string;
  readonly parameters: number;
  readonly multiplyAdds: number;
  readonly weightsSha256: string;
  readonly decode: DecodeSpec;
  readonly normalisation: Normalisation;
  readonly training: TrainingSummary;
  readonly idAccuracy: Estimate;
  /** Expected calibration error, 15 equal-width bins. */
  readonly ece: number;
  /** Operating threshold on S = -E from ID validation images (95% kept), and what it keeps of the ID test images. */
  readonly threshold: number;
  readonly thresholdImages: number;
  readonly idKeptAtThreshold: number;
  readonly meanEnergyId: number;
  readonly stdEnergyId: number;
  /** On the ID test images: mean sum of |features|, Hoyer sparsity (0-1), share of units below 1e-3 of the largest. */
  readonly featureL1: number;
  readonly hoyer: number;
  readonly nearZeroUnits: number;
  readonly scores: readonly ScoreResult[];
}

export interface DatasetResult {
  readonly name: string;
  readonly root: string;
  readonly role: 'id' | 'ood';
  readonly format: DatasetFormat;
  readonly classes: readonly string[];
  readonly discovered: number;
  readonly ok: number;
  readonly failed: number;
  readonly excluded: number;
  readonly symlinksSkipped: number;
  readonly bytes: number;
  readonly splits: Readonly<Record<'train' | 'val' | 'test', number>>;
  readonly splitSource: string;
  readonly classCounts: readonly number[];
  readonly fingerprint: string;
  /** Up to 50 failures, worst first. */
  readonly failures: readonly { readonly path: string; readonly reason: string }[];
  /** Text of a SOURCES or LICENSE file beside the images, if there is one. */
  readonly source: string;
}

/** One image under every model. Arrays are aligned with `Audit.models`. */
export interface ImageResult {
  readonly dataset: string;
  readonly path: string;
  readonly sha256: string;
  /** '' for OOD images. */
  readonly label: string;
  readonly predicted: readonly string[];
  readonly confidence: readonly number[];
  /** Energy E(x), the paper's sign: lower = more in-distribution. */
  readonly energy: readonly number[];
  readonly featureL1: readonly number[];
}

/** Difference sparse - control (or sparse - before), paired bootstrap over the same images. */
export interface PairedDifference {
  readonly dataset: string;
  readonly metric: 'fpr95' | 'auroc';
  readonly difference: Estimate;
}

export interface Verdict {
  readonly outcome: 'improved' | 'not shown' | 'worse';
  /** One sentence a manager can read; never claims more than the interval allows. */
  readonly sentence: string;
  /** The rule that gave the outcome. */
  readonly rule: string;
  /** Mean FPR95 over the sets, sparse minus control; null when there is no valid control run. */
  readonly againstControl: Estimate | null;
  /** Mean FPR95 over the sets, sparse minus before. */
  readonly againstBefore: Estimate;
  /** ID accuracy, sparse minus before, paired over the same images. */
  readonly accuracyChange: Estimate;
  /** What a reader must know before acting: small sets, one seed, sets that got worse. */
  readonly cautions: readonly string[];
}

export interface Environment {
  readonly app: string;
  readonly tier: 'cuda' | 'cpu' | 'wasm';
  readonly tensorflow: string;
  readonly tfjs: string;
  readonly node: string;
  readonly os: string;
  readonly cpu: string;
  readonly threads: number;
}

export interface Audit {
  readonly schema: 'straylight.audit/1';
  readonly id: string;
  readonly title: string;
  readonly createdAt: string;
  readonly environment: Environment;
  readonly command: string;
  readonly seed: number;
  readonly idDataset: DatasetResult;
  readonly oodDatasets: readonly DatasetResult[];
  readonly models: readonly ModelResult[];
  readonly pairedAgainstControl: readonly PairedDifference[];
  readonly pairedAgainstBefore: readonly PairedDifference[];
  readonly verdict: Verdict;
  /** Exact duplicates (same SHA-256) between ID train and ID test, and between ID and OOD sets. */
  readonly leakage: readonly { readonly between: string; readonly images: number }[];
  readonly bootstrap: { readonly samples: number; readonly seed: number };
  readonly wallSeconds: number;
}

/** An audit with its per-image columns, which go to `per-image.csv` and the charts but not into `report.json`. */
export interface AuditWithImages {
  readonly audit: Audit;
  readonly images: readonly ImageResult[];
}
