/** Quality flags: what is odd about an image, by itself or beside the others of its set. */
import type { ImageRecord } from '../types.ts';
import { qualityOf, type Measurements, type Quality } from './measurements.ts';

/** In the order of their bits. */
export const FLAGS = [
  'blurry',
  'dark',
  'light',
  'odd-size',
  'odd-aspect',
  'low-information',
  'grayscale-in-colour',
] as const;
export type Flag = (typeof FLAGS)[number];

/** Thresholds with their sources; `docs/method.md` explains them. */
export const FLAG_LIMITS = {
  /** Variance of the Laplacian: the rule of thumb of Rosebrock, "Blur detection with OpenCV", 2015. */
  sharpness: 100,
  /** A set that is soft by nature has a lower limit: this share of its median. */
  sharpnessOfMedian: 0.25,
  /** Grey level that 99% of the pixels stay below; 0.32 of full brightness as CleanVision 0.3.7 has it. */
  darkBelow: 0.32 * 255,
  /** Grey level that 95% of the pixels stay above; 0.95 of full brightness as CleanVision 0.3.7 has it. */
  lightAbove: 0.95 * 255,
  /** Entropy in bits; 0.3 of ten as CleanVision 0.3.7 has it, and under half of the set's median. */
  entropy: 3,
  entropyOfMedian: 0.5,
  /** Far out by Tukey's fences (1977) on logarithms, and off the median by this factor at least. */
  fences: 3,
  sizeFactor: 2,
  aspectFactor: 1.5,
  /** Spread of the channels up to which an image is grey: what JPEG adds to a grey one. */
  greySpread: 8,
  /** Share of colour images from which a set is one of colour. */
  colourShare: 0.5,
} as const;

/** One bit per flag, for every image; images that were not measured have none. */
export function flagImages(
  images: readonly Pick<ImageRecord, 'width' | 'height'>[],
  columns: Measurements,
): Uint8Array {
  const rows = [...images.keys()].filter((i) => columns.measured[i] === 1);
  const values = (quality: Quality) =>
    Float64Array.from(rows, (i) => qualityOf(columns, i, quality));
  const logSize = (i: number): number => Math.log2(images[i]!.width * images[i]!.height) / 2;
  const logAspect = (i: number): number => Math.log2(images[i]!.width / images[i]!.height);
  const limits = FLAG_LIMITS;
  const sharpnessLimit = Math.min(
    limits.sharpness,
    limits.sharpnessOfMedian * quantile(values('sharpness'), 0.5),
  );
  const entropyLimit = Math.min(
    limits.entropy,
    limits.entropyOfMedian * quantile(values('entropy'), 0.5),
  );
  const oddSize = outside(Float64Array.from(rows, logSize), Math.log2(limits.sizeFactor));
  const oddAspect = outside(Float64Array.from(rows, logAspect), Math.log2(limits.aspectFactor));
  const isGrey = (i: number): boolean => qualityOf(columns, i, 'colourSpread') <= limits.greySpread;
  const grey = rows.filter(isGrey).length;
  const colourSet = rows.length - grey > limits.colourShare * rows.length;

  const flags = new Uint8Array(images.length);
  for (const i of rows) {
    const lowInformation = qualityOf(columns, i, 'entropy') < entropyLimit;
    const found: Readonly<Record<Flag, boolean>> = {
      // An image with nothing on it has nothing that could be sharp.
      blurry: !lowInformation && qualityOf(columns, i, 'sharpness') < sharpnessLimit,
      dark: qualityOf(columns, i, 'brightest') < limits.darkBelow,
      light: qualityOf(columns, i, 'darkest') > limits.lightAbove,
      'odd-size': oddSize(logSize(i)),
      'odd-aspect': oddAspect(logAspect(i)),
      'low-information': lowInformation,
      'grayscale-in-colour': colourSet && isGrey(i),
    };
    flags[i] = FLAGS.reduce((bits, flag, bit) => bits | (found[flag] ? 1 << bit : 0), 0);
  }
  return flags;
}

/** The flags of one image. */
export const flagsIn = (bits: number): Flag[] => FLAGS.filter((_, bit) => (bits >> bit) & 1);

/** The bit of a flag. */
export const flagBit = (flag: Flag): number => 1 << FLAGS.indexOf(flag);

/** Whether a value lies beyond Tukey's far fences of `values`, and at least `least` from their median. */
function outside(values: Float64Array, least: number): (value: number) => boolean {
  if (values.length === 0) return () => false;
  const sorted = values.toSorted();
  const q1 = quantile(sorted, 0.25);
  const q3 = quantile(sorted, 0.75);
  const reach = FLAG_LIMITS.fences * (q3 - q1);
  const median = quantile(sorted, 0.5);
  return (value) =>
    (value < q1 - reach || value > q3 + reach) && Math.abs(value - median) >= least - 1e-9;
}

/** Nearest-rank quantile. */
function quantile(values: Float64Array, share: number): number {
  if (values.length === 0) return 0;
  return values.toSorted()[Math.max(0, Math.ceil(share * values.length) - 1)]!;
}
