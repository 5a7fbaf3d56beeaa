/** Our scores and metrics against the reference's. */
import { aupr } from '../../src/core/metrics/aupr.ts';
import { auroc } from '../../src/core/metrics/auroc.ts';
import { fprAtTpr, fprOodPositive } from '../../src/core/metrics/fpr.ts';
import { detectorById } from '../../src/core/score/registry.ts';
import type { Algebra } from '../../src/core/linalg/algebra.ts';
import type { DetectorInputs, ScoreContext, TrainingData } from '../../src/core/score/types.ts';
import {
  METRIC_TOLERANCE,
  SCORE_TOLERANCE,
  type ParityCase,
  type Reference,
  type ReferenceMetrics,
} from './reference.ts';

export interface ParityRow {
  readonly what: ParityCase;
  /** Largest |ours − reference| / max(1, |reference|) over the reference's first scores. */
  readonly score: number;
  /** Largest difference of any metric on any set. */
  readonly metric: number;
  readonly agrees: boolean;
}

/** Sets by name, `id` among them; images of the case only. */
export type Sets = ReadonlyMap<string, DetectorInputs>;

export async function compareCase(
  what: ParityCase,
  reference: Reference,
  training: TrainingData,
  sets: Sets,
  algebra?: Algebra,
): Promise<ParityRow> {
  const detector = detectorById(what.detector);
  const hyperparameters = what.hyperparameters ?? {};
  let context: ScoreContext = { hyperparameters, ...(algebra ? { algebra } : {}) };
  if (detector.fit) context = { ...context, fitted: await detector.fit(training, context) };
  const scores = new Map<string, Float64Array>();
  for (const [name, inputs] of sets) scores.set(name, await detector.score(inputs, context));
  let score = 0;
  let metric = 0;
  for (const [name, expected] of Object.entries(reference.first_scores[what.reference]!))
    expected.forEach((value, i) => {
      const ours = scores.get(name)![i]!;
      score = Math.max(score, Math.abs(ours - value) / Math.max(1, Math.abs(value)));
    });
  for (const [name, expected] of Object.entries(reference.metrics[what.reference]!))
    metric = Math.max(metric, largestDifference(scores.get('id')!, scores.get(name)!, expected));
  return {
    what,
    score,
    metric,
    agrees:
      score <= (what.scoreTolerance ?? SCORE_TOLERANCE) &&
      metric <= (what.metricTolerance ?? METRIC_TOLERANCE),
  };
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
