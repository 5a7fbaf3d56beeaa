/** Blurs of square RGB images. */

/** Weights around a middle, `[2 · half + 1]` in one direction or squared in two; they sum to 1. */
export interface Kernel {
  readonly half: number;
  readonly weights: Float64Array;
}

/** exp(−x² / 2σ²) at whole pixels, normalised. @param sigma 0 for no blur */
export function gaussianWeights(sigma: number, half: number): Float64Array {
  const weights = Float64Array.from({ length: 2 * half + 1 }, (_, i) =>
    sigma === 0 ? Number(i === half) : Math.exp(-((i - half) ** 2) / (2 * sigma ** 2)),
  );
  const sum = weights.reduce((a, b) => a + b, 0);
  return weights.map((weight) => weight / sum);
}

/**
 * Gaussian blur as scikit-image's `gaussian`: weights up to 4σ, the edge pixel goes on beyond the edge.
 * @param rgb `[size, size, 3]`
 */
export function gaussianBlur(rgb: Uint8Array, size: number, sigma: number): Uint8Array {
  const half = Math.floor(4 * sigma + 0.5);
  const weights = gaussianWeights(sigma, half);
  const inside = (place: number): number => Math.min(size - 1, Math.max(0, place));
  const along = (from: ArrayLike<number>, step: 'row' | 'column'): Float64Array => {
    const result = new Float64Array(rgb.length);
    for (let y = 0; y < size; y++)
      for (let x = 0; x < size; x++) {
        const to = (y * size + x) * 3;
        for (const [i, weight] of weights.entries()) {
          const move = i - half;
          const at = step === 'row' ? y * size + inside(x + move) : inside(y + move) * size + x;
          for (let c = 0; c < 3; c++) result[to + c]! += weight * from[at * 3 + c]!;
        }
      }
    return result;
  };
  return Uint8Array.from(along(along(rgb, 'column'), 'row'), Math.round);
}

/**
 * A disk out of focus: pixels whose middle is within the radius, made soft at the edge by a small Gaussian of 3 x 3
 * pixels (5 x 5 beyond a radius of 8), as `make_cifar_c.py` has it.
 * @param scale by which radius, σ and the Gaussian's half-width are enlarged
 */
export function defocusKernel(radius: number, alias: number, scale: number): Kernel {
  const r = radius * scale;
  const soft = Math.max(r > 8 ? 2 : 1, Math.round(scale));
  const half = Math.floor(r) + soft;
  const side = 2 * half + 1;
  const disk = new Float64Array(side * side);
  let inside = 0;
  for (let y = -half; y <= half; y++)
    for (let x = -half; x <= half; x++)
      if (x ** 2 + y ** 2 <= r ** 2) {
        disk[(y + half) * side + x + half] = 1;
        inside++;
      }
  const gaussian = gaussianWeights(alias * scale, soft);
  const weights = new Float64Array(side * side);
  for (const [at, value] of disk.entries()) {
    if (value === 0) continue;
    const [y, x] = [Math.floor(at / side), at % side];
    for (let dy = -soft; dy <= soft; dy++)
      for (let dx = -soft; dx <= soft; dx++)
        weights[(y + dy) * side + x + dx]! += (gaussian[dy + soft]! * gaussian[dx + soft]!) / inside; // prettier-ignore
  }
  return { half, weights };
}

/** @param kernel square; the picture is mirrored at its edge pixels (`dcb|abcd|cba`), as OpenCV's `filter2D` does */
export function convolve(rgb: Uint8Array, size: number, { half, weights }: Kernel): Uint8Array {
  const side = 2 * half + 1;
  const taps = [...weights.entries()]
    .filter(([, weight]) => weight > 0)
    .map(([at, weight]) => ({ dy: Math.floor(at / side) - half, dx: (at % side) - half, weight }));
  const result = new Uint8Array(rgb.length);
  const sums = new Float64Array(3);
  for (let y = 0; y < size; y++)
    for (let x = 0; x < size; x++) {
      sums.fill(0);
      for (const { dy, dx, weight } of taps) {
        const at = (mirrored(y + dy, size) * size + mirrored(x + dx, size)) * 3;
        for (let c = 0; c < 3; c++) sums[c]! += weight * rgb[at + c]!;
      }
      for (let c = 0; c < 3; c++) result[(y * size + x) * 3 + c] = Math.round(sums[c]!);
    }
  return result;
}

function mirrored(place: number, size: number): number {
  const period = 2 * (size - 1);
  const within = ((place % period) + period) % period;
  return within < size ? within : period - within;
}
