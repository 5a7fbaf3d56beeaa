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

/** Every image of either set that is in the other too, with its likest twin. @throws AppError `cancelled` */
export async function findShared(
  a: MeasuredSet,
  b: MeasuredSet,
  signal?: AbortSignal,
): Promise<SharedPair[]> {
  const size = a.images.length;
  const best = new Map<number, { twin: number; bits: number }>();
  const note = (image: number, twin: number, bits: number): void => {
    const known = best.get(image);
    if (!known || bits < known.bits) best.set(image, { twin, bits });
  };
  const firstIn = (hashes: readonly string[]): Map<string, number> => {
    const places = new Map<string, number>();
    for (const [i, sha256] of hashes.entries())
      if (sha256 !== '' && !places.has(sha256)) places.set(sha256, i);
    return places;
  };
  const hashesA = usableHashes(a);
  const hashesB = usableHashes(b);
  const inA = firstIn(hashesA);
  const inB = firstIn(hashesB);
  for (const [i, sha256] of hashesA.entries()) {
    const twin = inB.get(sha256);
    if (twin !== undefined) note(i, size + twin, SAME_BYTES);
  }
  for (const [i, sha256] of hashesB.entries()) {
    const twin = inA.get(sha256);
    if (twin !== undefined) note(size + i, twin, SAME_BYTES);
  }
  throwIfAborted(signal);
  const rows = Uint32Array.from([...leadersOf(a), ...Array.from(leadersOf(b), (i) => size + i)]);
  await findNearPairs(
    {
      hashes: joined(a.columns.hashes, b.columns.hashes),
      looks: joined(a.columns.looks, b.columns.looks),
      rows,
    },
    (x, y) => x < size !== y < size,
    (x, y, bits) => {
      note(x, y, bits);
      note(y, x, bits);
    },
    signal,
  );
  const pairs = new Map<string, SharedPair>();
  for (const [image, { twin, bits }] of best) {
    const first = Math.min(image, twin);
    const second = Math.max(image, twin) - size;
    pairs.set(`${first} ${second}`, { first, second, bits });
  }
  return [...pairs.values()].sort((x, y) => x.first - y.first || x.second - y.second);
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array {
  const both = new Uint8Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
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
