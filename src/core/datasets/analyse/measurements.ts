/** What was measured of every image of a set, as columns. */
import { dctHash, HASH_BYTES } from './perceptual-hash.ts';
import { luma, resample, type Plane } from './planes.ts';
import { colourSpread, entropy, histogram, percentileLevel, sharpness } from './quality.ts';

/** Changes whenever the same pixels would give other numbers: older measurements are then made anew. */
export const MEASUREMENT_VERSION = 1;

/** Longest side on which is measured; larger images are reduced to it first, so that numbers can be compared. */
export const MEASURED_SIDE = 256;

/** Side of the small picture that is kept of every image to tell likeness by. */
const LOOK_SIDE = 12;
/** Bytes of it. */
export const LOOK_BYTES = LOOK_SIDE * LOOK_SIDE;

/** Numbers of one image, in the order of their columns. */
export const QUALITIES = ['sharpness', 'brightest', 'darkest', 'entropy', 'colourSpread'] as const;
export type Quality = (typeof QUALITIES)[number];

/** One image. */
export interface Measurement {
  /** pHash, 8 bytes. */
  readonly hash: Uint8Array;
  /** Grey levels, `[12, 12]`. */
  readonly look: Uint8Array;
  /** In the order of `QUALITIES`. */
  readonly qualities: Float32Array;
}

/** One entry per image of a manifest, in its order. */
export interface Measurements {
  /** 1 where an image was measured; the others have zeros. */
  readonly measured: Uint8Array;
  /** `[n, 8]` */
  readonly hashes: Uint8Array;
  /** `[n, 144]` */
  readonly looks: Uint8Array;
  /** `[n, QUALITIES.length]` */
  readonly qualities: Float32Array;
}

/** Measures one image. @param rgb `[height, width, 3]`, no side longer than `MEASURED_SIDE` */
export function measureRgb(rgb: Uint8Array, width: number, height: number): Measurement {
  const plane = luma(rgb, width, height);
  const hash = new Uint8Array(HASH_BYTES);
  dctHash(plane, hash);
  const levels = histogram(plane);
  return {
    hash,
    look: lookOf(plane),
    qualities: Float32Array.of(
      sharpness(plane),
      percentileLevel(levels, 0.99),
      percentileLevel(levels, 0.05),
      entropy(levels),
      colourSpread(rgb),
    ),
  };
}

function lookOf(plane: Plane): Uint8Array {
  const { data } = resample(plane, LOOK_SIDE, LOOK_SIDE);
  const look = new Uint8Array(LOOK_BYTES);
  for (let i = 0; i < LOOK_BYTES; i++) look[i] = Math.round(data[i]!);
  return look;
}

/** Columns with nothing measured yet. */
export const noMeasurements = (images: number): Measurements => ({
  measured: new Uint8Array(images),
  hashes: new Uint8Array(images * HASH_BYTES),
  looks: new Uint8Array(images * LOOK_BYTES),
  qualities: new Float32Array(images * QUALITIES.length),
});

/** Puts one image's numbers into their place. */
export function putMeasurement(columns: Measurements, ordinal: number, one: Measurement): void {
  columns.measured[ordinal] = 1;
  columns.hashes.set(one.hash, ordinal * HASH_BYTES);
  columns.looks.set(one.look, ordinal * LOOK_BYTES);
  columns.qualities.set(one.qualities, ordinal * QUALITIES.length);
}

/** Takes over what was measured of an image elsewhere. */
export function copyMeasurement(
  from: Measurements,
  fromOrdinal: number,
  to: Measurements,
  toOrdinal: number,
): void {
  const part = <A extends Uint8Array | Float32Array>(array: A, size: number): A =>
    array.subarray(fromOrdinal * size, (fromOrdinal + 1) * size) as A;
  putMeasurement(to, toOrdinal, {
    hash: part(from.hashes, HASH_BYTES),
    look: part(from.looks, LOOK_BYTES),
    qualities: part(from.qualities, QUALITIES.length),
  });
}

/** One quality of one image. */
export const qualityOf = (columns: Measurements, ordinal: number, quality: Quality): number =>
  columns.qualities[ordinal * QUALITIES.length + QUALITIES.indexOf(quality)]!;

/** Collects measurements as a scan gives them, before it is known how many images there are. */
export class MeasurementsBuilder {
  private columns = noMeasurements(1024);

  put(ordinal: number, one: Measurement): void {
    const capacity = this.columns.measured.length;
    if (ordinal >= capacity)
      this.columns = resized(this.columns, Math.max(ordinal + 1, 2 * capacity));
    putMeasurement(this.columns, ordinal, one);
  }

  /** @param images of the manifest */
  done(images: number): Measurements {
    return resized(this.columns, images);
  }
}

function resized(columns: Measurements, images: number): Measurements {
  const larger = noMeasurements(images);
  larger.measured.set(columns.measured.subarray(0, images));
  larger.hashes.set(columns.hashes.subarray(0, images * HASH_BYTES));
  larger.looks.set(columns.looks.subarray(0, images * LOOK_BYTES));
  larger.qualities.set(columns.qualities.subarray(0, images * QUALITIES.length));
  return larger;
}
