/** The same images under two models: what got better and what got worse. Definitions: docs/method.md. */
import { assertNever } from '../errors.ts';
import { argsort } from '../query/argsort.ts';
import type { QueryScores } from '../query/query-images.ts';

/** One dataset under both models. */
export interface PairedSource {
  readonly datasetId: string;
  readonly role: 'id' | 'ood';
  readonly before: QueryScores;
  readonly after: QueryScores;
  /** Ordinals that take part in the ranks, ascending; images that one model has not scored are left out. */
  readonly ranked: Uint32Array;
  /** Of those, the ones to list, ascending. */
  readonly listed: Uint32Array;
}

export type PairKind =
  'all' | 'regressions' | 'rescues' | 'rank-change' | 'prediction-flips' | 'accept-flips';

/** Bits of `outcomes`. */
export const ACCEPTED_BEFORE = 1;
export const ACCEPTED_AFTER = 2;
export const PREDICTION_DIFFERS = 4;

export interface PairedImages {
  readonly total: number;
  readonly datasetIds: readonly string[];
  readonly datasets: Uint16Array;
  readonly ordinals: Uint32Array;
  readonly scoresBefore: Float64Array;
  readonly scoresAfter: Float64Array;
  /** Rank within its set: how many of its images have a larger S; 0 = most in-distribution. */
  readonly ranksBefore: Uint32Array;
  readonly ranksAfter: Uint32Array;
  readonly outcomes: Uint8Array;
}

/**
 * Pairs the images and lists those of one kind, the largest change first. Scores of two models have no common scale,
 * so changes are told in ranks: `r` is the rank divided by the number of images in the set, and
 *
 * - `all`: every image, in the order of the sets and paths;
 * - `rank-change`: |r_after − r_before| > 0, largest first;
 * - `accept-flips`: accepted by one model and not by the other, each at its own threshold, largest rank change first;
 * - `regressions`: right before and wrong after, where ID is right when accepted and OOD when not;
 * - `rescues`: wrong before and right after;
 * - `prediction-flips`: another predicted class, largest rank change first.
 *
 * @param thresholds δ on S of either model
 */
export function pairImages(
  sources: readonly PairedSource[],
  thresholds: { readonly before: number; readonly after: number },
  kind: PairKind,
): PairedImages {
  const paired = sources.map((source) => pairSet(source, thresholds));
  const total = paired.reduce((sum, { ordinals }) => sum + ordinals.length, 0);
  const keys = new Float64Array(total);
  const sets = new Uint16Array(total);
  const rows = new Uint32Array(total);
  let n = 0;
  for (const [s, set] of paired.entries())
    for (let i = 0; i < set.ordinals.length; i++) {
      const outcome = set.outcomes[i]!;
      const change = set.changes[i]!;
      if (!belongs(kind, outcome, change, sources[s]!.role)) continue;
      keys[n] = kind === 'all' ? 0 : -Math.abs(change);
      sets[n] = s;
      rows[n] = i;
      n++;
    }
  const order = argsort(keys.subarray(0, n));
  const column = <A extends Float64Array | Uint32Array | Uint16Array | Uint8Array>(
    into: A,
    value: (set: SetPairs, row: number, index: number) => number,
  ): A => {
    for (let i = 0; i < n; i++) {
      const at = order[i]!;
      into[i] = value(paired[sets[at]!]!, rows[at]!, sets[at]!);
    }
    return into;
  };
  return {
    total: n,
    datasetIds: sources.map(({ datasetId }) => datasetId),
    datasets: column(new Uint16Array(n), (_set, _row, index) => index),
    ordinals: column(new Uint32Array(n), (set, i) => set.ordinals[i]!),
    scoresBefore: column(new Float64Array(n), (set, i) => set.scoresBefore[i]!),
    scoresAfter: column(new Float64Array(n), (set, i) => set.scoresAfter[i]!),
    ranksBefore: column(new Uint32Array(n), (set, i) => set.ranksBefore[i]!),
    ranksAfter: column(new Uint32Array(n), (set, i) => set.ranksAfter[i]!),
    outcomes: column(new Uint8Array(n), (set, i) => set.outcomes[i]!),
  };
}

function belongs(kind: PairKind, outcome: number, change: number, role: 'id' | 'ood'): boolean {
  const accepted = role === 'id';
  const rightBefore = ((outcome & ACCEPTED_BEFORE) !== 0) === accepted;
  const rightAfter = ((outcome & ACCEPTED_AFTER) !== 0) === accepted;
  switch (kind) {
    case 'all':
      return true;
    case 'rank-change':
      return change !== 0;
    case 'accept-flips':
      return rightBefore !== rightAfter;
    case 'regressions':
      return rightBefore && !rightAfter;
    case 'rescues':
      return !rightBefore && rightAfter;
    case 'prediction-flips':
      return (outcome & PREDICTION_DIFFERS) !== 0;
    default:
      return assertNever(kind);
  }
}

interface SetPairs {
  readonly ordinals: Uint32Array;
  readonly scoresBefore: Float64Array;
  readonly scoresAfter: Float64Array;
  readonly ranksBefore: Uint32Array;
  readonly ranksAfter: Uint32Array;
  readonly outcomes: Uint8Array;
  /** r_after − r_before. */
  readonly changes: Float64Array;
}

function pairSet(
  { before, after, ranked, listed }: PairedSource,
  thresholds: { readonly before: number; readonly after: number },
): SetPairs {
  const positionsBefore = positionsOf(before.rows, ranked);
  const positionsAfter = positionsOf(after.rows, ranked);
  const rankBefore = ranksOf(pick(before.scores, positionsBefore));
  const rankAfter = ranksOf(pick(after.scores, positionsAfter));
  const places = positionsOf(ranked, listed);
  const classOf = after.modelClasses.map((name) => before.modelClasses.indexOf(name));
  const n = listed.length;
  const pairs = {
    ordinals: listed,
    scoresBefore: new Float64Array(n),
    scoresAfter: new Float64Array(n),
    ranksBefore: new Uint32Array(n),
    ranksAfter: new Uint32Array(n),
    outcomes: new Uint8Array(n),
    changes: new Float64Array(n),
  };
  for (let i = 0; i < n; i++) {
    const place = places[i]!;
    const b = positionsBefore[place]!;
    const a = positionsAfter[place]!;
    pairs.scoresBefore[i] = before.scores[b]!;
    pairs.scoresAfter[i] = after.scores[a]!;
    pairs.ranksBefore[i] = rankBefore[place]!;
    pairs.ranksAfter[i] = rankAfter[place]!;
    pairs.changes[i] = (rankAfter[place]! - rankBefore[place]!) / ranked.length;
    pairs.outcomes[i] =
      (before.scores[b]! >= thresholds.before ? ACCEPTED_BEFORE : 0) |
      (after.scores[a]! >= thresholds.after ? ACCEPTED_AFTER : 0) |
      (before.predicted[b] !== classOf[after.predicted[a]!] ? PREDICTION_DIFFERS : 0);
  }
  return pairs;
}

/** For each score how many are larger; equal scores share a rank. */
function ranksOf(scores: Float64Array): Uint32Array {
  const order = argsort(scores);
  const n = scores.length;
  const ranks = new Uint32Array(n);
  for (let i = n - 1, rank = 0; i >= 0; i--) {
    if (i < n - 1 && scores[order[i]!] !== scores[order[i + 1]!]) rank = n - 1 - i;
    ranks[order[i]!] = rank;
  }
  return ranks;
}

/** Positions in ascending `rows` of ascending `wanted`, all of which are there. */
function positionsOf(rows: Uint32Array, wanted: Uint32Array): Uint32Array {
  const positions = new Uint32Array(wanted.length);
  let at = 0;
  for (let i = 0; i < wanted.length; i++) {
    while (rows[at]! < wanted[i]!) at++;
    positions[i] = at;
  }
  return positions;
}

const pick = (column: Float64Array, positions: Uint32Array): Float64Array =>
  Float64Array.from(positions, (position) => column[position]!);

/** Values of two ascending columns that are in both. */
export function inBoth(a: Uint32Array, b: Uint32Array): Uint32Array {
  const both = new Uint32Array(Math.min(a.length, b.length));
  let n = 0;
  for (let i = 0, j = 0; i < a.length && j < b.length;) {
    if (a[i] === b[j]) {
      both[n++] = a[i]!;
      i++;
      j++;
    } else if (a[i]! < b[j]!) i++;
    else j++;
  }
  return both.slice(0, n);
}
