/** Images as points in the plane, from their penultimate features. */
import { UMAP } from 'umap-js';
import { principalAxes, project } from '../embedding/pca.ts';
import { AppError } from '../errors.ts';
import { Random } from '../random.ts';
import type { MatrixSource } from '../store/score-matrices.ts';
import { forEachRow } from './near-zero-units.ts';

/** Some images of one dataset: rows of its features file. */
export interface EmbedPart extends MatrixSource {
  readonly rows: Uint32Array;
}

export interface Embedded {
  /** For each part the indices into its `rows` of the images that are shown; ascending. */
  readonly shown: readonly Uint32Array[];
  /** `[images shown, 2]`, part after part. */
  readonly points: Float32Array;
  /** Share of variance of the two axes; PCA only. */
  readonly explained: readonly number[] | null;
}

/** Multiplications a fit of the principal axes may take: one or two seconds. */
const MOST_PRODUCTS = 4e9;
const MOST_FITTED = 100_000;
const FEWEST_FITTED = 2000;
const SEED = 1;

/** Axes are fitted on at most this many images; all images are shown. */
export const fittedImages = (units: number): number =>
  Math.min(MOST_FITTED, Math.max(FEWEST_FITTED, Math.floor(MOST_PRODUCTS / (units * units))));

/** UMAP's time and memory grow faster than the number of images: at most this many are shown. */
export const UMAP_IMAGES = 5000;

/** Principal components of all images together. @throws AppError as {@link checkParts} */
export async function embedByPca(parts: readonly EmbedPart[]): Promise<Embedded> {
  const units = checkParts(parts);
  const sample = sampleRows(parts, fittedImages(units));
  const axes = principalAxes(await gatherRows(parts, sample, units), units, 2);
  const total = parts.reduce((sum, { rows }) => sum + rows.length, 0);
  const points = new Float32Array(2 * total);
  let start = 0;
  for (const part of parts) {
    const places = placesOf(part);
    await forEachRow(part, part.rows, (features, row) => {
      points.set(project(features, axes), 2 * (start + places[row]!));
    });
    start += part.rows.length;
  }
  return {
    shown: parts.map(({ rows }) => Uint32Array.from(rows.keys())),
    points,
    explained: axes.explained,
  };
}

/**
 * UMAP (McInnes, Healy, Melville 2018) of at most {@link UMAP_IMAGES} images, drawn with a seed from all parts in
 * proportion to their sizes; cosine distance would hide activity, so distances are Euclidean.
 * @param onEpoch epochs done, and how many there will be
 */
export async function embedByUmap(
  parts: readonly EmbedPart[],
  onEpoch: (done: number, total: number) => void,
): Promise<Embedded> {
  const units = checkParts(parts);
  const shown = sampleRows(parts, UMAP_IMAGES);
  const data = await gatherRows(parts, shown, units);
  const count = data.length / units;
  if (count < 3)
    throw new AppError('invalid-data', 'UMAP needs at least three images. Choose larger sets.');
  const random = new Random(SEED);
  const umap = new UMAP({
    nComponents: 2,
    nNeighbors: Math.min(15, count - 1),
    minDist: 0.1,
    random: () => random.uniform(),
  });
  const rows = Array.from({ length: count }, (_, i) => [...data.subarray(i * units, (i + 1) * units)]); // prettier-ignore
  onEpoch(0, 1);
  const epochs = umap.initializeFit(rows);
  for (let epoch = 1; epoch <= epochs; epoch++) {
    umap.step();
    onEpoch(epoch, epochs);
  }
  return { shown, points: Float32Array.from(umap.getEmbedding().flat()), explained: null };
}

/** @throws AppError `invalid-data` when features were not kept or differ in width */
function checkParts(parts: readonly EmbedPart[]): number {
  const units = parts[0]?.units ?? 0;
  if (units === 0 || parts.some((part) => part.units !== units))
    throw new AppError(
      'invalid-data',
      'An embedding needs the penultimate features of every set, and they were not kept when the images were scored. Free some space and score them again.',
    );
  return units;
}

/** At most `limit` rows in all, each part in proportion and at least one of each, drawn with a fixed seed. */
function sampleRows(parts: readonly EmbedPart[], limit: number): readonly Uint32Array[] {
  const total = parts.reduce((sum, { rows }) => sum + rows.length, 0);
  return parts.map(({ rows }, p) => {
    const indices = Uint32Array.from(rows.keys());
    if (total <= limit) return indices;
    const size = Math.min(rows.length, Math.max(1, Math.floor((limit * rows.length) / total)));
    return new Random(SEED, p).shuffle(indices).slice(0, size).sort();
  });
}

/** Features of the chosen images, part after part. @returns `[images, units]` */
async function gatherRows(
  parts: readonly EmbedPart[],
  chosen: readonly Uint32Array[],
  units: number,
): Promise<Float32Array> {
  const data = new Float32Array(chosen.reduce((sum, { length }) => sum + length, 0) * units);
  let start = 0;
  for (const [p, part] of parts.entries()) {
    const rows = chosen[p]!.map((index) => part.rows[index]!);
    const places = placesOf({ ...part, rows });
    const from = start;
    await forEachRow(part, rows, (features, row) => {
      data.set(features, (from + places[row]!) * units);
    });
    start += rows.length;
  }
  return data;
}

/** For each row of the file its place among the part's rows. */
function placesOf({ rows, count }: EmbedPart): Uint32Array {
  const places = new Uint32Array(count);
  rows.forEach((row, place) => (places[row] = place));
  return places;
}
