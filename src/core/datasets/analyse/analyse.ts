/** Flags and copies within one set, and images that two sets share. */
import { throwIfAborted } from '../../errors.ts';
import type { ImageRecord } from '../types.ts';
import { flagImages } from './flags.ts';
import { exactGroups, Merging } from './groups.ts';
import type { Measurements } from './measurements.ts';
import { findNearPairs } from './near-pairs.ts';

/** What was found in one set; one entry per image. */
export interface Analysis {
  /** One bit per flag, see `flags.ts`. */
  readonly flags: Uint8Array;
  /** Group of equal bytes, or `ALONE`. */
  readonly exactGroups: Int32Array;
  /** Group of images that look alike, copies of equal bytes among them, or `ALONE`. */
  readonly nearGroups: Int32Array;
}

/** An image of one set and its twin in another. */
export interface SharedPair {
  readonly first: number;
  readonly second: number;
  /** Bits of the perceptual hash that differ; `SAME_BYTES` for equal files. */
  readonly bits: number;
}

/** Stands in for the distance of two files of equal bytes. */
export const SAME_BYTES = -1;

/** A set with what was measured of it. */
export interface MeasuredSet {
  readonly images: readonly Pick<ImageRecord, 'sha256' | 'status' | 'width' | 'height'>[];
  readonly columns: Measurements;
}

/** @throws AppError `cancelled` */
export async function analyseSet(set: MeasuredSet, signal?: AbortSignal): Promise<Analysis> {
  const { images, columns } = set;
  const exact = exactGroups(usableHashes(set));
  throwIfAborted(signal);
  const merging = new Merging(images.length);
  const leaders = leadersOf(set);
  // Copies of equal bytes join their leader; only leaders are compared.
  const first = new Map<number, number>();
  for (const [i, group] of exact.entries()) {
    if (group < 0) continue;
    const leader = first.get(group);
    if (leader === undefined) first.set(group, i);
    else merging.merge(leader, i);
  }
  const alike = new Set<number>();
  await findNearPairs(
    { hashes: columns.hashes, looks: columns.looks, rows: leaders },
    () => true,
    (a, b) => {
      merging.merge(a, b);
      alike.add(a);
    },
    signal,
  );
  const nearGroups = onlyGroupsOf(merging.groups(), alike);
  return { flags: flagImages(images, columns), exactGroups: exact, nearGroups };
}

/** Takes away the groups that hold nothing but equal bytes. */
function onlyGroupsOf(groups: Int32Array, members: ReadonlySet<number>): Int32Array {
  const kept = new Set<number>();
  for (const i of members) kept.add(groups[i]!);
  const numbers = new Map<number, number>();
  return groups.map((group) => {
    if (!kept.has(group)) return -1;
    const number = numbers.get(group) ?? numbers.size;
    numbers.set(group, number);
    return number;
  });
}

/**
 * Every image of a set that is in one of the others too, and the other way round, with its likest twin.
 * @returns one list per other set; `first` is in `set`, `second` in the other
 * @throws AppError `cancelled`
 */
export async function findShared(
  set: MeasuredSet,
  others: readonly MeasuredSet[],
  signal?: AbortSignal,
): Promise<SharedPair[][]> {
  const found = others.map(() => new TwinFinder());
  const hashes = usableHashes(set);
  const inSet = firstPlaces(hashes);
  for (const [k, other] of others.entries()) {
    throwIfAborted(signal);
    const otherHashes = usableHashes(other);
    const inOther = firstPlaces(otherHashes);
    for (const [first, sha256] of hashes.entries()) {
      const second = inOther.get(sha256);
      if (second !== undefined) found[k]!.note(first, second, SAME_BYTES);
    }
    for (const [second, sha256] of otherHashes.entries()) {
      const first = inSet.get(sha256);
      if (first !== undefined) found[k]!.note(first, second, SAME_BYTES);
    }
  }

  // All sets behind one another, so that one pass finds the twins in all of them.
  const starts = [0];
  for (const { images } of [set, ...others]) starts.push(starts.at(-1)! + images.length);
  const own = set.images.length;
  await findNearPairs(
    {
      hashes: joined([set, ...others].map(({ columns }) => columns.hashes)),
      looks: joined([set, ...others].map(({ columns }) => columns.looks)),
      rows: Uint32Array.from(
        [set, ...others].flatMap((one, k) => Array.from(leadersOf(one), (i) => starts[k]! + i)),
      ),
    },
    (a, b) => a < own !== b < own,
    (a, b, bits) => {
      const second = Math.max(a, b);
      const k = starts.findLastIndex((start) => start <= second) - 1;
      found[k]!.note(Math.min(a, b), second - starts[k + 1]!, bits);
    },
    signal,
  );
  return found.map((twins) => twins.pairs());
}

/** Keeps the likest twin of every image of two sets. */
class TwinFinder {
  private readonly ofFirst = new Map<number, SharedPair>();
  private readonly ofSecond = new Map<number, SharedPair>();

  note(first: number, second: number, bits: number): void {
    const pair = { first, second, bits };
    const a = this.ofFirst.get(first);
    if (!a || bits < a.bits) this.ofFirst.set(first, pair);
    const b = this.ofSecond.get(second);
    if (!b || bits < b.bits) this.ofSecond.set(second, pair);
  }

  pairs(): SharedPair[] {
    return [...new Set([...this.ofFirst.values(), ...this.ofSecond.values()])].sort(
      (x, y) => x.first - y.first || x.second - y.second,
    );
  }
}

function firstPlaces(hashes: readonly string[]): Map<string, number> {
  const places = new Map<string, number>();
  for (const [i, sha256] of hashes.entries())
    if (sha256 !== '' && !places.has(sha256)) places.set(sha256, i);
  return places;
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

const usableHashes = ({ images }: MeasuredSet): string[] =>
  images.map(({ sha256, status }) => (status === 'ok' ? sha256 : ''));

/** The first image of each content, of those that were measured. */
function leadersOf({ images, columns }: MeasuredSet): Uint32Array {
  const seen = new Set<string>();
  const leaders: number[] = [];
  for (const [i, { sha256, status }] of images.entries()) {
    if (status !== 'ok' || columns.measured[i] === 0 || seen.has(sha256)) continue;
    seen.add(sha256);
    leaders.push(i);
  }
  return Uint32Array.from(leaders);
}
