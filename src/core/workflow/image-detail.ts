/** One image under a model, taken apart. */
import { nearestRows } from '../embedding/neighbours.ts';
import { softmax } from '../metrics/softmax.ts';
import { readMatrix } from '../store/score-matrices.ts';
import { SPLIT_CODES } from '../query/image-index.ts';
import { idColumns, type ScoredRows, type ScoredSource } from './scope-columns.ts';
import type { Scope } from './score-overview.ts';
import type { ScoreSources } from './score-sources.ts';

/** What a model says about one image. */
export interface ImageScores {
  /** Largest first, at most {@link SHOWN_LOGITS}; share is softmax: what the class adds to Σ exp f. */
  readonly logits: readonly {
    readonly className: string;
    readonly logit: number;
    readonly share: number;
  }[];
  /** E, the paper's sign. */
  readonly energy: number;
  readonly featureL1: number;
  /** Units above zero; null when features were not kept. */
  readonly activeUnits: number | null;
  readonly units: number | null;
  /** Share of the ID images of the scope's split with a lower S. */
  readonly percentile: number;
  /** Nearest ID training images by cosine of penultimate features; none when features were not kept. */
  readonly neighbours: readonly { readonly ordinal: number; readonly similarity: number }[];
}

export const SHOWN_LOGITS = 10;
const NEIGHBOURS = 8;

/** @returns null when the image is not scored. @throws AppError `not-found` when its set is not */
export async function imageScores(
  sources: ScoreSources,
  scope: Scope,
  datasetId: string,
  ordinal: number,
): Promise<ImageScores | null> {
  const { modelId, idDatasetId, split } = scope;
  const { scored } = await sources.scored(scope, datasetId);
  const position = positionOf(scored, ordinal);
  if (position === null) return null;
  const stored = await sources.stored(modelId, datasetId);
  const row = scored.matrixRows[position]!;
  const { classes, units } = stored;
  const logits = await readMatrix(stored, 'logits', row, row + 1);
  const features = units > 0 ? await readMatrix(stored, 'features', row, row + 1) : null;
  const shares = softmax(logits, 0, classes);
  const id = await sources.scored(scope, idDatasetId);
  const known = idColumns(id, split).scores;
  const own = scored.scores[position]!;
  let lower = 0;
  for (const score of known) if (score < own) lower++;
  return {
    logits: Array.from(logits, (logit, k) => ({
      className: scored.modelClasses[k] ?? `class ${k}`,
      logit,
      share: shares[k]!,
    }))
      .sort((a, b) => b.logit - a.logit)
      .slice(0, SHOWN_LOGITS),
    energy: stored.energies[row]!,
    featureL1: scored.l1[position]!,
    activeUnits: features ? features.reduce((n, value) => (value > 0 ? n + 1 : n), 0) : null,
    units: features ? units : null,
    percentile: lower / known.length,
    neighbours: features
      ? await neighbours(sources, scope, id, features, datasetId === id.datasetId ? ordinal : null)
      : [],
  };
}

/** Where an image is among the scored ones; null when it is not. */
export function positionOf({ rows }: Pick<ScoredRows, 'rows'>, ordinal: number): number | null {
  let low = 0;
  let high = rows.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (rows[middle]! < ordinal) low = middle + 1;
    else high = middle;
  }
  return rows[low] === ordinal ? low : null;
}

/** @param self ordinal of the image itself when it is of the ID set: it is not its own neighbour */
async function neighbours(
  sources: ScoreSources,
  { modelId, idDatasetId }: Scope,
  { scored, index, marks }: ScoredSource,
  features: Float32Array,
  self: number | null,
): Promise<ImageScores['neighbours']> {
  const stored = await sources.stored(modelId, idDatasetId);
  if (stored.units !== features.length) return [];
  const ordinals = new Map<number, number>();
  for (const [position, ordinal] of scored.rows.entries())
    if (
      index.splits[ordinal] === SPLIT_CODES.train &&
      ordinal !== self &&
      marks?.excluded[ordinal] !== 1
    )
      ordinals.set(scored.matrixRows[position]!, ordinal);
  const rows = Uint32Array.from(ordinals.keys());
  const nearest = await nearestRows(stored, rows, features, NEIGHBOURS);
  return nearest.map(({ row, similarity }) => ({ ordinal: ordinals.get(row)!, similarity }));
}
