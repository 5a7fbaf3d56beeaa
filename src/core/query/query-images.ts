/** Which images pass a filter, and in what order. */
import type { Split } from '../datasets/types.ts';
import { assertNever } from '../errors.ts';
import { argsort } from './argsort.ts';
import { STATUS_CODES, SPLIT_CODES, type ImageIndex } from './image-index.ts';

/** What analysis and people have said about the images of a dataset; the position in a column is the ordinal. */
export interface ImageMarks {
  /** Bit i is set where the image has quality flag i. */
  readonly flags: Uint8Array;
  /** 1 where a person has taken the image out. */
  readonly excluded: Uint8Array;
  /** 1 where any decision about the image stands. */
  readonly curated: Uint8Array;
  /** Ordinals by tag. */
  readonly tags: ReadonlyMap<string, Iterable<number>>;
  /** Index of the class that a person gave, into the dataset's; -1 = none. */
  readonly relabelled: Int32Array;
}

/** What a model said about images; columns are aligned with `rows`. */
export interface QueryScores {
  /** Ordinals, ascending. */
  readonly rows: Uint32Array;
  /** S, larger = more in-distribution. */
  readonly scores: Float64Array;
  readonly predicted: Int32Array;
  readonly confidence: Float64Array;
  readonly l1: Float64Array;
  /** Class names in the order of the logits. */
  readonly modelClasses: readonly string[];
}

/** One dataset to look into. */
export interface QuerySource {
  readonly datasetId: string;
  readonly role: 'id' | 'ood';
  readonly classes: readonly string[];
  readonly index: ImageIndex;
  /** Null when nothing was marked. */
  readonly marks: ImageMarks | null;
  /** Null: every readable image is listed, and none has a score. */
  readonly scored: QueryScores | null;
}

/** Conditions; all that are given must hold. */
export interface QueryFilter {
  readonly datasetIds?: readonly string[] | undefined;
  /** Of ID sets. */
  readonly splits?: readonly Split[] | undefined;
  /** True classes, after relabelling. OOD images have none and do not pass. */
  readonly classNames?: readonly string[] | undefined;
  readonly predicted?: readonly string[] | undefined;
  /** Prediction against true class. OOD images have none and do not pass. */
  readonly correct?: boolean | undefined;
  readonly scoreMin?: number | undefined;
  readonly scoreMax?: number | undefined;
  /** Bits of quality flags, any of which an image must have. */
  readonly flags?: number | undefined;
  /** Tags, any of which an image must have. */
  readonly tags?: readonly string[] | undefined;
  readonly excluded?: boolean | undefined;
  readonly curated?: boolean | undefined;
  /** Part of the path, whatever its case. */
  readonly text?: string | undefined;
  readonly only?:
    readonly { readonly datasetId: string; readonly ordinals: Uint32Array }[] | undefined;
}

export interface QuerySort {
  /**
   * `threshold-distance` is how far an image lies on the wrong side of the threshold δ: δ − S for ID images, which
   * are rejected there, S − δ for OOD images, which are accepted. Descending, the worst images come first.
   */
  readonly by:
    'score' | 'confidence' | 'feature-l1' | 'path' | 'class' | 'predicted' | 'threshold-distance';
  readonly direction: 'ascending' | 'descending';
}

/** The images found, in order, as columns. */
export interface QueryResult {
  readonly total: number;
  readonly datasetIds: readonly string[];
  /** Index into `datasetIds`. */
  readonly datasets: Uint16Array<ArrayBuffer>;
  readonly ordinals: Uint32Array<ArrayBuffer>;
  /** NaN where an image is not scored. */
  readonly scores: Float64Array<ArrayBuffer>;
}

/**
 * Filters and sorts. Images without a value to sort by come last, in either direction; equal ones stay in the order
 * of the sources and of their paths.
 * @param threshold δ on S; used by `threshold-distance` only
 */
export function queryImages(
  sources: readonly QuerySource[],
  filter: QueryFilter,
  sort: QuerySort,
  threshold = 0,
): QueryResult {
  const wanted = sources.filter(({ datasetId }) => filter.datasetIds?.includes(datasetId) ?? true);
  const found = wanted.map((source) => select(source, filter));
  const total = found.reduce((sum, positions) => sum + positions.length, 0);
  const sign = sort.direction === 'ascending' ? 1 : -1;
  const keys = new Float64Array(total);
  const datasets = new Uint16Array(total);
  const ordinals = new Uint32Array(total);
  const scores = new Float64Array(total);
  let at = 0;
  for (const [s, source] of wanted.entries()) {
    const positions = found[s]!;
    const rows = source.scored?.rows;
    const values = source.scored?.scores;
    fillKeys(keys.subarray(at, at + positions.length), source, positions, sort.by, threshold);
    for (const position of positions) {
      datasets[at] = s;
      ordinals[at] = rows ? rows[position]! : position;
      scores[at] = values ? values[position]! : NaN;
      at++;
    }
  }
  const datasetIds = wanted.map(({ datasetId }) => datasetId);
  if (sort.by === 'path') {
    // The sources' order is that of the paths.
    if (sign < 0) for (const column of [datasets, ordinals, scores]) column.reverse();
    return { total, datasetIds, datasets, ordinals, scores };
  }
  if (sign < 0) for (let i = 0; i < total; i++) keys[i] = -keys[i]!;
  const order = argsort(keys);
  return {
    total,
    datasetIds,
    datasets: gather(datasets, order, new Uint16Array(total)),
    ordinals: gather(ordinals, order, new Uint32Array(total)),
    scores: gather(scores, order, new Float64Array(total)),
  };
}

function gather<A extends Uint16Array | Uint32Array | Float64Array>(
  column: A,
  order: Uint32Array,
  into: A,
): A {
  for (let i = 0; i < order.length; i++) into[i] = column[order[i]!]!;
  return into;
}

/** Positions in the source's rows of the images that pass; positions are ordinals where nothing is scored. */
function select(source: QuerySource, filter: QueryFilter): Uint32Array {
  const { index, scored } = source;
  const passes = conditions(source, filter);
  const rows = scored?.rows;
  const count = rows ? rows.length : index.count;
  const selected = new Uint32Array(count);
  let n = 0;
  next: for (let position = 0; position < count; position++) {
    const ordinal = rows ? rows[position]! : position;
    for (const pass of passes) if (!pass(ordinal, position)) continue next;
    selected[n++] = position;
  }
  return selected.subarray(0, n);
}

type Condition = (ordinal: number, position: number) => boolean;

/** The cheapest first. */
function conditions(source: QuerySource, filter: QueryFilter): readonly Condition[] {
  const { index, marks, scored, role } = source;
  const never: Condition = () => false;
  const passes: Condition[] = [];
  if (!scored) passes.push((ordinal) => index.statuses[ordinal] === STATUS_CODES.ok);
  const { scoreMin, scoreMax } = filter;
  if (scoreMin !== undefined || scoreMax !== undefined) {
    const low = scoreMin ?? -Infinity;
    const high = scoreMax ?? Infinity;
    const values = scored?.scores;
    passes.push(values ? (_, i) => values[i]! >= low && values[i]! <= high : never);
  }
  if (filter.splits && role === 'id') {
    const codes = new Uint8Array(4);
    for (const split of filter.splits) codes[SPLIT_CODES[split]] = 1;
    passes.push((ordinal) => codes[index.splits[ordinal]!] === 1);
  }
  if (filter.excluded !== undefined) {
    const excluded = marks?.excluded;
    const { excluded: wanted } = filter;
    passes.push((ordinal) => (excluded?.[ordinal] === 1) === wanted);
  }
  if (filter.curated !== undefined) {
    const curated = marks?.curated;
    const { curated: wanted } = filter;
    passes.push((ordinal) => (curated?.[ordinal] === 1) === wanted);
  }
  if (filter.flags !== undefined) {
    const { flags: wanted } = filter;
    const flags = marks?.flags;
    passes.push(flags ? (ordinal) => (flags[ordinal]! & wanted) !== 0 : never);
  }
  if (filter.classNames || filter.correct !== undefined)
    passes.push(...classConditions(source, filter));
  if (filter.predicted) {
    const names = filter.predicted;
    const classes = scored?.modelClasses.map((name) => names.includes(name));
    passes.push(classes ? (_, i) => classes[scored!.predicted[i]!] === true : never);
  }
  if (filter.tags) {
    const tagged = membership(
      index.count,
      filter.tags.map((tag) => marks?.tags.get(tag) ?? []),
    );
    passes.push((ordinal) => tagged[ordinal] === 1);
  }
  if (filter.only) {
    const lists = filter.only.filter(({ datasetId }) => datasetId === source.datasetId);
    const listed = membership(
      index.count,
      lists.map(({ ordinals }) => ordinals),
    );
    passes.push((ordinal) => listed[ordinal] === 1);
  }
  if (filter.text !== undefined && filter.text !== '') {
    const held = index.pathsWith(filter.text);
    passes.push((ordinal) => held[ordinal] === 1);
  }
  return passes;
}

function membership(count: number, lists: readonly Iterable<number>[]): Uint8Array {
  const members = new Uint8Array(count);
  for (const list of lists) for (const ordinal of list) members[ordinal] = 1;
  return members;
}

function classConditions(source: QuerySource, filter: QueryFilter): readonly Condition[] {
  const { scored, classes } = source;
  const codes = trueClasses(source);
  const passes: Condition[] = [];
  if (filter.classNames) {
    const wanted = classes.map((name) => filter.classNames!.includes(name));
    passes.push((ordinal) => wanted[codes[ordinal]!] === true);
  }
  if (filter.correct !== undefined) {
    const { correct: wanted } = filter;
    const logits = logitOfClass(classes, scored?.modelClasses ?? []);
    passes.push((ordinal, i) => {
      const code = codes[ordinal]!;
      return code >= 0 && scored !== null && (logits[code] === scored.predicted[i]) === wanted;
    });
  }
  return passes;
}

/** Class of each image after relabelling, as an index into the dataset's classes; -1 = none. */
export function trueClasses({ index, marks }: Pick<QuerySource, 'index' | 'marks'>): Int32Array {
  if (!marks?.relabelled.some((code) => code >= 0)) return index.classIndices;
  return marks.relabelled.map((code, ordinal) => (code < 0 ? index.classIndices[ordinal]! : code));
}

/** For each class of a dataset its place among the logits of a model, by name; -1 = the model does not know it. */
export const logitOfClass = (
  classes: readonly string[],
  modelClasses: readonly string[],
): Int32Array => Int32Array.from(classes, (name) => modelClasses.indexOf(name));

/** The values to sort by; NaN = none. */
function fillKeys(
  keys: Float64Array,
  source: QuerySource,
  positions: Uint32Array,
  by: QuerySort['by'],
  threshold: number,
): void {
  const { scored, role } = source;
  const fill = (column: ArrayLike<number> | undefined): void => {
    if (!column) keys.fill(NaN);
    else for (let i = 0; i < keys.length; i++) keys[i] = column[positions[i]!]!;
  };
  switch (by) {
    case 'path':
      return;
    case 'score': {
      fill(scored?.scores);
      return;
    }
    case 'confidence': {
      fill(scored?.confidence);
      return;
    }
    case 'feature-l1': {
      fill(scored?.l1);
      return;
    }
    case 'predicted': {
      fill(scored?.predicted);
      return;
    }
    case 'threshold-distance': {
      fill(scored?.scores);
      const sign = role === 'id' ? -1 : 1;
      for (let i = 0; i < keys.length; i++) keys[i] = sign * (keys[i]! - threshold);
      return;
    }
    case 'class': {
      const codes = trueClasses(source);
      for (let i = 0; i < keys.length; i++) {
        const ordinal = scored ? scored.rows[positions[i]!]! : positions[i]!;
        keys[i] = codes[ordinal]! < 0 ? NaN : codes[ordinal]!;
      }
      return;
    }
    default:
      return assertNever(by);
  }
}
