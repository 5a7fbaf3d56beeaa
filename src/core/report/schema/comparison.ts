/** Parts of the report that put models side by side: distributions, curves, flips, galleries, robustness. */
import { z } from 'zod';
import { count, detectorId, estimate, finite, modelRole, rate, sha256, text } from './common.ts';

export const pairedDifference = z.strictObject({
  dataset: text,
  metric: z.enum(['fpr95', 'auroc']),
  difference: estimate,
});

export const headline = z.strictObject({
  metric: text,
  label: text,
  lowerIsBetter: z.boolean(),
  before: estimate,
  control: estimate.nullable(),
  sparse: estimate,
  againstBefore: estimate.nullable().describe('Sparse minus before, paired'),
  againstControl: estimate.nullable().describe('Sparse minus control, paired'),
});

export const verdict = z.strictObject({
  outcome: z.enum(['improved', 'not shown', 'worse']),
  sentence: text.describe('Never claims more than the interval allows'),
  rule: text.describe('The rule that gave the outcome'),
  againstControl: estimate
    .nullable()
    .describe('Mean FPR95 over the sets, sparse minus control; null without a valid control run'),
  againstBefore: estimate.describe('Mean FPR95 over the sets, sparse minus before'),
  accuracyChange: estimate.describe(
    'ID accuracy, sparse minus before, paired over the same images',
  ),
  cautions: z.array(text),
});

export const distributions = z.strictObject({
  detector: detectorId,
  axis: text.describe('What is binned, e.g. energy E(x)'),
  edges: z
    .array(finite)
    .describe(
      'Ascending; bin i holds [edge i, edge i + 1), the outermost bins also what lies beyond',
    ),
  perModel: z.array(
    z.strictObject({
      role: modelRole,
      threshold: finite.describe('Operating threshold, on the axis'),
      sets: z
        .array(z.strictObject({ dataset: text, counts: z.array(count) }))
        .describe('ID test images first'),
    }),
  ),
});

const curve = z.strictObject({ x: z.array(finite), y: z.array(finite) });

export const setCurves = z.strictObject({
  dataset: text,
  role: modelRole,
  roc: curve.describe('x = share of OOD accepted, y = share of ID accepted'),
  pr: curve.describe('ID positive: x = recall, y = precision'),
});

export const flips = z.strictObject({
  against: z.enum(['before', 'control']),
  dataset: text,
  n: count,
  bothKept: count,
  bothRejected: count,
  nowKept: count.describe('Rejected by the other model, kept by the sparse one'),
  nowRejected: count.describe('Kept by the other model, rejected by the sparse one'),
  nowRight: count
    .nullable()
    .describe('Predicted wrongly by the other model, rightly by the sparse one; null for OOD'),
  nowWrong: count.nullable(),
});

export const sparsityStatistics = z.strictObject({
  role: modelRole,
  dataset: text,
  n: count,
  meanL1: finite,
  stdL1: finite,
  meanHoyer: finite,
  stdHoyer: finite,
});

export const energyPart = z.strictObject({ class: text, logit: finite, share: rate });

export const heatMap = z
  .strictObject({
    width: count,
    height: count,
    data: text.describe('Base64, one byte a pixel, row-major'),
  })
  .describe('Grad-CAM of the energy, 0 to 255');

export const galleryImage = z.strictObject({
  dataset: text,
  path: text,
  sha256,
  label: text.describe('Empty for OOD images'),
  perModel: z
    .array(
      z.strictObject({
        role: modelRole,
        predicted: text,
        confidence: rate,
        energy: finite,
        rank: rate.describe('Share of the ID test images with a lower energy'),
        kept: z.boolean(),
      }),
    )
    .describe('In the order of the models'),
  change: finite
    .nullable()
    .describe('Rank under the sparse model minus rank before; null where not compared'),
  parts: z
    .array(energyPart)
    .nullable()
    .describe(
      'The energy of the sparse model taken apart: softmax shares of exp(logit), largest first, at most 5',
    ),
  saliency: heatMap.nullable(),
});

export const galleries = z.strictObject({
  worstId: z.array(galleryImage),
  mostAcceptedOod: z.array(galleryImage),
  regressions: z
    .array(galleryImage)
    .describe('Moved most in the wrong direction, sparse against before'),
  rescues: z
    .array(galleryImage)
    .describe('Moved most in the right direction, sparse against before'),
});

export const robustness = z.strictObject({
  images: count,
  seed: finite,
  detector: detectorId,
  source: text.describe('Definition of the corruptions'),
  perModel: z.array(
    z.strictObject({
      role: modelRole,
      clean: z.strictObject({ accuracy: rate, keptAtThreshold: rate, meanEnergy: finite }),
      cells: z.array(
        z.strictObject({
          corruption: text,
          severity: z.int().min(1).max(5),
          accuracy: rate,
          keptAtThreshold: rate,
          meanEnergy: finite,
        }),
      ),
    }),
  ),
});
