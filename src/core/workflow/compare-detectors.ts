/** What one detector tells apart, without intervals: they take seconds for each of twenty detectors. */
import { auprOf } from '../metrics/aupr.ts';
import { aurocOf } from '../metrics/auroc.ts';
import { fprAtTpr, fprOodPositive } from '../metrics/fpr.ts';
import { rankScores } from '../metrics/ranking.ts';
import { thresholdAtTpr } from '../metrics/threshold.ts';

export interface SideBySideColumns {
  readonly id: Float64Array;
  readonly validation: Float64Array;
  readonly ood: readonly { readonly name: string; readonly scores: Float64Array }[];
}

/** Rates from 0 to 1. */
export interface DetectorSetMetrics {
  /** ID positive. */
  readonly fpr95: number;
  readonly fpr95OodPositive: number;
  readonly auroc: number;
  readonly auprIn: number;
  readonly auprOut: number;
}

/** Shares of images on bins that all sets share; the first and the last bin hold what lies beyond them too. */
export interface ShareHistogram {
  readonly from: number;
  readonly to: number;
  readonly id: Float64Array;
  readonly ood: readonly Float64Array[];
}

export interface SideBySideNumbers {
  /** Keeps 95% of the ID validation images. */
  readonly threshold: number;
  /** In the order of the OOD sets. */
  readonly sets: readonly DetectorSetMetrics[];
  /** Unweighted means over the sets; null without any. */
  readonly average: DetectorSetMetrics | null;
  readonly histogram: ShareHistogram;
  /** What makes the numbers say less than they seem to. */
  readonly cautions: readonly string[];
}

export const HISTOGRAM_BINS = 48;
/** Of all images, on either side: a few far ones would leave the others in one bin. */
const TAIL = 0.005;
/** Below it, a rate moves by more than three points with each image. */
const FEW_IMAGES = 30;

/** @throws AppError `invalid-data` when a column is empty or holds NaN */
export function compareDetector({ id, validation, ood }: SideBySideColumns): SideBySideNumbers {
  const sets = ood.map(({ scores }): DetectorSetMetrics => {
    const ranking = rankScores(id, scores);
    return {
      fpr95: fprAtTpr(id, scores),
      fpr95OodPositive: fprOodPositive(id, scores),
      auroc: aurocOf(ranking),
      ...auprOf(ranking),
    };
  });
  return {
    threshold: thresholdAtTpr(validation),
    sets,
    average: sets.length === 0 ? null : averageOf(sets),
    histogram: histogramOf(id, ood.map(({ scores }) => scores)), // prettier-ignore
    cautions: cautionsOf({ id, validation, ood }),
  };
}

function averageOf(sets: readonly DetectorSetMetrics[]): DetectorSetMetrics {
  const mean = (pick: (set: DetectorSetMetrics) => number): number =>
    sets.reduce((sum, set) => sum + pick(set), 0) / sets.length;
  return {
    fpr95: mean((set) => set.fpr95),
    fpr95OodPositive: mean((set) => set.fpr95OodPositive),
    auroc: mean((set) => set.auroc),
    auprIn: mean((set) => set.auprIn),
    auprOut: mean((set) => set.auprOut),
  };
}

function histogramOf(id: Float64Array, ood: readonly Float64Array[]): ShareHistogram {
  const ranges = [id, ...ood].map(middleOf);
  const low = Math.min(...ranges.map(([from]) => from));
  const high = Math.max(...ranges.map(([, to]) => to));
  const [from, to] = low < high ? [low, high] : [low - 0.5, low + 0.5];
  const shares = (scores: Float64Array): Float64Array => {
    const bins = new Float64Array(HISTOGRAM_BINS);
    for (const score of scores) {
      const bin = Math.floor(((score - from) / (to - from)) * HISTOGRAM_BINS);
      bins[Math.min(HISTOGRAM_BINS - 1, Math.max(0, bin))]! += 1 / scores.length;
    }
    return bins;
  };
  return { from, to, id: shares(id), ood: ood.map(shares) };
}

/** Where all but the tails of a set lie. */
function middleOf(scores: Float64Array): readonly [number, number] {
  const sorted = scores.slice().sort();
  const cut = Math.floor(TAIL * sorted.length);
  return [sorted[cut]!, sorted[sorted.length - 1 - cut]!];
}

function cautionsOf({ id, ood }: SideBySideColumns): string[] {
  const few = ood.filter(({ scores }) => scores.length < FEW_IMAGES);
  const constant = [id, ...ood.map(({ scores }) => scores)].every(
    (scores) => scores.every((score) => score === id[0]), // prettier-ignore
  );
  return [
    ...(constant
      ? ['Every image has the same score, so this detector tells nothing apart here.']
      : []),
    ...few.map(
      ({ name, scores }) =>
        `${name} has ${scores.length === 1 ? 'one image' : `${scores.length} images`}: its rates move in steps of ${(100 / scores.length).toFixed(0)} points.`,
    ),
  ];
}
