/** All numbers of one score of one model under a protocol. */
import { auprOf } from '../metrics/aupr.ts';
import { auroc } from '../metrics/auroc.ts';
import { estimateSets } from '../metrics/bootstrap.ts';
import { fprAtTpr, fprOodPositive } from '../metrics/fpr.ts';
import { rankScores } from '../metrics/ranking.ts';
import { resampleCount, resampleOod, type BootstrapOptions } from '../metrics/resample.ts';
import { shareAtLeast, thresholdAtTpr } from '../metrics/threshold.ts';
import type { Estimate } from '../report/audit.ts';
import { SCORE_ORIENTATION } from './orientation.ts';
import { paperSetNamed, planProtocol, type GivenSet, type ProtocolGroup, type ProtocolId, type ProtocolPlan } from './protocols.ts'; // prettier-ignore

/** One OOD set with its scores, larger = more in-distribution. */
export interface ProtocolSet extends GivenSet {
  readonly scores: ArrayLike<number>;
}

export interface ProtocolInput {
  readonly protocol: ProtocolId;
  /** Id of the score. */
  readonly score: string;
  /** ID validation images: the threshold comes from them alone. */
  readonly validation: ArrayLike<number>;
  /** ID test images. */
  readonly id: ArrayLike<number>;
  readonly ood: readonly ProtocolSet[];
  readonly bootstrap: BootstrapOptions;
}

/** Rates are 0 to 1; intervals are 95% and come from a bootstrap over the test images. */
export interface ProtocolMetrics {
  /** ID positive: primary. */
  readonly fpr95: Estimate;
  /** OOD positive (OpenOOD v1.5). */
  readonly fpr95OodPositive: number;
  readonly auroc: Estimate;
  readonly auprIn: number;
  readonly auprOut: number;
}

export interface ProtocolSetResult extends ProtocolMetrics {
  readonly name: string;
  /** Name of the set in the paper; null when it is none of its six. */
  readonly paperSet: string | null;
  readonly nearFar: 'near' | 'far' | null;
  readonly n: number;
  /** Share accepted at the threshold from ID validation images. */
  readonly acceptedAtThreshold: number;
}

/** Unweighted mean over the sets of a group. */
export interface ProtocolAverage extends ProtocolMetrics {
  readonly group: ProtocolGroup['id'];
  readonly label: string;
  readonly sets: readonly string[];
}

export interface ProtocolResult extends Pick<
  ProtocolPlan,
  'present' | 'missing' | 'left' | 'statement'
> {
  readonly protocol: ProtocolId;
  readonly score: string;
  readonly orientation: string;
  /** ID test images. */
  readonly n: number;
  /** Keeps 95% of the ID validation images, and what it keeps of the ID test images. */
  readonly threshold: {
    readonly value: number;
    readonly validationImages: number;
    readonly idKept: number;
  };
  readonly sets: readonly ProtocolSetResult[];
  /** The first is the protocol's own; empty when none of its sets was given. */
  readonly averages: readonly ProtocolAverage[];
  readonly bootstrap: { readonly samples: number; readonly seed: number };
}

/**
 * @throws AppError `invalid-data` when there is no OOD set, a column is empty or holds NaN, or the protocol does not
 * fit the sets
 */
export function evaluateProtocol(input: ProtocolInput): ProtocolResult {
  const { id, ood, validation, bootstrap } = input;
  const plan = planProtocol(input.protocol, ood);
  const resamples = resampleOod([{ id, ood: ood.map(({ scores }) => scores) }], bootstrap);
  const points = ood.map(({ scores }) => ({
    fpr95: fprAtTpr(id, scores),
    auroc: auroc(id, scores),
    fpr95OodPositive: fprOodPositive(id, scores),
    ...auprOf(rankScores(id, scores)),
  }));
  const estimates = (metric: 'fpr95' | 'auroc', members: readonly number[]) =>
    estimateSets(
      members.map((i) => points[i]![metric]),
      members.map((i) => resamples[metric][0]![i]!),
    );
  const every = ood.map((_, i) => i);
  const fpr95 = estimates('fpr95', every).perSet;
  const area = estimates('auroc', every).perSet;
  const threshold = thresholdAtTpr(validation);
  const { id: protocol, groups, ...told } = plan;
  return {
    protocol,
    ...told,
    score: input.score,
    orientation: SCORE_ORIENTATION,
    n: id.length,
    threshold: {
      value: threshold,
      validationImages: validation.length,
      idKept: shareAtLeast(id, threshold, 'ID scores'),
    },
    sets: ood.map(({ name, nearFar, scores }, i) => ({
      name,
      paperSet: paperSetNamed(name)?.label ?? null,
      nearFar,
      n: scores.length,
      ...points[i]!,
      fpr95: fpr95[i]!,
      auroc: area[i]!,
      acceptedAtThreshold: shareAtLeast(scores, threshold, `Scores of ${name}`),
    })),
    averages: groups.map(({ id: group, label, members }) => {
      const mean = (metric: 'fpr95OodPositive' | 'auprIn' | 'auprOut'): number =>
        members.reduce((sum, i) => sum + points[i]![metric], 0) / members.length;
      return {
        group,
        label,
        sets: members.map((i) => ood[i]!.name),
        fpr95: estimates('fpr95', members).mean,
        fpr95OodPositive: mean('fpr95OodPositive'),
        auroc: estimates('auroc', members).mean,
        auprIn: mean('auprIn'),
        auprOut: mean('auprOut'),
      };
    }),
    bootstrap: { samples: resampleCount(bootstrap), seed: bootstrap.seed },
  };
}
