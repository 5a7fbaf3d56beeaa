/** Registered folders: what is in them and what is wrong with it. */
import { z } from 'zod';
import { count, id, imageRef, imageSelection, jobEvent, name, nearFar, rate, role, seed, split, time, uint32s } from './common.ts'; // prettier-ignore
import { call, done, job, nothing } from './method.ts';

export const qualityFlag = z.enum([
  'blurry',
  'dark',
  'light',
  'odd-size',
  'odd-aspect',
  'low-information',
  'grayscale-in-colour',
]);
export type QualityFlag = z.infer<typeof qualityFlag>;

/** Images that are in two places at once; `near` by perceptual hash, `exact` by SHA-256. */
export const leak = z.strictObject({
  /** e.g. `train / test`, or `fashion (test) / textures`. */
  between: z.string(),
  otherDatasetId: id.nullable(),
  exact: count,
  near: count,
});

/** Null until the dataset has been analysed. */
export const analysisSummary = z.strictObject({
  exactDuplicates: count,
  nearDuplicates: count,
  flagged: count,
  flags: z.array(z.strictObject({ flag: qualityFlag, count })),
  leaks: z.array(leak),
  analysedAt: time,
});

export const datasetCard = z.strictObject({
  id,
  name,
  role,
  nearFar,
  format: z.enum(['folder', 'cifar-binary', 'idx']),
  /** For display. */
  root: z.string(),
  /** False when the folder is not there any more. */
  reachable: z.boolean(),
  classes: z.array(z.strictObject({ name: z.string(), train: count, val: count, test: count })),
  discovered: count,
  ok: count,
  failed: count,
  /** By a person, in curation. */
  excluded: count,
  symlinksSkipped: count,
  otherFiles: count,
  bytes: count,
  splits: z.strictObject({ train: count, val: count, test: count }),
  splitSource: z.enum(['folders', 'seeded', 'none']),
  splitSeed: z.number(),
  /** Distinct image sizes, most frequent first, at most eight. */
  sizes: z.array(z.strictObject({ width: count, height: count, count })),
  fingerprint: z.string(),
  scannedAt: time,
  analysis: analysisSummary.nullable(),
  /** Up to 24 ordinals spread over the classes, for the sample sheet. */
  sample: uint32s,
  /** Set while it is off the list; `datasets.restore` brings it back. */
  removedAt: time.nullable(),
});
export type DatasetCard = z.infer<typeof datasetCard>;

/** One image as a row of a list. */
export const datasetImage = z.strictObject({
  ordinal: count,
  path: z.string(),
  className: z.string().nullable(),
  split: split.nullable(),
  bytes: count,
  width: count,
  height: count,
  sha256: z.string(),
  status: z.enum(['ok', 'failed', 'excluded']),
  reason: z.string(),
  flags: z.array(qualityFlag),
});
export type DatasetImage = z.infer<typeof datasetImage>;

export const problemKind = z.enum([
  'failed',
  'exact-duplicates',
  'near-duplicates',
  'leakage',
  'quality',
]);

/** Images that belong together: copies of one another, or one flagged image alone. */
export const problemGroup = z.strictObject({
  title: z.string(),
  images: z.array(z.strictObject({ ref: imageRef, path: z.string(), note: z.string() })),
});

export const drift = z.strictObject({
  added: count,
  removed: count,
  changed: count,
  /** Up to 200 of each. */
  examples: z.strictObject({
    added: z.array(z.string()),
    removed: z.array(z.string()),
    changed: z.array(z.string()),
  }),
});
export type Drift = z.infer<typeof drift>;

/** What a picked or dropped path looks like before it is scanned. */
export const grantPreview = z.strictObject({
  kind: z.enum(['folder', 'file']),
  name: z.string(),
  displayPath: z.string(),
  guessedRole: role.nullable(),
  guessedNearFar: nearFar,
  /** Set when this very folder is registered already: registering again re-scans it. */
  registeredAs: id.nullable(),
  /** Set when it lies inside a registered folder, or holds one. */
  overlaps: z.strictObject({ datasetId: id, name: z.string(), relation: z.enum(['inside', 'holds']) }).nullable(), // prettier-ignore
  /** Why it cannot be registered; null when it can. */
  problem: z.string().nullable(),
});
export type GrantPreview = z.infer<typeof grantPreview>;

const one = z.strictObject({ datasetId: id });

export const datasetMethods = {
  'datasets.list': call(nothing, z.array(datasetCard)),
  'datasets.get': call(one, datasetCard),
  'datasets.preview': call(z.strictObject({ grantId: id }), grantPreview),
  /** Scans and registers a folder, then analyses it. The same folder keeps its id. */
  'datasets.register': job(
    z.strictObject({
      grantId: id,
      name: name.optional(),
      role: z.enum(['auto', 'id', 'ood']).default('auto'),
      nearFar: nearFar.optional(),
    }),
    jobEvent,
    z.strictObject({ dataset: datasetCard, drift: drift.nullable() }),
  ),
  'datasets.rescan': job(one, jobEvent, z.strictObject({ dataset: datasetCard, drift })),
  /** Hashes, flags and leakage against every other registered set. */
  'datasets.analyse': job(one, jobEvent, datasetCard),
  'datasets.update': call(
    z.strictObject({ datasetId: id, name: name.optional(), nearFar: nearFar.optional() }),
    datasetCard,
  ),
  /** A set whose role changes is read anew: class folders become classes or cease to be. */
  'datasets.setRole': job(z.strictObject({ datasetId: id, role }), jobEvent, datasetCard),
  /** A new seeded split; refused when the folders give it. */
  'datasets.setSplit': call(
    z.strictObject({
      datasetId: id,
      seed,
      fractions: z.strictObject({ val: rate, test: rate }),
    }),
    datasetCard,
  ),
  /** Off the list; images stay where they are, and `restore` brings it back. */
  'datasets.remove': call(one, done),
  'datasets.restore': call(one, datasetCard),
  'datasets.images': call(
    z.strictObject({
      datasetId: id,
      status: z.enum(['ok', 'failed', 'excluded']).optional(),
      split: split.optional(),
      className: z.string().optional(),
      flag: qualityFlag.optional(),
      text: z.string().max(200).optional(),
      offset: count,
      limit: z.int().min(1).max(1000),
    }),
    z.strictObject({ total: count, images: z.array(datasetImage) }),
  ),
  'datasets.problems': call(
    z.strictObject({
      datasetId: id,
      kind: problemKind,
      offset: count,
      limit: z.int().min(1).max(500),
    }),
    z.strictObject({ total: count, groups: z.array(problemGroup) }),
  ),
  /** Leaves one image of each group of copies, excluding the others through the curation log. */
  'datasets.excludeCopies': call(
    z.strictObject({ selections: z.array(imageSelection), reason: z.string().max(500) }),
    z.strictObject({ entryId: id, images: count }),
  ),
  /**
   * Excludes what leaks, through the curation log: images of test and validation splits that an earlier split holds, and
   * OOD images that an ID set holds. Training images stay. `exact`: the same files; `all`: those that look alike too.
   */
  'datasets.excludeLeaks': call(
    z.strictObject({
      datasetId: id,
      which: z.enum(['exact', 'all']),
      author: z.string().max(200).default(''),
    }),
    z.strictObject({ images: count }),
  ),
};
