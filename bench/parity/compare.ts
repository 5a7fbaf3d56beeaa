/** Our scores and metrics against the reference's. */
import { aupr } from '../../src/core/metrics/aupr.ts';
import { auroc } from '../../src/core/metrics/auroc.ts';
import { fprAtTpr, fprOodPositive } from '../../src/core/metrics/fpr.ts';
import { detectorById } from '../../src/core/score/registry.ts';
import type { Algebra } from '../../src/core/linalg/algebra.ts';
import type { DetectorInputs, ScoreContext, TrainingData } from '../../src/core/score/types.ts';
import {
  FITTED_METRIC_TOLERANCE,
  METRIC_TOLERANCE,
  NETWORK_METRIC_TOLERANCE,
  SCORE_TOLERANCE,
  type ParityCase,
  type Reference,
  type ReferenceMetrics,
} from './reference.ts';

export interface ParityRow {
  readonly what: ParityCase;
  /** Largest |ours − reference| / max(1, |reference|) of the reference's first scores, through our network. */
  readonly score: number;
  /** Largest difference of any metric on the reference's own logits and features; null where it published none. */
  readonly metric: number | null;
  /** The same through our network. */
  readonly networkMetric: number;
  readonly agrees: boolean;
}

/** Sets by name, `id` among them; images of the case only. */
export type Sets = ReadonlyMap<string, DetectorInputs>;

/** Fits a detector as the reference did, and gives a function that scores sets. */
export async function fittedScorer(
  { detector: id, hyperparameters = {} }: ParityCase,
  training: TrainingData,
  algebra?: Algebra,
): Promise<(sets: Sets) => Promise<ReadonlyMap<string, Float64Array>>> {
  const detector = detectorById(id);
  let context: ScoreContext = { hyperparameters, ...(algebra ? { algebra } : {}) };
  if (detector.fit) context = { ...context, fitted: await detector.fit(training, context) };
  return async (sets) => {
    const scores = new Map<string, Float64Array>();
    for (const [name, inputs] of sets) scores.set(name, await detector.score(inputs, context));
    return scores;
  };
}

/**
 * @param sets through our network
 * @param reference sets as the reference's network saw them; null when the case needs what it did not publish
 */
export async function compareCase(
  what: ParityCase,
  reference: Reference,
  training: TrainingData,
  sets: Sets,
  published: Sets | null,
  algebra?: Algebra,
): Promise<ParityRow> {
  const scorer = await fittedScorer(what, training, algebra);
  const scores = await scorer(sets);
  const score = scoreDifference(what, reference, scores);
  const networkMetric = metricDifference(what, reference, scores);
  const metric = published ? metricDifference(what, reference, await scorer(published)) : null;
  return {
    what,
    score,
    metric,
    networkMetric,
    agrees:
      score <= SCORE_TOLERANCE &&
      (metric === null || metric <= metricTolerance(what)) &&
      networkMetric <= NETWORK_METRIC_TOLERANCE,
  };
}

/** How far metrics may differ on the reference's logits and features. */
export const metricTolerance = ({ detector }: ParityCase): number =>
  detectorById(detector).fit ? FITTED_METRIC_TOLERANCE : METRIC_TOLERANCE;

/** Over the first images of each set that is there. */
export function scoreDifference(
  { reference: name }: ParityCase,
  reference: Reference,
  scores: ReadonlyMap<string, Float64Array>,
): number {
  let largest = 0;
  for (const [set, expected] of Object.entries(reference.first_scores[name]!)) {
    const ours = scores.get(set);
    if (!ours) continue;
    expected.forEach((value, i) => {
      largest = Math.max(largest, Math.abs(ours[i]! - value) / Math.max(1, Math.abs(value)));
    });
  }
  return largest;
}

/** Over all metrics of each set that is there. */
export function metricDifference(
  { reference: name }: ParityCase,
  reference: Reference,
  scores: ReadonlyMap<string, Float64Array>,
): number {
  const id = scores.get('id')!;
  const sets = Object.entries(reference.metrics[name]!).filter(([set]) => scores.has(set));
  return Math.max(
    ...sets.map(([set, expected]) => largestDifference(id, scores.get(set)!, expected)),
  );
}

function largestDifference(
  id: Float64Array,
  ood: Float64Array,
  expected: ReferenceMetrics,
): number {
  const { auprIn, auprOut } = aupr(id, ood);
  const ours: ReferenceMetrics = {
    fpr95_id_positive: fprAtTpr(id, ood),
    fpr95_ood_positive: fprOodPositive(id, ood),
    auroc: auroc(id, ood),
    aupr_in: auprIn,
    aupr_out: auprOut,
  };
  const names = Object.keys(ours) as (keyof ReferenceMetrics)[];
  return Math.max(...names.map((name) => Math.abs(ours[name] - expected[name])));
}
