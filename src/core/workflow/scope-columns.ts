/** The numbers behind a score overview: one model's columns for an ID split, its validation images and OOD sets. */
import type { Split } from '../datasets/types.ts';
import { AppError } from '../errors.ts';
import { logitOfClass, trueClasses, type QueryScores, type QuerySource } from '../query/query-images.ts'; // prettier-ignore
import { SPLIT_CODES } from '../query/image-index.ts';

/** A dataset whose images are scored. */
export interface ScoredSource extends QuerySource {
  readonly name: string;
  readonly nearFar: 'near' | 'far' | null;
  readonly scored: ScoredRows;
}

/** Columns of a source, with where its matrices' rows are. */
export interface ScoredRows extends QueryScores {
  readonly hoyer: Float64Array;
  /** Row of the logits and features file of each image. */
  readonly matrixRows: Uint32Array;
}

/** Columns of some images of one source. */
export interface SetColumns {
  readonly datasetId: string;
  readonly name: string;
  readonly nearFar: 'near' | 'far' | null;
  /** Positions in the source's rows. */
  readonly positions: Uint32Array;
  readonly ordinals: Uint32Array;
  readonly scores: Float64Array;
}

/** Columns of ID images, whose classes are known. */
export interface IdColumns extends SetColumns {
  /** Class index of the dataset, after relabelling. */
  readonly labels: Int32Array;
  /** 1 where the prediction is the class. */
  readonly correct: Uint8Array;
  readonly predicted: Int32Array;
  readonly confidence: Float64Array;
  readonly l1: Float64Array;
  readonly hoyer: Float64Array;
}

export interface ScopeColumns {
  readonly id: IdColumns;
  readonly validation: IdColumns;
  readonly ood: readonly SetColumns[];
}

/**
 * Images that a person excluded have no part in any number, and relabelled ones count under their new class.
 * @throws AppError `invalid-data` when a set has no scored image left
 */
export function scopeColumns(
  id: ScoredSource,
  split: Split,
  ood: readonly ScoredSource[],
): ScopeColumns {
  return {
    id: idColumns(id, split),
    validation: idColumns(id, 'val'),
    ood: ood.map((source) => columnsOf(source, keptImages(source, null), source.name)),
  };
}

/** Positions in the source's rows of the images that nobody excluded, of one split or of all. */
export function keptImages(
  { index, marks, scored }: Omit<ScoredSource, 'scored'> & { readonly scored: Pick<ScoredRows, 'rows'> }, // prettier-ignore
  split: Split | null,
): Uint32Array {
  const code = split === null ? -1 : SPLIT_CODES[split];
  const { rows } = scored;
  const excluded = marks?.excluded;
  const positions = new Uint32Array(rows.length);
  let n = 0;
  for (let position = 0; position < rows.length; position++) {
    const ordinal = rows[position]!;
    if (excluded?.[ordinal] === 1 || (code >= 0 && index.splits[ordinal] !== code)) continue;
    positions[n++] = position;
  }
  return positions.slice(0, n);
}

function columnsOf(source: ScoredSource, positions: Uint32Array, what: string): SetColumns {
  const { datasetId, name, nearFar, scored } = source;
  if (positions.length === 0)
    throw new AppError(
      'invalid-data',
      `${what}: none of its images is scored under this model. Score the dataset, or check what was excluded.`,
    );
  return {
    datasetId,
    name,
    nearFar,
    positions,
    ordinals: positions.map((position) => scored.rows[position]!),
    scores: pick(scored.scores, positions),
  };
}

/** @throws AppError `invalid-data` when the split has no scored image */
export function idColumns(source: ScoredSource, split: Split): IdColumns {
  const { classes, scored } = source;
  const common = columnsOf(source, keptImages(source, split), `${source.name} (${split})`);
  const { positions, ordinals } = common;
  const codes = trueClasses(source);
  const logits = logitOfClass(classes, scored.modelClasses);
  const labels = Int32Array.from(ordinals, (ordinal) => codes[ordinal]!);
  const predicted = Int32Array.from(positions, (position) => scored.predicted[position]!);
  return {
    ...common,
    labels,
    predicted,
    correct: Uint8Array.from(labels, (label, i) => (label >= 0 && logits[label] === predicted[i] ? 1 : 0)), // prettier-ignore
    confidence: pick(scored.confidence, positions),
    l1: pick(scored.l1, positions),
    hoyer: pick(scored.hoyer, positions),
  };
}

function pick(column: Float64Array, positions: Uint32Array): Float64Array {
  const picked = new Float64Array(positions.length);
  for (let i = 0; i < positions.length; i++) picked[i] = column[positions[i]!]!;
  return picked;
}
