/** Decisions about images, as a log that is only ever appended to. Files are never touched. */

export type CurationAction =
  | { readonly type: 'tag'; readonly tag: string }
  | { readonly type: 'untag'; readonly tag: string }
  | { readonly type: 'exclude' }
  | { readonly type: 'include' }
  /** Null takes a relabelling back. */
  | { readonly type: 'relabel'; readonly className: string | null }
  /** '' takes a note back. */
  | { readonly type: 'note'; readonly text: string };

/** Images of one dataset, by what they are called and what they hold, so that a later scan finds them again. */
export interface CurationTargets {
  readonly datasetId: string;
  /** Paths as in the manifest. */
  readonly paths: readonly string[];
  /** Hex SHA-256 when the decision was made; '' for an image that could not be read. */
  readonly sha256s: readonly string[];
  /** Places in the manifest at that time; a hint where to look first. */
  readonly ordinals: Uint32Array;
}

interface Entry {
  readonly id: string;
  /** ISO 8601. */
  readonly time: string;
  readonly author: string;
  readonly reason: string;
}

/** A decision. */
export interface AppliedEntry extends Entry {
  readonly kind: 'apply';
  readonly action: CurationAction;
  readonly targets: readonly CurationTargets[];
}

/** The latest decision that was in force is taken back, or the latest one taken back is in force again. */
export interface RevertingEntry extends Entry {
  readonly kind: 'undo' | 'redo';
  /** The `apply` entry it is about. */
  readonly target: string;
}

export type LogEntry = AppliedEntry | RevertingEntry;
