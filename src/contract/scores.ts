/** Scores of images: distributions, thresholds, lists worst first, one image in detail, comparisons. */
import { z } from 'zod';
import { bytes, count, estimate, float32s, float64s, id, imageRef, int32s, jobEvent, nearFar, rate, role, split, time, uint16s, uint32s } from './common.ts'; // prettier-ignore
import { qualityFlag } from './datasets.ts';
import { setStatistics } from './experiments.ts';
import { call, done, job, nothing } from './method.ts';

export const detector = z.strictObject({
  id: z.string(),
  label: z.string(),
  /** As `docs/method.md` writes it. */
  formula: z.string(),
  source: z.string(),
  /** Page of the publication; null where it is a definition. */
  sourceUrl: z.url({ protocol: /^https$/ }).nullable(),
  /** The sign that users know it by, where that differs from S. */
  orientation: z.string(),
  /** Beyond one forward pass. */
  cost: z.string(),
  /** What must hold for it to mean something. */
  assumes: z.string(),
  /** What it learns from ID training images; null when nothing. */
  fits: z.string().nullable(),
  needs: z.array(z.enum(['logits', 'features', 'stages', 'perturbed', 'lastLayer'])),
  /** Whether its inputs take a backward pass through the network. */
  backward: z.boolean(),
  /** Whether it multiplies large matrices. */
  heavy: z.boolean(),
  hyperparameters: z.array(
    z.strictObject({ id: z.string(), label: z.string(), default: z.number(), min: z.number(), max: z.number() }), // prettier-ignore
  ),
  /** How values are shown: the paper's energy keeps its own sign. */
  shownAs: z.enum(['score', 'negated']),
});
export type Detector = z.infer<typeof detector>;

/** Which images of which sets under which model and score. */
export const scope = z.strictObject({
  modelId: id,
  detector: z.string().max(64).default('energy'),
  idDatasetId: id,
  /** Of the ID set; thresholds are chosen on `val`, results are told on `test`. */
  split: split.default('test'),
  oodDatasetIds: z.array(id).max(64),
});
export type Scope = z.infer<typeof scope>;

/** What is computed beside logits and features when it is asked for. */
export const scoreExtra = z.enum(['stages', 'perturbed']);
export type ScoreExtra = z.infer<typeof scoreExtra>;

/** Metrics of one OOD set against the ID set. Rates 0 to 1. */
export const setMetrics = z.strictObject({
  datasetId: id,
  name: z.string(),
  nearFar,
  n: count,
  fpr95: estimate,
  fpr95OodPositive: z.number(),
  auroc: estimate,
  auprIn: z.number(),
  auprOut: z.number(),
  detectionError: z.number(),
});
export type SetMetrics = z.infer<typeof setMetrics>;

/** One set's scores, larger = more in-distribution, ascending, so that a threshold's rates are two binary searches. */
export const distribution = z.strictObject({
  datasetId: id,
  name: z.string(),
  role,
  nearFar,
  sorted: float64s,
  /** ID only: of the images from the end of `sorted` down to i, how many are classified correctly. */
  correctFrom: uint32s.nullable(),
  mean: z.number(),
  std: z.number(),
});
export type Distribution = z.infer<typeof distribution>;

export const threshold = z.strictObject({
  id,
  modelId: id,
  detector: z.string(),
  idDatasetId: id,
  /** On S, larger = more in-distribution: an image is kept when S >= value. */
  value: z.number(),
  /** Share of ID validation images kept. */
  keptOfValidation: rate,
  validationImages: count,
  author: z.string(),
  reason: z.string(),
  createdAt: time,
});
export type Threshold = z.infer<typeof threshold>;

/** What the threshold is drawn over; there long before the intervals of an overview are. */
export const scoreDistributions = z.strictObject({
  scope,
  distributions: z.array(distribution),
  /** Of the ID validation images: where thresholds come from. */
  validation: distribution,
  /** The stored ones, newest first. */
  thresholds: z.array(threshold),
  /** The value that keeps 95% of the ID validation images. */
  defaultThreshold: z.number(),
});
export type ScoreDistributions = z.infer<typeof scoreDistributions>;

/** What a threshold does, for the numbers beside the line. */
export const overview = scoreDistributions.extend({
  metrics: z.array(setMetrics),
  /** Unweighted means over the OOD sets; null without any. */
  average: z.strictObject({ fpr95: z.number(), auroc: z.number(), auprIn: z.number(), auprOut: z.number() }).nullable(), // prettier-ignore
  idAccuracy: estimate,
  ece: z.number(),
  featureL1: z.number(),
  hoyer: z.number(),
  /** Null when features were not kept. */
  nearZeroUnits: z.number().nullable(),
});
export type ScoreOverview = z.infer<typeof overview>;

/** A set that a model may not be evaluated on, because training has seen its images as outliers. */
export const bar = z.strictObject({
  modelId: id,
  datasetId: id,
  /** The set itself (or one with the same images), or some of its images. */
  reason: z.enum(['trained-on', 'shares-images']),
  /** Name of the set that was trained on, when it was. */
  outlierName: z.string(),
  /** Images of the set, not excluded, that training has seen. */
  shared: count,
  images: count,
});
export type Bar = z.infer<typeof bar>;

export const imageFilter = z.strictObject({
  datasetIds: z.array(id).max(64).optional(),
  /** Of the ID set; all splits that are scored when not given. */
  splits: z.array(split).optional(),
  /** True class names of ID images. */
  classNames: z.array(z.string()).max(2000).optional(),
  predicted: z.array(z.string()).max(2000).optional(),
  correct: z.boolean().optional(),
  scoreMin: z.number().optional(),
  scoreMax: z.number().optional(),
  flags: z.array(qualityFlag).optional(),
  tags: z.array(z.string().max(100)).max(100).optional(),
  excluded: z.boolean().optional(),
  curated: z.boolean().optional(),
  text: z.string().max(200).optional(),
  /** Only these, e.g. a lasso. */
  only: z
    .array(z.strictObject({ datasetId: id, ordinals: uint32s }))
    .max(64)
    .optional(),
});
export type ImageFilter = z.infer<typeof imageFilter>;

export const imageSort = z.strictObject({
  by: z.enum(['score', 'confidence', 'feature-l1', 'path', 'class', 'predicted', 'threshold-distance']), // prettier-ignore
  /**
   * `threshold-distance` descending is worst first: how far an image lies on the wrong side of the threshold δ,
   * δ − S for ID (rejected) and S − δ for OOD (accepted). δ is the newest stored threshold, else the default one.
   */
  direction: z.enum(['ascending', 'descending']),
});
export type ImageSort = z.infer<typeof imageSort>;

/** The images that pass a filter, in order, as columns. */
export const imageList = z.strictObject({
  total: count,
  datasetIds: z.array(id),
  /** Index into `datasetIds`. */
  datasets: uint16s,
  ordinals: uint32s,
  /** S, larger = more in-distribution. NaN where an image is not scored. */
  scores: float64s,
});
export type ImageList = z.infer<typeof imageList>;

/** What a cell of the grid shows. */
export const imageCell = z.strictObject({
  ref: imageRef,
  path: z.string(),
  role,
  className: z.string().nullable(),
  /** Under curation, when it was relabelled. */
  relabelled: z.string().nullable(),
  predicted: z.string().nullable(),
  confidence: z.number().nullable(),
  score: z.number().nullable(),
  split: split.nullable(),
  flags: z.array(qualityFlag),
  tags: z.array(z.string()),
  excluded: z.boolean(),
  note: z.string(),
});
export type ImageCell = z.infer<typeof imageCell>;

export const imageDetail = z.strictObject({
  cell: imageCell,
  datasetName: z.string(),
  sha256: z.string(),
  bytes: count,
  width: count,
  height: count,
  /** Largest first, up to 10; share is softmax, energy is what the logit adds to Σ exp. */
  logits: z.array(z.strictObject({ className: z.string(), logit: z.number(), share: z.number() })),
  energy: z.number().nullable(),
  featureL1: z.number().nullable(),
  /** Units above zero, of how many; null when features were not kept. */
  activeUnits: count.nullable(),
  units: count.nullable(),
  /** Share of ID test images with a lower S. */
  percentile: rate.nullable(),
  /** Nearest ID training images by cosine of penultimate features. */
  neighbours: z.array(
    z.strictObject({ ref: imageRef, path: z.string(), className: z.string().nullable(), similarity: z.number() }), // prettier-ignore
  ),
  /** Every curation entry that touched it, newest first. */
  history: z.array(z.strictObject({ time, author: z.string(), text: z.string() })),
});
export type ImageDetail = z.infer<typeof imageDetail>;

/** One image under one model: where its −E comes from, and what it is made of. */
export const imageExplanation = z.strictObject({
  /** Side of the network's input and of the maps in pixels. */
  size: count,
  /** How the picture was brought to that size. */
  resize: z.enum(['stretch', 'center-crop', 'pad']),
  /** Side of the network's last feature map, which the maps are drawn from. */
  side: count,
  /** Grad-CAM: 0 where nothing speaks for in-distribution, 255 at this image's hottest place; `[size, size]`. */
  heat: bytes,
  /** With what speaks against it: 128 for nothing, 255 or 1 at the strongest place; `[size, size]`. */
  signed: bytes,
  energy: z.number(),
  /** −E = features + bias + entropy. */
  sums: z.strictObject({ features: z.number(), bias: z.number(), entropy: z.number() }),
  /** The features that add to −E or take from it most, by size: which unit, its activation, and what it adds. */
  features: z.array(z.strictObject({ unit: count, activation: z.number(), adds: z.number() })),
  /** How many features there are. */
  units: count,
  /** The largest logits, each bias + Σ over the features; those that matter most, by size. */
  logits: z.array(
    z.strictObject({
      className: z.string(),
      logit: z.number(),
      bias: z.number(),
      features: z.array(z.strictObject({ unit: count, adds: z.number() })),
    }),
  ),
});
export type ImageExplanation = z.infer<typeof imageExplanation>;

/** One image under one detector. */
export const imageDetectorScore = z.strictObject({
  id: z.string(),
  label: z.string(),
  /** S; null when it is not computed. */
  value: z.number().nullable(),
  /** Share of the ID images of the scope's split with a lower S. */
  percentile: rate.nullable(),
  /** Images of its own set with a higher S; 0 = the most in-distribution one. */
  rank: count.nullable(),
  /** Scored images of its own set. */
  of: count.nullable(),
  /** Why it is not computed: nothing was fitted yet, or what it needs was not kept. */
  unavailable: z.string().nullable(),
});
export type ImageDetectorScore = z.infer<typeof imageDetectorScore>;

/** A scope under several detectors; all that are known when none are named. */
export const detectorsScope = scope
  .omit({ detector: true })
  .extend({ detectors: z.array(z.string().max(64)).min(1).max(64).optional() });
export type DetectorsScope = z.infer<typeof detectorsScope>;

const detectorMetrics = z.strictObject({
  fpr95: rate,
  fpr95OodPositive: rate,
  auroc: rate,
  auprIn: rate,
  auprOut: rate,
});

/** What one detector tells apart on the sets of a scope. */
export const detectorResult = z.strictObject({
  id: z.string(),
  label: z.string(),
  /** Null when it has scores; else why it has none and what to do. */
  unavailable: z.string().nullable(),
  /** What `scores.compute` has to be asked for, when that is all that is missing. */
  missing: scoreExtra.nullable(),
  /** Fallbacks of the fit and what makes the numbers say less than they seem to. */
  notes: z.array(z.string()),
  /** The value that keeps 95% of the ID validation images; null without scores. */
  threshold: z.number().nullable(),
  /** In the order of the sets; empty without scores. */
  metrics: z.array(detectorMetrics.extend({ datasetId: id })),
  /** Unweighted means over the sets. */
  average: detectorMetrics.nullable(),
  /** Shares of images on common bins; the first and last bin hold what lies beyond them too. */
  histogram: z
    .strictObject({ from: z.number(), to: z.number(), id: float64s, ood: z.array(float64s) })
    .nullable(),
});
export type DetectorResult = z.infer<typeof detectorResult>;

export const sideBySide = z.strictObject({
  modelId: id,
  idDatasetId: id,
  split,
  sets: z.array(z.strictObject({ datasetId: id, name: z.string(), nearFar, n: count })),
  idImages: count,
  rows: z.array(detectorResult),
});
export type SideBySide = z.infer<typeof sideBySide>;

export const confusion = z.strictObject({
  classes: z.array(z.string()),
  /** Row = true class, column = predicted; `[classes, classes]`. */
  counts: int32s,
  accuracy: rate,
  perClass: z.array(z.strictObject({ recall: z.number(), precision: z.number(), n: count })),
});
export type Confusion = z.infer<typeof confusion>;

export const embedding = z.strictObject({
  method: z.enum(['pca', 'umap']),
  datasetIds: z.array(id),
  datasets: uint16s,
  ordinals: uint32s,
  /** `[points, 2]` */
  points: float32s,
  /** Share of variance of the two axes; PCA only. */
  explained: z.array(z.number()).nullable(),
  /** How many images there are: more than points where the method cannot take them all. */
  sampledFrom: count,
});
export type Embedding = z.infer<typeof embedding>;

const curve = z.strictObject({ x: float64s, y: float64s });

/** One model in a comparison. */
export const comparedModel = z.strictObject({
  modelId: id,
  name: z.string(),
  role: z.enum(['before', 'control', 'sparse', 'batch-norm', 'other']),
  overview,
  roc: z.array(z.strictObject({ datasetId: id, curve, fpr95: z.number() })),
  pr: z.array(z.strictObject({ datasetId: id, curve })),
  /** Why scores moved: features and energies, the ID images first, then each OOD set. */
  statistics: z.array(setStatistics),
});

/** A minus B of one metric of one set, paired over the same images. */
export const difference = z.strictObject({
  modelId: id,
  baseModelId: id,
  /** Null for the mean over the sets. */
  datasetId: id.nullable(),
  metric: z.enum(['fpr95', 'auroc', 'accuracy']),
  difference: estimate,
});

export const comparison = z.strictObject({
  idDatasetId: id,
  split,
  detector: z.string(),
  models: z.array(comparedModel),
  differences: z.array(difference),
  /** When the models hold a sparse one: what may be claimed. */
  verdict: z
    .strictObject({
      outcome: z.enum(['improved', 'not shown', 'worse']),
      sentence: z.string(),
      rule: z.string(),
      cautions: z.array(z.string()),
    })
    .nullable(),
  /** Models of one family that differ only in their seed: mean and standard deviation over them. */
  seeds: z.array(
    z.strictObject({
      label: z.string(),
      modelIds: z.array(id),
      fpr95: z.strictObject({ mean: z.number(), std: z.number() }),
      auroc: z.strictObject({ mean: z.number(), std: z.number() }),
      accuracy: z.strictObject({ mean: z.number(), std: z.number() }),
    }),
  ),
});
export type Comparison = z.infer<typeof comparison>;

export const pairedKind = z.enum(['all', 'regressions', 'rescues', 'rank-change', 'prediction-flips', 'accept-flips']); // prettier-ignore

/** Per image under two models, as columns in the order asked for. */
export const pairedList = z.strictObject({
  total: count,
  datasetIds: z.array(id),
  datasets: uint16s,
  ordinals: uint32s,
  scoresBefore: float64s,
  scoresAfter: float64s,
  /** Rank within its set, 0 = most in-distribution. */
  ranksBefore: uint32s,
  ranksAfter: uint32s,
  /** Bit 0: accepted before; bit 1: accepted after (each at its own model's threshold); bit 2: prediction differs. */
  outcomes: z.instanceof(Uint8Array),
});
export type PairedList = z.infer<typeof pairedList>;

export const savedView = z.strictObject({
  id,
  name: z.string(),
  filter: imageFilter,
  sort: imageSort,
  createdAt: time,
});
export type SavedView = z.infer<typeof savedView>;

export const scoreMethods = {
  'detectors.list': call(nothing, z.array(detector)),
  /** Runs the model over the datasets' images and stores logits, energies and features. */
  'scores.compute': job(
    z.strictObject({
      modelIds: z.array(id).min(1).max(20),
      datasetIds: z.array(id).min(1).max(64),
      /** Made in the same pass; `perturbed` takes a backward pass. */
      extras: z.array(scoreExtra).max(2).default([]),
    }),
    jobEvent,
    z.strictObject({
      scored: count,
      failed: count,
      excluded: count,
      discovered: count,
    }),
  ),
  /** The sets that some of the models may not be evaluated on; the rest of `scores` and `compare` refuses them. */
  'scores.barred': call(z.strictObject({ modelIds: z.array(id).max(64) }), z.array(bar)),
  'scores.distributions': call(scope, scoreDistributions),
  'scores.overview': call(scope, overview),
  /** Fits the detectors that have to learn something first, once per model, and keeps their scores. */
  'scores.sideBySide': job(detectorsScope, jobEvent, sideBySide),
  'thresholds.set': call(
    z.strictObject({
      modelId: id,
      detector: z.string().max(64),
      idDatasetId: id,
      value: z.number(),
      author: z.string().trim().min(1).max(200),
      reason: z.string().trim().min(1).max(2000),
    }),
    threshold,
  ),
  'thresholds.list': call(z.strictObject({ modelId: id }), z.array(threshold)),
  /** With a scope: scored images. Without: every image of the datasets in the filter. */
  'images.query': call(
    z.strictObject({ scope: scope.nullable(), filter: imageFilter, sort: imageSort }),
    imageList,
  ),
  'images.cells': call(
    z.strictObject({
      scope: scope.nullable(),
      refs: z.array(imageRef).min(1).max(500),
    }),
    z.array(imageCell),
  ),
  'images.detail': call(z.strictObject({ scope: scope.nullable(), ref: imageRef }), imageDetail),
  'images.explain': call(z.strictObject({ modelId: id, ref: imageRef }), imageExplanation),
  /** One image under every detector; nothing is fitted for it. */
  'images.detectors': call(z.strictObject({ scope, ref: imageRef }), z.array(imageDetectorScore)),
  'scores.confusion': call(z.strictObject({ scope }), confusion),
  'embedding.pca': call(scope, embedding),
  'embedding.umap': job(scope, jobEvent, embedding),
  'compare.models': job(
    z.strictObject({
      modelIds: z.array(id).min(2).max(12),
      detector: z.string().max(64).default('energy'),
      idDatasetId: id,
      split: split.default('test'),
      oodDatasetIds: z.array(id).min(1).max(64),
    }),
    jobEvent,
    comparison,
  ),
  'compare.pairs': call(
    z.strictObject({
      before: scope,
      afterModelId: id,
      kind: pairedKind,
      filter: imageFilter.optional(),
    }),
    pairedList,
  ),
  'views.list': call(nothing, z.array(savedView)),
  'views.save': call(z.strictObject({ name: z.string().trim().min(1).max(100), filter: imageFilter, sort: imageSort }), savedView), // prettier-ignore
  'views.remove': call(z.strictObject({ viewId: id }), done),
};
