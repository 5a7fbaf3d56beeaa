/** The energy of one image taken apart, in three ways that each add up to it. */
import { softmax } from '../metrics/softmax.ts';
import type { Head } from './head.ts';

/**
 * −E = log Σ_k exp(f_k) = Σ_k p_k f_k + H(p) with p the softmax of the logits, and f_k = b_k + Σ_c w_ck g_c, so
 *
 *   −E = Σ_c v_c + Σ_k p_k b_k + H(p),   v_c = g_c Σ_k p_k w_ck.
 *
 * Equal up to the rounding of the network's 32-bit numbers.
 */
export interface EnergyParts {
  /** E, the paper's sign. */
  readonly energy: number;
  /** p_k = exp(f_k) / Σ exp(f): what each class adds to the sum under the logarithm; `[classes]`, sums to 1. */
  readonly shares: Float64Array;
  /** v_c, what each feature adds to −E; `[units]`. */
  readonly features: Float64Array;
  /** Σ_k p_k b_k, what −E has from the biases, whatever the image. */
  readonly bias: number;
  /** H(p) in nats: what −E has from undecided logits; 0 for a certain one, log classes for a flat one. */
  readonly entropy: number;
}

/**
 * @param logits `[classes]` of one image
 * @param features `[units]` of the same image, unshaped
 */
export function energyParts(
  logits: ArrayLike<number>,
  features: ArrayLike<number>,
  { weight, bias, units, classes }: Head,
): EnergyParts {
  const shares = softmax(logits, 0, classes);
  const parts = new Float64Array(units);
  for (let c = 0; c < units; c++) parts[c] = features[c]! * channelWeight(weight, shares, c);
  let ofBias = 0;
  let entropy = 0;
  let expected = 0;
  for (const [k, share] of shares.entries()) {
    ofBias += share * bias[k]!;
    if (share === 0) continue;
    expected += share * logits[k]!;
    entropy -= share * Math.log(share);
  }
  return { energy: 0 - (expected + entropy), shares, features: parts, bias: ofBias, entropy };
}

/** Σ_k p_k w_ck: how much −E rises with feature c. */
export function channelWeight(weight: Float32Array, shares: Float64Array, c: number): number {
  const classes = shares.length;
  let sum = 0;
  for (let k = 0; k < classes; k++) sum += shares[k]! * weight[c * classes + k]!;
  return sum;
}

/** A logit and what it is made of: f_k = bias + Σ_c contributions. */
export interface LogitParts {
  readonly classIndex: number;
  readonly logit: number;
  readonly bias: number;
  /** w_ck g_c of each feature, `[units]`. */
  readonly contributions: Float64Array;
}

/** The `count` largest logits of one image, largest first (the first of equals), taken apart by feature. */
export function topLogitParts(
  logits: ArrayLike<number>,
  features: ArrayLike<number>,
  { weight, bias, units, classes }: Head,
  count: number,
): readonly LogitParts[] {
  const order = Array.from({ length: classes }, (_, k) => k).sort((a, b) => logits[b]! - logits[a]! || a - b); // prettier-ignore
  return order.slice(0, count).map((k) => ({
    classIndex: k,
    logit: logits[k]!,
    bias: bias[k]!,
    contributions: Float64Array.from({ length: units }, (_, c) => weight[c * classes + k]! * features[c]!), // prettier-ignore
  }));
}
