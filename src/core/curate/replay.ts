/** From the log to what is in force: pure functions, so that the same log always gives the same data. */
import type { AppliedEntry, CurationTargets, LogEntry } from './types.ts';

/** Which decisions are in force, and what undo and redo would do next. */
export interface Standing {
  /** In the order they were made. */
  readonly active: readonly AppliedEntry[];
  readonly undone: ReadonlySet<string>;
  readonly nextUndo: AppliedEntry | null;
  readonly nextRedo: AppliedEntry | null;
}

/**
 * Reads the log from its beginning. An undo takes back the latest decision in force; a redo brings the latest
 * undone one back; a new decision ends what can be redone, as editors do.
 */
export function standingOf(log: readonly LogEntry[]): Standing {
  const active: AppliedEntry[] = [];
  const undone: AppliedEntry[] = [];
  const everUndone = new Set<string>();
  for (const entry of log) {
    if (entry.kind === 'apply') {
      active.push(entry);
      undone.length = 0;
    } else {
      const [from, to] = entry.kind === 'undo' ? [active, undone] : [undone, active];
      const at = from.findLastIndex(({ id }) => id === entry.target);
      if (at < 0) continue;
      const [moved] = from.splice(at, 1);
      to.push(moved!);
      if (entry.kind === 'undo') everUndone.add(entry.target);
      else everUndone.delete(entry.target);
    }
  }
  return {
    active,
    undone: everUndone,
    nextUndo: active.at(-1) ?? null,
    nextRedo: undone.at(-1) ?? null,
  };
}

/** The images of a dataset as a replay sees them. */
export interface CuratedImages {
  readonly datasetId: string;
  readonly count: number;
  readonly classes: readonly string[];
  /** @param hint where it was @returns -1 when no image has this path any more */
  ordinalOf(path: string, hint: number): number;
  /** Hex, or '' when it could not be read. */
  sha256Of(ordinal: number): string;
}

/** What is in force for the images of one dataset. */
export interface CurationState {
  /** 1 where an image is excluded. */
  readonly excluded: Uint8Array;
  /** Index of the class it was relabelled to, or -1. */
  readonly relabelled: Int32Array;
  /** Ordinals by tag. */
  readonly tags: ReadonlyMap<string, ReadonlySet<number>>;
  readonly notes: ReadonlyMap<number, string>;
  /** Images whose content is not the one that the latest decision about them was made on; it is not in force. */
  readonly stale: ReadonlySet<number>;
}

/** @param active decisions in force, see `standingOf` */
export function replay(active: readonly AppliedEntry[], images: CuratedImages): CurationState {
  const state = {
    excluded: new Uint8Array(images.count),
    relabelled: new Int32Array(images.count).fill(-1),
    tags: new Map<string, Set<number>>(),
    notes: new Map<number, string>(),
    stale: new Set<number>(),
  };
  for (const { action, targets } of active)
    for (const target of targets) {
      if (target.datasetId !== images.datasetId) continue;
      const className = action.type === 'relabel' ? action.className : null;
      const classIndex = className === null ? -1 : images.classes.indexOf(className);
      const classIsGone = className !== null && classIndex < 0;
      for (const ordinal of found(target, images, state.stale)) {
        if (classIsGone) {
          state.stale.add(ordinal);
          continue;
        }
        state.stale.delete(ordinal);
        switch (action.type) {
          case 'exclude':
          case 'include':
            state.excluded[ordinal] = action.type === 'exclude' ? 1 : 0;
            break;
          case 'relabel':
            state.relabelled[ordinal] = classIndex;
            break;
          case 'note':
            if (action.text === '') state.notes.delete(ordinal);
            else state.notes.set(ordinal, action.text);
            break;
          case 'tag': {
            const tagged = state.tags.get(action.tag) ?? new Set();
            state.tags.set(action.tag, tagged.add(ordinal));
            break;
          }
          case 'untag':
            state.tags.get(action.tag)?.delete(ordinal);
            break;
        }
      }
    }
  for (const [tag, ordinals] of state.tags) if (ordinals.size === 0) state.tags.delete(tag);
  return state;
}

/** The images a decision is about that still hold what it was made on; the changed ones become stale. */
function* found(
  { paths, sha256s, ordinals }: CurationTargets,
  images: CuratedImages,
  stale: Set<number>,
): Generator<number> {
  for (let k = 0; k < paths.length; k++) {
    const ordinal = images.ordinalOf(paths[k]!, ordinals[k]!);
    if (ordinal < 0) continue;
    if (images.sha256Of(ordinal) === sha256s[k]) yield ordinal;
    else stale.add(ordinal);
  }
}

/** Nothing was decided. */
export const nothingDecided = (images: number): CurationState => ({
  excluded: new Uint8Array(images),
  relabelled: new Int32Array(images).fill(-1),
  tags: new Map(),
  notes: new Map(),
  stale: new Set(),
});

/** 1 where any decision is in force. */
export function curatedImages(state: CurationState): Uint8Array {
  const curated = state.excluded.slice();
  for (const [ordinal, classIndex] of state.relabelled.entries())
    if (classIndex >= 0) curated[ordinal] = 1;
  for (const ordinals of state.tags.values()) for (const ordinal of ordinals) curated[ordinal] = 1;
  for (const ordinal of state.notes.keys()) curated[ordinal] = 1;
  return curated;
}

/** Entries that touch one image, newest first. */
export function historyOf(
  log: readonly LogEntry[],
  datasetId: string,
  path: string,
): readonly LogEntry[] {
  const touching = new Set<string>();
  return log
    .filter((entry) => {
      if (entry.kind !== 'apply') return touching.has(entry.target);
      const touches = entry.targets.some(
        (target) => target.datasetId === datasetId && target.paths.includes(path),
      );
      if (touches) touching.add(entry.id);
      return touches;
    })
    .toReversed();
}
