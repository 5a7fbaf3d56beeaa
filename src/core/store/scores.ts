/** What one model says about every image of one dataset, as columns. */
import { AppError } from '../errors.ts';
import { type StoreContext, transaction } from './context.ts';
import { blob, integer, text } from './rows.ts';

/** Columns of equal length `n`, one entry per scored image. */
export interface ScoreColumns {
  /** Positions of the scored images in the manifest, ascending. */
  readonly rows: Uint32Array;
  readonly classes: number;
  /** `[n, classes]`, row-major. */
  readonly logits: Float32Array;
  /** Energy E(x), the paper's sign: lower = more in-distribution. */
  readonly energies: Float64Array;
  /** Summaries of the penultimate features per image by name, e.g. `l1`, `hoyer`; each of length `n`. */
  readonly features: Readonly<Record<string, Float64Array>>;
}

/** Columns with where they belong. */
export interface StoredScores extends ScoreColumns {
  readonly modelId: string;
  readonly datasetId: string;
  /** Fingerprint of the dataset when it was scored. */
  readonly fingerprint: string;
  readonly savedAt: string;
}

/** SQLite's limit on one value as Node builds it. */
const maxBlobBytes = 1_000_000_000;

const bytesOf = (array: ArrayBufferView): Uint8Array =>
  new Uint8Array(array.buffer, array.byteOffset, array.byteLength);

/**
 * Saves or replaces the scores of a model on a dataset; numbers are kept bit for bit (little-endian).
 * @throws AppError('internal') when the columns do not fit each other or are over 1 GB
 */
export function saveScores(
  context: StoreContext,
  ids: { readonly modelId: string; readonly datasetId: string; readonly fingerprint: string },
  columns: ScoreColumns,
): void {
  const { rows, classes, logits, energies, features } = columns;
  const n = rows.length;
  const names = Object.keys(features);
  const fits =
    energies.length === n &&
    logits.length === n * classes &&
    names.every((name) => features[name]!.length === n);
  if (!fits) {
    throw new AppError(
      'internal',
      `Scores of ${ids.modelId} on ${ids.datasetId}: the columns have different lengths.`,
    );
  }
  if (logits.byteLength > maxBlobBytes) {
    throw new AppError(
      'internal',
      `Scores of ${ids.modelId} on ${ids.datasetId}: ${n} images x ${classes} classes are more ` +
        'than the workspace can hold. Score the dataset in parts.',
    );
  }
  const summary = new Float64Array(names.length * n);
  for (const [i, name] of names.entries()) summary.set(features[name]!, i * n);
  transaction(context, () =>
    context.db
      .prepare(
        `INSERT OR REPLACE INTO scores (model_id, dataset_id, fingerprint, saved_at, classes,
           row_indices, logits, energies, feature_names, features)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      )
      .run(
        ids.modelId,
        ids.datasetId,
        ids.fingerprint,
        context.now().toISOString(),
        classes,
        bytesOf(rows),
        bytesOf(logits),
        bytesOf(energies),
        JSON.stringify(names),
        bytesOf(summary),
      ),
  );
}

/** The scores of a model on a dataset, or null when it has not been scored. Both are full ids. */
export function loadScores(
  context: StoreContext,
  modelId: string,
  datasetId: string,
): StoredScores | null {
  const row = context.db
    .prepare('SELECT * FROM scores WHERE model_id = ? AND dataset_id = ?')
    .get(modelId, datasetId);
  if (row === undefined) return null;
  const rows = new Uint32Array(blob(row, 'row_indices'));
  const summary = new Float64Array(blob(row, 'features'));
  const names = JSON.parse(text(row, 'feature_names')) as string[];
  const n = rows.length;
  return {
    modelId,
    datasetId,
    fingerprint: text(row, 'fingerprint'),
    savedAt: text(row, 'saved_at'),
    classes: integer(row, 'classes'),
    rows,
    logits: new Float32Array(blob(row, 'logits')),
    energies: new Float64Array(blob(row, 'energies')),
    features: Object.fromEntries(names.map((name, i) => [name, summary.slice(i * n, (i + 1) * n)])),
  };
}
