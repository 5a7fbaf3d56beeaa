import { describe, expect, it } from 'vitest';
import { driftBetween, keepSplits } from '../../../src/core/datasets/drift.ts';
import { fingerprintOf } from '../../../src/core/datasets/manifest.ts';
import { splitImages } from '../../../src/core/datasets/split.ts';
import type { ImageRecord, Manifest } from '../../../src/core/datasets/types.ts';

const image = (path: string, sha256: string, classIndex: number): ImageRecord => ({
  path,
  classIndex,
  split: null,
  bytes: 1,
  width: 8,
  height: 8,
  sha256,
  status: 'ok',
  reason: '',
});
const manifest = (names: readonly string[], seed = 1): Manifest => {
  const unsplit = names.map((name, i) => image(name, `hash of ${name}`, i % 2));
  const images = splitImages(unsplit, seed);
  return {
    schema: 'straylight.manifest/1',
    name: 'things',
    root: '/things',
    role: 'id',
    format: 'folder',
    classes: ['a', 'b'],
    images,
    symlinksSkipped: 0,
    otherFiles: 0,
    splitSource: 'seeded',
    splitSeed: seed,
    fingerprint: fingerprintOf(images, ['a', 'b']),
    scannedAt: '',
  };
};

describe('drift', () => {
  it('is told by path and content', () => {
    const before = [
      { path: 'kept', sha256: '1' },
      { path: 'gone', sha256: '2' },
      { path: 'edited', sha256: '3' },
    ];
    const after = [
      { path: 'new', sha256: '2' },
      { path: 'kept', sha256: '1' },
      { path: 'edited', sha256: '4' },
    ];
    expect(driftBetween(before, after)).toEqual({
      added: ['new'],
      removed: ['gone'],
      changed: ['edited'],
    });
    expect(driftBetween(before, before)).toEqual({ added: [], removed: [], changed: [] });
  });
});

describe('splits over a new scan', () => {
  const names = Array.from({ length: 60 }, (_, i) => `${i}.png`);
  const before = manifest(names);
  // Added in the middle: the draw of every later image is another one.
  const after = manifest([...names.slice(0, 30), 'x.png', 'y.png', ...names.slice(30)]);

  it('leave what was there where it was, so that no test image comes to be trained on', () => {
    const moved = (other: Manifest): number =>
      before.images.filter(
        ({ path, split }) => other.images.find((i) => i.path === path)!.split !== split,
      ).length;
    expect(moved(after)).toBeGreaterThan(0);
    const kept = keepSplits(before, after);
    expect(moved(kept)).toBe(0);
    expect(kept.images.find(({ path }) => path === 'x.png')!.split).not.toBeNull();
    expect(kept.fingerprint).toBe(fingerprintOf(kept.images, kept.classes));
  });

  it('are drawn anew for another seed', () => {
    const other = manifest(names, 2);
    expect(keepSplits(before, other)).toBe(other);
  });
});
