/** Replaying the log: a pure function of the log and the images. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { copiesToExclude } from '../../../src/core/curate/choose-copies.ts';
import { effectiveManifest, imagesOf } from '../../../src/core/curate/effective-manifest.ts';
import {
  curatedImages,
  historyOf,
  nothingDecided,
  replay,
  standingOf,
} from '../../../src/core/curate/replay.ts';
import type { AppliedEntry, CurationAction, LogEntry } from '../../../src/core/curate/types.ts';
import { fingerprintOf } from '../../../src/core/datasets/manifest.ts';
import type { ImageRecord, Manifest } from '../../../src/core/datasets/types.ts';

const image = (i: number): ImageRecord => ({
  path: `${i}.png`,
  classIndex: i % 2,
  split: 'train',
  bytes: 1,
  width: 8,
  height: 8,
  sha256: `sha ${i}`,
  status: i === 4 ? 'failed' : 'ok',
  reason: i === 4 ? 'file is empty' : '',
});
const images = Array.from({ length: 6 }, (_, i) => image(i));
const manifest: Manifest = {
  schema: 'straylight.manifest/1',
  name: 'things',
  root: '/things',
  role: 'id',
  format: 'folder',
  classes: ['cat', 'dog'],
  images,
  symlinksSkipped: 0,
  otherFiles: 0,
  splitSource: 'seeded',
  splitSeed: 1,
  fingerprint: fingerprintOf(images, ['cat', 'dog']),
  scannedAt: '',
};

let minted = 0;
const stamp = () => ({ id: `c-${minted++}`, time: '', author: 'ann', reason: '' });
const apply = (
  action: CurationAction,
  ordinals: readonly number[],
  from = manifest,
): AppliedEntry => ({
  ...stamp(),
  kind: 'apply',
  action,
  targets: [
    {
      datasetId: 'd-1',
      paths: ordinals.map((i) => from.images[i]!.path),
      sha256s: ordinals.map((i) => from.images[i]!.sha256),
      ordinals: Uint32Array.from(ordinals),
    },
  ],
});
const revert = (kind: 'undo' | 'redo', target: LogEntry): LogEntry => ({ ...stamp(), kind, target: target.id }); // prettier-ignore
const stateOf = (log: readonly LogEntry[], of = manifest, id = 'd-1') =>
  replay(standingOf(log).active, imagesOf(id, of));

describe('a replay', () => {
  it('gives what the last decision about each image says', () => {
    const state = stateOf([
      apply({ type: 'exclude' }, [0, 1]),
      apply({ type: 'include' }, [1]),
      apply({ type: 'relabel', className: 'dog' }, [2, 3]),
      apply({ type: 'relabel', className: null }, [3]),
      apply({ type: 'tag', tag: 'odd' }, [1, 5]),
      apply({ type: 'untag', tag: 'odd' }, [1]),
      apply({ type: 'tag', tag: 'soon gone' }, [1]),
      apply({ type: 'untag', tag: 'soon gone' }, [1]),
      apply({ type: 'note', text: 'look again' }, [5]),
    ]);
    expect([...state.excluded]).toEqual([1, 0, 0, 0, 0, 0]);
    expect([...state.relabelled]).toEqual([-1, -1, 1, -1, -1, -1]);
    expect([...state.tags].map(([tag, of]) => [tag, [...of]])).toEqual([['odd', [5]]]);
    expect([...state.notes]).toEqual([[5, 'look again']]);
    expect([...curatedImages(state)]).toEqual([1, 0, 1, 0, 0, 1]);
  });

  it('has nothing to say about another dataset', () => {
    expect(stateOf([apply({ type: 'exclude' }, [0])], manifest, 'd-2')).toEqual(nothingDecided(6));
  });

  it('finds images again wherever a new scan lists them', () => {
    const log = [apply({ type: 'exclude' }, [1]), apply({ type: 'note', text: 'n' }, [5])];
    const rescanned = { ...manifest, images: [image(9), ...images.filter((_, i) => i !== 1).toReversed(), image(1)] }; // prettier-ignore
    const state = stateOf(log, rescanned);
    expect([...state.excluded].indexOf(1)).toBe(6);
    expect(rescanned.images[[...state.notes.keys()][0]!]!.path).toBe('5.png');
  });

  it('does not hold a decision against an image whose content has changed, and says so', () => {
    const log = [apply({ type: 'exclude' }, [0, 1])];
    const edited = { ...manifest, images: images.map((one, i) => (i === 1 ? { ...one, sha256: 'new' } : one)) }; // prettier-ignore
    const state = stateOf(log, edited);
    expect([...state.excluded]).toEqual([1, 0, 0, 0, 0, 0]);
    expect([...state.stale]).toEqual([1]);
    // Decided again on the new content, it holds.
    const decided = stateOf([...log, apply({ type: 'exclude' }, [1], edited)], edited);
    expect([...decided.excluded]).toEqual([1, 1, 0, 0, 0, 0]);
    expect(decided.stale.size).toBe(0);
  });

  it('holds a new label no longer than there is such a class', () => {
    const log = [apply({ type: 'relabel', className: 'dog' }, [0])];
    const renamed = { ...manifest, classes: ['cat', 'wolf'] };
    expect([...stateOf(log, renamed).relabelled]).toEqual(Array(6).fill(-1));
    expect([...stateOf(log, renamed).stale]).toEqual([0]);
  });
});

describe('undo and redo', () => {
  const one = apply({ type: 'exclude' }, [0]);
  const two = apply({ type: 'tag', tag: 't' }, [1]);
  const three = apply({ type: 'note', text: 'n' }, [2]);

  it('take back the latest and bring it back, as entries of the log', () => {
    const undone = standingOf([one, two, revert('undo', two)]);
    expect(undone.active).toEqual([one]);
    expect(undone.nextRedo).toBe(two);
    expect([...undone.undone]).toEqual([two.id]);
    const redone = standingOf([one, two, revert('undo', two), revert('redo', two)]);
    expect(redone.active).toEqual([one, two]);
    expect(redone.nextRedo).toBeNull();
    expect(redone.undone.size).toBe(0);
  });

  it('end what can be redone with a new decision; what was undone stays undone', () => {
    const { active, nextRedo, undone } = standingOf([one, two, revert('undo', two), three]);
    expect(active).toEqual([one, three]);
    expect(nextRedo).toBeNull();
    expect([...undone]).toEqual([two.id]);
  });

  it('as often as one likes give what never having done it gives', () => {
    const actions: fc.Arbitrary<CurationAction> = fc.oneof(
      fc.constant<CurationAction>({ type: 'exclude' }),
      fc.constant<CurationAction>({ type: 'include' }),
      fc.record({ type: fc.constant('tag' as const), tag: fc.constantFrom('a', 'b') }),
      fc.record({ type: fc.constant('untag' as const), tag: fc.constantFrom('a', 'b') }),
      fc.record({
        type: fc.constant('relabel' as const),
        className: fc.constantFrom('cat', 'dog', null),
      }),
      fc.record({ type: fc.constant('note' as const), text: fc.constantFrom('', 'x', 'y') }),
    );
    const decisions = fc.array(fc.tuple(actions, fc.uniqueArray(fc.nat(5), { minLength: 1 })), {
      maxLength: 12,
    });
    fc.assert(
      fc.property(decisions, fc.nat(12), (made, times) => {
        const applied = made.map(([action, ordinals]) => apply(action, ordinals));
        const back = Math.min(times, applied.length);
        const undos = applied.slice(applied.length - back).toReversed();
        const log: LogEntry[] = [...applied, ...undos.map((entry) => revert('undo', entry))];
        const rest = applied.slice(0, applied.length - back);
        expect(stateOf(log)).toEqual(stateOf(rest));
        const redone = [...log, ...undos.toReversed().map((entry) => revert('redo', entry))];
        expect(stateOf(redone)).toEqual(stateOf(applied));
      }),
    );
  });

  it('are part of the history of an image, newest first', () => {
    const undo = revert('undo', two);
    expect(historyOf([one, two, undo, three], 'd-1', '1.png')).toEqual([undo, two]);
  });
});

describe('the manifest with curation applied', () => {
  it('keeps every row, so that ok + failed + excluded = discovered', () => {
    const state = stateOf([
      apply({ type: 'exclude' }, [0, 4]),
      apply({ type: 'relabel', className: 'dog' }, [2]),
    ]);
    const curated = effectiveManifest(manifest, state);
    expect(curated.images.map(({ status }) => status)).toEqual([
      'excluded',
      'ok',
      'ok',
      'ok',
      'failed',
      'ok',
    ]);
    expect(curated.images[2]!.classIndex).toBe(1);
    expect(curated.images[4]!.reason).toBe('file is empty');
    expect(curated.fingerprint).toBe(fingerprintOf(curated.images, manifest.classes));
    expect(curated.fingerprint).not.toBe(manifest.fingerprint);
  });

  it('is the manifest itself when nothing is in force', () => {
    const exclude = apply({ type: 'exclude' }, [0]);
    expect(effectiveManifest(manifest, stateOf([exclude, revert('undo', exclude)]))).toBe(manifest);
  });
});

describe('of copies', () => {
  const copy = (ordinal: number, changes = {}) => ({
    datasetId: 'd-1',
    ordinal,
    role: 'id' as const,
    split: 'train' as const,
    pixels: 100,
    ...changes,
  });
  it.each([
    ['an ID one, not an OOD one', copy(0, { role: 'ood', split: null }), copy(1)],
    ['a test one, not a training one', copy(0), copy(1, { split: 'test' })],
    ['the larger one', copy(0), copy(1, { pixels: 200 })],
    ['the first one', copy(3), copy(2)],
  ])('%s stays', (_, goes, stays) => {
    expect(copiesToExclude([goes, stays])).toEqual([goes]);
  });
});
