import { describe, expect, it } from 'vitest';
import { accuracy, correctness } from '../../../src/core/metrics/accuracy.ts';
import { aupr } from '../../../src/core/metrics/aupr.ts';
import { auroc } from '../../../src/core/metrics/auroc.ts';
import { calibration } from '../../../src/core/metrics/calibration.ts';
import { decimateCurve, precisionRecallCurve, rocCurve } from '../../../src/core/metrics/curves.ts';
import { detectionAccuracy, detectionError } from '../../../src/core/metrics/detection-error.ts';
import { fprAtTpr, fprOodPositive } from '../../../src/core/metrics/fpr.ts';
import { moments } from '../../../src/core/metrics/moments.ts';
import { PEER_CONVENTIONS } from '../../../src/core/metrics/peer-conventions.ts';
import { rankScores } from '../../../src/core/metrics/ranking.ts';
import { logSumExp, softmax } from '../../../src/core/metrics/softmax.ts';
import {
  imagesToKeep,
  percent,
  shareAtLeast,
  thresholdAtTpr,
} from '../../../src/core/metrics/threshold.ts';
import { Random } from '../../../src/core/random.ts';

/** Rounded normals, so that there are ties within and across the sides. */
function noisy(n: number, mean: number, seed: number): Float64Array {
  const random = new Random(seed);
  return Float64Array.from({ length: n }, () => Math.round((random.normal() + mean) * 20) / 20);
}

describe('threshold', () => {
  it('keeps ceil(95 n / 100) images in exact integers', () => {
    const expected = {
      1: 1,
      19: 19,
      20: 19,
      21: 20,
      40: 38,
      60: 57,
      100: 95,
      180: 171,
      2000: 1900,
    };
    for (const [n, k] of Object.entries(expected)) {
      expect(imagesToKeep(percent(95), Number(n))).toBe(k);
    }
    // 0.55 * 100 is 55.00000000000001 in floating point.
    expect(imagesToKeep(percent(55), 100)).toBe(55);
    expect(imagesToKeep({ numerator: 1, denominator: 3 }, 9)).toBe(3);
    expect(imagesToKeep({ numerator: 995, denominator: 1000 }, 1_000_000)).toBe(995_000);
  });

  it('is the k-th largest score, and keeps at least the share asked for', () => {
    const scores = Float64Array.from({ length: 20 }, (_, i) => i);
    expect(thresholdAtTpr(scores)).toBe(1);
    expect(thresholdAtTpr(scores, percent(100))).toBe(0);
    expect(thresholdAtTpr(scores, percent(50))).toBe(10);
    const tied = noisy(333, 0, 1);
    expect(shareAtLeast(tied, thresholdAtTpr(tied))).toBeGreaterThanOrEqual(0.95);
  });

  it('refuses a rate that is no share', () => {
    for (const rate of [
      percent(0),
      percent(101),
      percent(95.5),
      { numerator: 1, denominator: 0 },
    ]) {
      expect(() => thresholdAtTpr([1, 2], rate)).toThrow(/Rate .*not a share/);
    }
  });
});

describe('metrics by definition', () => {
  const id = noisy(150, 1, 2);
  const ood = noisy(90, 0, 3);

  it('AUROC counts pairs, ties one half', () => {
    let pairs = 0;
    for (const a of id) for (const b of ood) pairs += a > b ? 1 : a === b ? 0.5 : 0;
    expect(auroc(id, ood)).toBe(pairs / (id.length * ood.length));
    expect(auroc(ood, id)).toBeCloseTo(1 - auroc(id, ood), 14);
  });

  it('detection error is the smallest mean of the two error rates', () => {
    const errors = [Infinity, ...id, ...ood].map((threshold) => {
      const missed = id.filter((score) => score < threshold).length / id.length;
      const accepted = ood.filter((score) => score >= threshold).length / ood.length;
      return (missed + accepted) / 2;
    });
    expect(detectionError(id, ood)).toBeCloseTo(Math.min(...errors), 14);
    expect(detectionAccuracy(id, ood)).toBeCloseTo(1 - Math.min(...errors), 14);
    expect(detectionError([1, 1], [1, 1])).toBe(0.5);
    expect(detectionError([0], [1])).toBe(0.5);
  });

  it('both FPR95 conventions by their sentences', () => {
    // ID 1..20, OOD 0.5..9.5: 95% of ID is kept from 2 on; 8 of the 10 OOD lie at or above 2.
    const twenty = Array.from({ length: 20 }, (_, i) => i + 1);
    const ten = Array.from({ length: 10 }, (_, i) => i + 0.5);
    expect(fprAtTpr(twenty, ten)).toBe(0.8);
    // 95% of ten OOD images are all ten; up to 9.5 there are 9 of 20 ID images.
    expect(fprOodPositive(twenty, ten)).toBe(0.45);
  });

  it('a constant score has FPR95 1 in ours and 0 where the comparison is strict (DICE, ReAct)', () => {
    const constant = new Float64Array(50).fill(3);
    const dice = PEER_CONVENTIONS.find(({ id: peer }) => peer === 'dice-react')!;
    expect(fprAtTpr(constant, constant)).toBe(1);
    expect(fprOodPositive(constant, constant)).toBe(1);
    expect(dice.measure(constant, constant).fpr95).toBe(0);
  });

  // Nine shares of a ninth sum to a rounding error above 1; a report with such a rate was refused as damaged.
  it('never exceeds 1, whatever the sums round to', () => {
    for (let n = 1; n <= 60; n++) {
      const id = Array.from({ length: n }, (_, i) => 1 + i);
      const ood = Array.from({ length: n }, (_, i) => -i);
      const { auprIn, auprOut } = aupr(id, ood);
      expect(Math.max(auprIn, auprOut)).toBeLessThanOrEqual(1);
      expect(Math.min(auprIn, auprOut)).toBeCloseTo(1, 12);
    }
  });

  it('swapping the sides and the sign swaps AUPR-In and AUPR-Out', () => {
    const swapped = aupr(
      ood.map((s) => -s),
      id.map((s) => -s),
    );
    expect(swapped.auprIn).toBeCloseTo(aupr(id, ood).auprOut, 14);
    expect(swapped.auprOut).toBeCloseTo(aupr(id, ood).auprIn, 14);
  });

  it('does not depend on order or on a monotone change, and leaves its input alone', () => {
    const before = id.slice();
    const squashed = (scores: Float64Array) => scores.map((s) => Math.atan(s) * 5 - 3).reverse();
    expect(auroc(squashed(id), squashed(ood))).toBe(auroc(id, ood));
    expect(fprAtTpr(squashed(id), squashed(ood))).toBe(fprAtTpr(id, ood));
    expect(id).toEqual(before);
  });

  it('ranks infinities', () => {
    expect(auroc([Infinity, 0], [-Infinity, 0])).toBe(0.875);
    expect(fprAtTpr([Infinity, 0], [-Infinity, 0])).toBe(0.5);
  });

  it('refuses empty and NaN columns by name', () => {
    const metrics = [auroc, aupr, fprAtTpr, fprOodPositive, detectionError, rankScores];
    for (const metric of metrics) {
      expect(() => metric([], [1])).toThrow(/ID scores: there are none/);
      expect(() => metric([1], [])).toThrow(/OOD scores: there are none/);
      expect(() => metric([1, NaN], [1])).toThrow(/ID scores: value 2 of 2 is not a number/);
      expect(() => metric([1], [NaN])).toThrow(/OOD scores: value 1 of 1/);
    }
    for (const peer of PEER_CONVENTIONS) {
      expect(() => peer.measure([1], [NaN])).toThrow(/OOD scores/);
    }
    expect(() => shareAtLeast([1], NaN)).toThrow(/Threshold/);
    expect(() => moments([1, Infinity])).toThrow(/infinite/);
  });
});

describe('curves', () => {
  const ranking = rankScores(
    noisy(4000, 1, 4),
    noisy(3000, 0, 5).map((s) => s + 1e-4 * s),
  );

  it('the area under the ROC points is the AUROC, from (0, 0) to (1, 1)', () => {
    const { x, y, threshold } = rocCurve(ranking);
    let area = 0;
    for (let i = 1; i < x.length; i++) area += ((x[i]! - x[i - 1]!) * (y[i]! + y[i - 1]!)) / 2;
    expect([x[0], y[0], threshold[0]]).toEqual([0, 0, Infinity]);
    expect([x.at(-1), y.at(-1)]).toEqual([1, 1]);
    expect(area).toBeCloseTo(
      auroc(
        noisy(4000, 1, 4),
        noisy(3000, 0, 5).map((s) => s + 1e-4 * s),
      ),
      12,
    );
  });

  it('the steps under the precision-recall points sum to AUPR-In', () => {
    const { x, y } = precisionRecallCurve(rankScores([3, 2, 1, 1], [2, 1, 0]));
    // By hand: score 3: 1 of 1; >= 2: 2 of 3; >= 1: 4 of 6; >= 0: 4 of 7.
    expect(Array.from(x)).toEqual([0.25, 0.5, 1, 1]);
    expect(Array.from(y)).toEqual([1, 2 / 3, 4 / 6, 4 / 7]);
  });

  it('decimation stays within its tolerance with far fewer points', () => {
    const random = new Random(6);
    const many = (n: number, mean: number) =>
      Float64Array.from({ length: n }, () => random.normal() + mean);
    for (const curve of [rocCurve, precisionRecallCurve].map((f) =>
      f(rankScores(many(3000, 1), many(3000, 0))),
    )) {
      const small = decimateCurve(curve, 0.002);
      expect(small.x.length).toBeLessThan(curve.x.length / 10);
      expect([small.x[0], small.x.at(-1)]).toEqual([curve.x[0], curve.x.at(-1)]);
      for (let i = 0; i < curve.x.length; i += 7) {
        let nearest = Infinity;
        for (let j = 1; j < small.x.length; j++) {
          const [ax, ay] = [small.x[j - 1]!, small.y[j - 1]!];
          const [dx, dy] = [small.x[j]! - ax, small.y[j]! - ay];
          const length = dx * dx + dy * dy;
          const along = ((curve.x[i]! - ax) * dx + (curve.y[i]! - ay) * dy) / (length || 1);
          const t = Math.min(1, Math.max(0, along));
          const distance = Math.hypot(curve.x[i]! - ax - t * dx, curve.y[i]! - ay - t * dy);
          nearest = Math.min(nearest, distance);
        }
        expect(nearest).toBeLessThanOrEqual(0.002 + 1e-12);
      }
    }
  });
});

describe('calibration and accuracy', () => {
  it('ECE by hand: bins are closed on the right', () => {
    // Bin (0.6, 0.667]: 0.65, 0.65, one right: |0.5 - 0.65| * 2/4. Bin (0.933, 1]: 1 and 0.95, both right.
    const { ece, bins } = calibration([0.65, 0.65, 1, 0.95], [1, 0, 1, 1]);
    expect(ece).toBeCloseTo((2 / 4) * 0.15 + (2 / 4) * 0.025, 12);
    expect(bins.length).toBe(15);
    expect(bins.map((bin) => bin.count).filter((count) => count > 0)).toEqual([2, 2]);
    expect(bins[0]).toMatchObject({ low: 0, count: 0, accuracy: null, confidence: null });
    expect(calibration([0.5], [true], 2).bins[0]!.count).toBe(1);
  });

  it('is 0 for a calibrated classifier and near 1 for a sure and wrong one', () => {
    expect(calibration([0.75, 0.75, 0.75, 0.75], [1, 1, 1, 0]).ece).toBe(0);
    expect(calibration([1, 1], [false, false]).ece).toBe(1);
  });

  it('refuses logits, NaN and columns of different lengths', () => {
    expect(() => calibration([3], [1])).toThrow(/not a probability/);
    expect(() => calibration([NaN], [1])).toThrow(/not a number/);
    expect(() => calibration([0.5], [1, 1])).toThrow(/one value per image/);
    expect(() => accuracy([], [])).toThrow(/there are none/);
    expect(() => accuracy([1], [1, 2])).toThrow(/1 values and labels has 2/);
  });

  it('accuracy is the share of equal classes', () => {
    expect(accuracy([0, 1, 2, 2], [0, 1, 1, 2])).toBe(0.75);
    expect(Array.from(correctness([0, 1], [1, 1]))).toEqual([0, 1]);
  });
});

describe('softmax and log-sum-exp', () => {
  it('closed forms: equal logits, one logit, temperature', () => {
    expect(logSumExp([2, 2, 2, 2], 0, 4)).toBeCloseTo(2 + Math.log(4), 14);
    expect(logSumExp([9, 7], 1, 1)).toBe(7);
    expect(logSumExp([0, Math.log(3)], 0, 2)).toBeCloseTo(Math.log(4), 14);
    expect(logSumExp([0, 0], 0, 2, 10)).toBeCloseTo(10 * Math.log(2), 13);
    const [quarter, rest] = softmax([0, Math.log(3)], 0, 2);
    expect(quarter).toBeCloseTo(0.25, 14);
    expect(rest).toBeCloseTo(0.75, 14);
  });

  it('neither overflows nor underflows at +-1e4', () => {
    expect(logSumExp([1e4, 1e4], 0, 2)).toBeCloseTo(1e4 + Math.LN2, 10);
    expect(logSumExp([-1e4, -1e4], 0, 2)).toBeCloseTo(-1e4 + Math.LN2, 10);
    expect(Array.from(softmax([1e4, -1e4], 0, 2))).toEqual([1, 0]);
    expect(Array.from(softmax([-Infinity, 5], 0, 2))).toEqual([0, 1]);
  });
});

describe('moments', () => {
  it('population mean and deviation, also far from 0', () => {
    expect(moments([2, 4, 4, 4, 5, 5, 7, 9])).toEqual({ mean: 5, std: 2 });
    expect(moments([1e9, 1e9 + 2])).toEqual({ mean: 1e9 + 1, std: 1 });
  });
});
