/** From a folder to a registered and analysed dataset. */
import { realpathSync } from 'node:fs';
import path from 'node:path';
import { analyseSet, findShared, type MeasuredSet } from '../datasets/analyse/analyse.ts';
import { measureSet } from '../datasets/analyse/measure-set.ts';
import {
  copyMeasurement,
  MeasurementsBuilder,
  noMeasurements,
  type Measurements,
} from '../datasets/analyse/measurements.ts';
import { guessNearFar, lookOfSet } from '../datasets/analyse/near-far.ts';
import { driftBetween, keepSplits, type Drift } from '../datasets/drift.ts';
import { fingerprintOf } from '../datasets/manifest.ts';
import { checkManifest } from '../datasets/checks.ts';
import { scanFolder } from '../datasets/scan.ts';
import { splitImages, type SplitFractions } from '../datasets/split.ts';
import type { DatasetRole, Manifest } from '../datasets/types.ts';
import type { DecodePool } from '../decode/decode-pool.ts';
import { AppError } from '../errors.ts';
import { within, type ProgressListener } from '../progress.ts';
import type { DatasetRow } from '../store/datasets.ts';
import type { Workspace } from '../store/workspace.ts';

export interface DatasetHooks {
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ProgressListener | undefined;
  readonly onWarning?: ((text: string) => void) | undefined;
  readonly pool?: DecodePool | undefined;
}

export interface RegisterOptions extends DatasetHooks {
  readonly name?: string | undefined;
  readonly role?: DatasetRole | 'auto' | undefined;
  readonly nearFar?: 'near' | 'far' | null | undefined;
  readonly splitSeed?: number | undefined;
}

export interface Registered {
  readonly id: string;
  /** Against what was registered before; null for a new folder. */
  readonly drift: Drift | null;
}

/** Shares of the whole: reading the files, then comparing them. */
const SCAN_SHARE = 0.9;

/**
 * Scans a folder, registers it and analyses it. The same folder keeps its id; what was not asked for stays as it was.
 * @throws AppError what `scanFolder` throws, with the former registration untouched; `cancelled`
 */
export async function registerDataset(
  workspace: Workspace,
  folder: string,
  { name, role, nearFar, splitSeed, ...hooks }: RegisterOptions = {},
): Promise<Registered> {
  const before = registeredAt(workspace, folder);
  const root = before?.root ?? path.resolve(folder);
  for (const { relation, dataset } of overlapsOf(workspace, root))
    hooks.onWarning?.(
      relation === 'inside'
        ? `${root} lies inside ${dataset.name}: its images are in both.`
        : `${root} holds ${dataset.name}: its images are in both.`,
    );
  const known = before ? readManifest(workspace, before.id) : null;
  const builder = new MeasurementsBuilder();
  const { signal, onProgress, pool } = hooks;
  const seed = splitSeed ?? known?.splitSeed;
  const fractions = known?.splitFractions;
  const scanned = await scanFolder(root, {
    role: role ?? before?.role ?? 'auto',
    ...((name ?? before?.name) ? { name: (name ?? before?.name)! } : {}),
    ...(seed === undefined ? {} : { splitSeed: seed }),
    ...(fractions ? { splitFractions: fractions } : {}),
    ...(signal ? { signal } : {}),
    ...(pool ? { pool } : {}),
    onProgress: within(onProgress, 0, SCAN_SHARE) ?? (() => undefined),
    onMeasured: (ordinal, measurement) => builder.put(ordinal, measurement),
  });
  const manifest = known ? withKnownSplits(known, scanned) : scanned;
  const { id } = workspace.registerDataset(manifest);
  keepMeasurements(workspace, id, builder.done(manifest.images.length));
  if (nearFar !== undefined) workspace.setNearFar(id, nearFar);
  await analyseDataset(workspace, id, {
    ...hooks,
    onProgress: within(onProgress, SCAN_SHARE, 1),
  });
  return { id, drift: known ? driftBetween(known.images, manifest.images) : null };
}

/** Adds what was measured now to what was carried over from the former scan. */
function keepMeasurements(workspace: Workspace, id: string, now: Measurements): void {
  const images = now.measured.length;
  const columns = workspace.loadMeasurements(id, images) ?? noMeasurements(images);
  for (let i = 0; i < images; i++) if (now.measured[i] === 1) copyMeasurement(now, i, columns, i);
  workspace.saveMeasurements(id, columns);
}

/** The former images keep their split, unless too little is left of one then. */
function withKnownSplits(known: Manifest, scanned: Manifest): Manifest {
  const kept = keepSplits(known, scanned);
  try {
    checkManifest(kept);
    return kept;
  } catch {
    return scanned;
  }
}

/** Null when the list was lost with a damaged database. */
function readManifest(workspace: Workspace, id: string): Manifest | null {
  try {
    return workspace.loadRegistered(id);
  } catch (error) {
    if (error instanceof AppError && error.code === 'invalid-data') return null;
    throw error;
  }
}

/**
 * Measures what is not measured yet, finds flags and copies, and compares with every other dataset on the list.
 * @throws AppError `cancelled`, with what was measured kept
 */
export async function analyseDataset(
  workspace: Workspace,
  datasetId: string,
  { signal, onProgress, onWarning, pool }: DatasetHooks = {},
): Promise<void> {
  const { id, nearFar } = workspace.getDataset(datasetId);
  const set = await measured(workspace, id, { signal, onProgress, onWarning, pool });
  const analysis = await analyseSet(set, signal);
  const others = workspace.listDatasets().filter((other) => other.id !== id);
  const sets = others.map((other) => ({ other, set: storedSet(workspace, other.id) }));
  const pairs = await findShared(
    set,
    sets.map((one) => one.set),
    signal,
  );
  workspace.saveAnalysis(
    id,
    analysis,
    others.map((other, k) => ({ otherId: other.id, pairs: pairs[k]! })),
  );
  const { role } = workspace.getDataset(id);
  const lookOf = ({ images, columns }: MeasuredSet) => lookOfSet(images, columns);
  const ids = sets.filter(({ other }) => other.role === 'id').map((one) => lookOf(one.set));
  if (role === 'ood' && nearFar === null) workspace.setNearFar(id, guessNearFar(lookOf(set), ids));
  if (role === 'id')
    for (const { other, set: otherSet } of sets)
      if (other.role === 'ood' && other.nearFar === null)
        workspace.setNearFar(other.id, guessNearFar(lookOf(otherSet), [lookOf(set)]));
}

async function measured(
  workspace: Workspace,
  id: string,
  { signal, onProgress, onWarning, pool }: DatasetHooks,
): Promise<MeasuredSet> {
  const manifest = workspace.loadRegistered(id);
  const { images, name } = manifest;
  const columns = workspace.loadMeasurements(id, images.length) ?? noMeasurements(images.length);
  const known = columns.measured.slice();
  try {
    const failed = await measureSet(manifest, columns, { signal, onProgress, pool });
    if (failed > 0)
      onWarning?.(
        `${name}: ${failed} images are gone or have changed since the scan and were not analysed. Scan it again.`,
      );
  } finally {
    if (columns.measured.some((measured, i) => measured !== known[i]))
      workspace.saveMeasurements(id, columns);
  }
  return { images, columns };
}

/** A dataset as it was measured last; nothing is read from its folder. */
function storedSet(workspace: Workspace, id: string): MeasuredSet {
  const images = readManifest(workspace, id)?.images ?? [];
  const columns = workspace.loadMeasurements(id, images.length) ?? noMeasurements(images.length);
  return { images, columns };
}

/** A new seeded split. @throws AppError `invalid-data` when the folders give it, or a split would be empty */
export function resplitDataset(
  workspace: Workspace,
  datasetId: string,
  seed: number,
  fractions: SplitFractions,
): DatasetRow {
  const { id, name } = workspace.getDataset(datasetId);
  const manifest = workspace.loadRegistered(id);
  if (manifest.role !== 'id')
    throw new AppError('invalid-data', `${name} is out-of-distribution; all of it is test data. Only in-distribution sets are split.`); // prettier-ignore
  if (manifest.splitSource === 'folders')
    throw new AppError(
      'invalid-data',
      `The splits of ${name} are given by its folders. To change them, move the files between train, val and test and scan again.`,
    );
  if (fractions.val <= 0 || fractions.test <= 0 || fractions.val + fractions.test >= 1)
    throw new AppError(
      'usage',
      'Validation and test need a share each, and must leave some for training: both above 0, together below 1.',
    );
  const unsplit = manifest.images.map((image) => ({ ...image, split: null }));
  const images = splitImages(unsplit, seed, fractions);
  const changed: Manifest = {
    ...manifest,
    images,
    splitSeed: seed,
    splitFractions: { ...fractions },
    fingerprint: fingerprintOf(images, manifest.classes),
  };
  checkManifest(changed);
  return workspace.registerDataset(changed);
}

/** The dataset, also a removed one, that was registered from this folder, by whatever path. */
export function registeredAt(workspace: Workspace, folder: string): DatasetRow | null {
  const wanted = realPath(folder);
  const all = [...workspace.listDatasets(), ...workspace.listRemovedDatasets()];
  return all.find(({ root }) => realPath(root) === wanted) ?? null;
}

/** How a folder lies to one that is registered. */
export interface Overlap {
  readonly dataset: DatasetRow;
  readonly relation: 'inside' | 'holds';
}

/** Datasets on the list that a folder lies in, or that lie in it. */
export function overlapsOf(workspace: Workspace, folder: string): readonly Overlap[] {
  const wanted = realPath(folder);
  return workspace.listDatasets().flatMap((dataset): Overlap[] => {
    const root = realPath(dataset.root);
    if (root === wanted) return [];
    if (wanted.startsWith(withSeparator(root))) return [{ dataset, relation: 'inside' }];
    return root.startsWith(withSeparator(wanted)) ? [{ dataset, relation: 'holds' }] : [];
  });
}

const withSeparator = (folder: string): string =>
  folder.endsWith(path.sep) ? folder : folder + path.sep;

/** Without symbolic links where the folder is there. */
function realPath(folder: string): string {
  try {
    return realpathSync(folder);
  } catch {
    return path.resolve(folder);
  }
}
