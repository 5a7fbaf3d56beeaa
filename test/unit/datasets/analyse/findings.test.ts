/** Flags beside the set, groups of copies, leakage in numbers. */
import { describe, expect, it } from 'vitest';
import {
  analyseSet,
  findShared,
  SAME_BYTES,
} from '../../../../src/core/datasets/analyse/analyse.ts';
import {
  findingsOf,
  leakageGroups,
  type AnalysedSet,
} from '../../../../src/core/datasets/analyse/findings.ts';
import { flagImages, flagsIn } from '../../../../src/core/datasets/analyse/flags.ts';
import { exactGroups, Merging } from '../../../../src/core/datasets/analyse/groups.ts';
import {
  measureRgb,
  noMeasurements,
  putMeasurement,
} from '../../../../src/core/datasets/analyse/measurements.ts';
import { guessNearFar } from '../../../../src/core/datasets/analyse/near-far.ts';
import type { Split } from '../../../../src/core/datasets/types.ts';
import { Random } from '../../../../src/core/random.ts';

interface Made {
  readonly width: number;
  readonly height: number;
  readonly rgb: (x: number, y: number) => readonly [number, number, number];
}

function measure(images: readonly Made[]) {
  const columns = noMeasurements(images.length);
  for (const [i, { width, height, rgb }] of images.entries()) {
    const pixels = new Uint8Array(width * height * 3);
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++) pixels.set(rgb(x, y), 3 * (y * width + x));
    putMeasurement(columns, i, measureRgb(pixels, width, height));
  }
  return columns;
}

const random = new Random(1);
const noisy = (): Made => ({
  width: 40,
  height: 30,
  rgb: () => [random.integer(256), random.integer(256), random.integer(256)],
});
const ordinary = Array.from({ length: 20 }, noisy);

function flagsOf(odd: Made): string[] {
  const images = [...ordinary, odd];
  return flagsIn(flagImages(images, measure(images)).at(-1)!);
}

describe('flags', () => {
  it('leave ordinary images alone', () => {
    expect([...flagImages(ordinary, measure(ordinary))]).toEqual(Array(20).fill(0));
  });

  it.each<[string, Made, string[]]>([
    [
      'soft everywhere',
      { width: 40, height: 30, rgb: (x, y) => [90 + 3 * x, 60 + 4 * y, 255 - 3 * x] },
      ['blurry'],
    ],
    ['dark', { ...noisy(), rgb: () => [random.integer(80), random.integer(80), random.integer(60)] }, ['dark']], // prettier-ignore
    [
      'nearly white',
      { ...noisy(), rgb: (x, y) => ((x + y) % 40 === 0 ? [random.integer(256), 20, 10] : [255, 255 - random.integer(9), 230 + random.integer(26)]) }, // prettier-ignore
      ['light'],
    ],
    ['blank', { ...noisy(), rgb: () => [128, 90, 60] }, ['low-information']],
    ['four times as large', { ...noisy(), width: 160, height: 120 }, ['odd-size']],
    ['of the same area and a strip', { ...noisy(), width: 120, height: 10 }, ['odd-aspect']],
    [
      'grey among colours',
      { ...noisy(), rgb: () => Array(3).fill(random.integer(256)) as [number, number, number] },
      ['grayscale-in-colour'],
    ],
  ])('name an image that is %s', (_, odd, expected) => {
    expect(flagsOf(odd)).toEqual(expected);
  });

  it('do not call a set of grey images grey', () => {
    const grey = ordinary.map((image) => ({
      ...image,
      rgb: () => Array(3).fill(random.integer(256)) as [number, number, number],
    }));
    expect(Math.max(...flagImages(grey, measure(grey)))).toBe(0);
  });

  it('do not call two sizes that are both frequent odd', () => {
    const mixed = ordinary.map((image, i) => (i % 2 ? { ...image, width: 80, height: 60 } : image));
    expect(Math.max(...flagImages(mixed, measure(mixed)))).toBe(0);
  });
});

describe('groups', () => {
  it('hold what is connected, in the order of their first image', () => {
    const merging = new Merging(7);
    merging.merge(5, 3);
    merging.merge(1, 6);
    merging.merge(6, 2);
    expect([...merging.groups()]).toEqual([-1, 0, 0, 1, -1, 1, 0]);
  });

  it('of equal bytes leave out what could not be read', () => {
    expect([...exactGroups(['a', '', 'b', 'a', '', 'b', 'c'])]).toEqual([0, -1, 1, 0, -1, 1, -1]);
  });
});

const splits: readonly Split[] = ['train', 'train', 'val', 'test', 'test', 'test'];
const record = (sha256: string) => ({ sha256, status: 'ok' as const, width: 40, height: 30 });
/** Images 0, 2 and 4 are one file, 1 and 5 look alike, 3 is alone. */
function analysed(sha: string) {
  const first = noisy();
  const rgbOf = Array.from({ length: 1200 }, () => first.rgb(0, 0));
  const like = (shift: number): Made => ({
    width: 40,
    height: 30,
    rgb: (x, y) => rgbOf[40 * y + x]!.map((value) => Math.min(255, value + shift)) as never,
  });
  const columns = measure([
    ordinary[0]!,
    like(0),
    ordinary[0]!,
    ordinary[1]!,
    ordinary[0]!,
    like(2),
  ]);
  const images = ['x', '1', 'x', '3', 'x', '5'].map((name) => record(sha + name));
  // Copies of one file have one measurement.
  for (const copy of [2, 4]) {
    columns.hashes.copyWithin(8 * copy, 0, 8);
    columns.looks.copyWithin(144 * copy, 0, 144);
  }
  return { images, columns };
}

const setOf = (inUse: (i: number) => boolean = () => true): AnalysedSet => ({
  datasetId: 'd-a',
  name: 'fruit',
  role: 'id',
  count: 6,
  inUse,
  split: (i) => splits[i]!,
});

describe('findings', () => {
  it('count copies and leakage between the splits of a set', async () => {
    const analysis = await analyseSet(analysed('a'));
    const { exactDuplicates, nearDuplicates, leaks } = findingsOf(setOf(), analysis, []);
    expect({ exactDuplicates, nearDuplicates }).toEqual({ exactDuplicates: 2, nearDuplicates: 1 });
    expect(leaks).toEqual([
      { between: 'train / val', otherDatasetId: null, exact: 1, near: 0 },
      { between: 'train / test', otherDatasetId: null, exact: 1, near: 1 },
      { between: 'val / test', otherDatasetId: null, exact: 1, near: 0 },
    ]);
    expect(leakageGroups(setOf(), analysis, []).map(({ title }) => title)).toEqual([
      'Same file in train and val and test',
      'Alike in train and test',
    ]);
  });

  it('follow what is excluded at once', async () => {
    const analysis = await analyseSet(analysed('a'));
    const found = findingsOf(
      setOf((i) => i !== 0 && i !== 2 && i !== 1),
      analysis,
      [],
    );
    expect(found).toMatchObject({ exactDuplicates: 0, nearDuplicates: 0, leaks: [] });
  });

  it('name what two sets share, equal bytes apart from likeness', async () => {
    const a = analysed('a');
    const b = analysed('b');
    const shared = { ...b, images: b.images.map((image, i) => (i === 3 ? record('a3') : image)) };
    // Copies the looks of a's images 0 and 3; only 3 has the same bytes.
    for (const i of [0, 2, 3, 4]) {
      shared.columns.hashes.set(a.columns.hashes.subarray(8 * i, 8 * i + 8), 8 * i);
      shared.columns.looks.set(a.columns.looks.subarray(144 * i, 144 * i + 144), 144 * i);
    }
    const [pairs = []] = await findShared(a, [shared]);
    expect(pairs).toContainEqual({ first: 3, second: 3, bits: SAME_BYTES });
    expect(pairs).toContainEqual({ first: 0, second: 0, bits: 0 });
    const other: AnalysedSet = {
      ...setOf(),
      datasetId: 'd-b',
      name: 'rocks',
      role: 'ood',
      split: () => null,
    };
    const analysis = await analyseSet(a);
    const between = findingsOf(setOf(), analysis, [{ other, pairs }]).leaks.filter(
      ({ otherDatasetId }) => otherDatasetId === 'd-b',
    );
    expect(between).toEqual([
      { between: 'fruit (train) / rocks', otherDatasetId: 'd-b', exact: 0, near: 1 },
      { between: 'fruit (test) / rocks', otherDatasetId: 'd-b', exact: 1, near: 0 },
    ]);
  });
});

describe('near or far', () => {
  const photos = { side: 32, colour: true, entropy: 7 };
  it('is told by size, colour and information, and not told without an ID set', () => {
    expect(guessNearFar({ side: 40, colour: true, entropy: 6.5 }, [photos])).toBe('near');
    expect(guessNearFar({ side: 32, colour: false, entropy: 7 }, [photos])).toBe('far');
    expect(guessNearFar({ side: 300, colour: true, entropy: 7 }, [photos])).toBe('far');
    expect(guessNearFar({ side: 32, colour: true, entropy: 2 }, [photos])).toBe('far');
    expect(guessNearFar(photos, [])).toBeNull();
  });
});
