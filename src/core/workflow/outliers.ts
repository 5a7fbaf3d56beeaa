/** Auxiliary outliers of a training run: which images of a set they are, and what the model remembers of them. */
import type { ImageRecord, Manifest } from '../datasets/types.ts';
import { AppError } from '../errors.ts';
import { readBarredImages, type BarredSet, type Model } from '../model/model-file.ts';
import { sha256Hex } from '../sha256.ts';
import type { Workspace } from '../store/workspace.ts';
import type { OutlierChoice } from '../train/config.ts';
import { outliersPer } from '../train/outlier-stream.ts';
import { usableImages } from './images.ts';

/** Fewer images than this say nothing about what lies outside. */
export const LEAST_OUTLIERS = 16;

/** The images of a set that a run trains on. */
export interface Outliers {
  readonly datasetId: string;
  readonly manifest: Manifest;
  readonly images: readonly ImageRecord[];
  /** Left out because the in-distribution set has the same bytes. */
  readonly shared: number;
}

const grouped = (n: number): string => n.toLocaleString('en-US');

/**
 * Images that the in-distribution set has too, byte by byte, are left out: they cannot be taught to be both.
 * @throws AppError `invalid-data` when the set is in-distribution, or too few images are left
 */
export function outlierImages(
  workspace: Workspace,
  id: Manifest,
  { datasetId: wanted }: OutlierChoice,
): Outliers {
  const { id: datasetId } = workspace.getDataset(wanted);
  const manifest = workspace.loadManifest(datasetId);
  if (manifest.role === 'id')
    throw new AppError(
      'invalid-data',
      `${manifest.name} is an in-distribution set; auxiliary outliers come from an out-of-distribution one. Choose another set, or scan the folder with the role ood.`,
    );
  const usable = usableImages(manifest, null);
  const known = new Set(id.images.map(({ sha256 }) => sha256).filter((hash) => hash !== ''));
  const images = usable.filter(({ sha256 }) => !known.has(sha256));
  const shared = usable.length - images.length;
  if (images.length < LEAST_OUTLIERS)
    throw new AppError(
      'invalid-data',
      `${manifest.name} has ${grouped(images.length)} images to train on as outliers${shared > 0 ? `, after the ${grouped(shared)} that ${id.name} has too were left out` : ''}; at least ${LEAST_OUTLIERS} are needed. Choose a larger set.`,
    );
  return { datasetId, manifest, images, shared };
}

/** For the run's log: how many outliers there are, and what was left out. */
export function describeOutliers(
  { manifest, images, shared }: Outliers,
  { ratio }: OutlierChoice,
  batchSize: number,
  idName: string,
): string {
  const left =
    shared > 0
      ? ` ${grouped(shared)} images that ${idName} has too, byte by byte, are left out.`
      : '';
  return `Outliers: ${grouped(images.length)} images of ${manifest.name}, ${outliersPer(ratio, batchSize)} with every ${batchSize} images. The set is now barred from evaluating this model and those made from it.${left}`;
}

/**
 * What a model must remember of the outliers it and its ancestors were trained on.
 * @param folder of the parent
 */
export async function barredBy(
  modelId: string,
  outliers: Outliers | null,
  parent: Model | null,
  folder: string | null,
): Promise<{ readonly sets: readonly BarredSet[]; readonly images: readonly string[] }> {
  const inherited = parent?.info.lineage.barred ?? [];
  const before = parent && folder ? await readBarredImages(parent.info, folder) : [];
  if (!outliers) return { sets: inherited, images: before };
  const { datasetId, manifest } = outliers;
  const own = sortedHashes(outliers.images);
  const set: BarredSet = {
    datasetId,
    name: manifest.name,
    fingerprint: manifest.fingerprint,
    images: own.length,
    imagesSha256: sha256Hex(own.join('\n')),
    modelId,
  };
  return { sets: [...inherited, set], images: [...new Set([...before, ...own])].sort() };
}

const sortedHashes = (images: readonly ImageRecord[]): string[] =>
  images.map(({ sha256 }) => sha256).sort();
