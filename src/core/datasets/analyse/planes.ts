/** Planes of brightness, from which everything about an image's quality and likeness is measured. */

/** One channel, row-major, values 0 to 255. */
export interface Plane {
  readonly width: number;
  readonly height: number;
  /** `[height, width]` */
  readonly data: Float32Array;
}

/** Luma of ITU-R BT.601, as JPEG, OpenCV and PIL take it. @param rgb `[height, width, 3]` */
export function luma(rgb: Uint8Array, width: number, height: number): Plane {
  const data = new Float32Array(width * height);
  for (let i = 0, at = 0; i < data.length; i++, at += 3)
    data[i] = 0.299 * rgb[at]! + 0.587 * rgb[at + 1]! + 0.114 * rgb[at + 2]!;
  return { width, height, data };
}

/**
 * Another size by averaging areas: every output pixel is the mean of what it covers of the input, with pixels that
 * are covered in part counted in part. Enlarging repeats pixels.
 */
export function resample(plane: Plane, width: number, height: number): Plane {
  return alongRows(alongColumns(plane, height), width);
}

function alongRows({ width: from, height, data }: Plane, width: number): Plane {
  const out = new Float32Array(width * height);
  const scale = from / width;
  for (let x = 0; x < width; x++) {
    const start = x * scale;
    const end = start + scale;
    for (let x0 = Math.floor(start); x0 < end && x0 < from; x0++) {
      const share = (Math.min(end, x0 + 1) - Math.max(start, x0)) / scale;
      if (share <= 0) continue;
      for (let y = 0; y < height; y++) out[y * width + x]! += share * data[y * from + x0]!;
    }
  }
  return { width, height, data: out };
}

function alongColumns({ width, height: from, data }: Plane, height: number): Plane {
  const out = new Float32Array(width * height);
  const scale = from / height;
  for (let y = 0; y < height; y++) {
    const start = y * scale;
    const end = start + scale;
    for (let y0 = Math.floor(start); y0 < end && y0 < from; y0++) {
      const share = (Math.min(end, y0 + 1) - Math.max(start, y0)) / scale;
      if (share <= 0) continue;
      for (let x = 0; x < width; x++) out[y * width + x]! += share * data[y0 * width + x]!;
    }
  }
  return { width, height, data: out };
}
