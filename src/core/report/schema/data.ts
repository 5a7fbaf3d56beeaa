/** Parts of the report about images: data sheets, quality, copies, curation. */
import { z } from 'zod';
import { count, finite, rate, sha256, text, time } from './common.ts';

const splits = { train: count, val: count, test: count };

export const sampleImage = z.strictObject({ path: text, sha256, label: text });

export const dataSheet = z.strictObject({
  classBySplit: z
    .array(z.strictObject({ class: text, ...splits, unsplit: count }))
    .describe('Usable images; empty for an OOD set'),
  width: z.strictObject({ smallest: count, median: count, largest: count }).nullable(),
  height: z.strictObject({ smallest: count, median: count, largest: count }).nullable(),
  sizes: z
    .array(z.strictObject({ width: count, height: count, images: count }))
    .describe('The commonest sizes in pixels, at most 10'),
  otherSizes: count.describe('Images of other sizes'),
  merkleRoot: sha256.describe(
    'Over (path, SHA-256) of every image that could be read; see manifest.json',
  ),
  merkleLeaves: count,
  samples: z.array(sampleImage).describe('A sample sheet: spread evenly over classes and the set'),
});

export const quality = z.strictObject({
  measured: z.boolean().describe('Whether flags and near duplicates were looked for'),
  skipped: z
    .array(z.strictObject({ path: text, reason: text }))
    .describe('Images that could not be read, at most 50'),
  skippedTotal: count,
  excluded: z
    .array(z.strictObject({ path: text, reason: text }))
    .describe('Images that people excluded, at most 50'),
  exactDuplicates: z
    .strictObject({ groups: count, images: count, redundant: count })
    .describe('Images of equal bytes within the set'),
  nearDuplicates: z.strictObject({ groups: count, images: count }).nullable(),
  flags: z.array(z.strictObject({ flag: text, images: count })).nullable(),
  balance: z
    .strictObject({
      smallest: text,
      smallestImages: count,
      largest: text,
      largestImages: count,
      ratio: finite,
    })
    .nullable()
    .describe('Largest class over smallest; null for an OOD set or an empty class'),
});

export const datasetResult = z.strictObject({
  id: text,
  name: text,
  root: text,
  role: z.enum(['id', 'ood']),
  nearFar: z.enum(['near', 'far']).nullable().describe('null: not said, or the ID set'),
  format: z.enum(['folder', 'cifar-binary', 'idx']),
  classes: z.array(text),
  discovered: count,
  ok: count,
  failed: count,
  excluded: count,
  relabelled: count,
  symlinksSkipped: count,
  bytes: count,
  splits: z.strictObject(splits),
  splitSource: text,
  classCounts: z.array(count),
  fingerprint: text,
  failures: z
    .array(z.strictObject({ path: text, reason: text }))
    .describe('Up to 50 failures, in the order of the set'),
  source: text.describe(
    'Text of a SOURCES or LICENSE file beside the images; empty when there is none',
  ),
  sheet: dataSheet,
  quality,
});

export const leak = z.strictObject({ between: text, images: count });

export const sharing = z.strictObject({
  between: text,
  exact: count.describe('Images of the second part whose bytes are in the first'),
  near: count
    .nullable()
    .describe('Images of the second part that look like one of the first; null: not looked for'),
});

export const curationEntry = z.strictObject({
  id: text,
  time,
  author: text,
  kind: z.enum(['apply', 'undo', 'redo']),
  action: text.describe('In words, e.g. exclude, relabel as cat'),
  reason: text,
  target: text.nullable().describe('The entry that an undo or redo is about'),
  inForce: z.boolean(),
  images: z.array(z.strictObject({ dataset: text, images: count })),
});

export const curation = z.strictObject({
  entries: z
    .array(curationEntry)
    .describe('About the sets of this audit, oldest first, at most 500'),
  entriesTotal: count,
  totals: z.array(
    z.strictObject({
      dataset: text,
      before: z.strictObject({ usable: count, excluded: count }),
      after: z.strictObject({ usable: count, excluded: count, relabelled: count }),
    }),
  ),
});

export { rate };
