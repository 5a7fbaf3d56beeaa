/**
 * Grad-CAM of the energy: which places of an image its −E comes from (Selvaraju et al., ICCV 2017, eq. 1 and 2, with
 * −E in the place of a class score).
 *
 *   α_c = mean over space of ∂(−E) / ∂A_c,   map = Σ_c α_c A_c,   heat = relu(map)
 *
 * with A the last feature map. All networks here average A over space and multiply by one matrix, so that
 * ∂(−E) / ∂A_c(x, y) = Σ_k p_k w_ck / (H · W) at every place: no backward pass is needed. It also follows that the map
 * summed over its places is −E without its biases and its entropy, see `energy-parts.ts`.
 */
import { channelWeight } from './energy-parts.ts';
import type { Head } from './head.ts';

/**
 * The signed map of one image; above 0 where the image looks in-distribution to the network, below where it does not.
 * @param maps `[.., side, side, units]`, read from image `index` on
 * @param shares softmax of the image's logits, `[classes]`
 * @returns `[side, side]`
 */
export function energyMap(
  maps: Float32Array,
  index: number,
  side: number,
  shares: Float64Array,
  { weight, units }: Head,
): Float32Array {
  const places = side * side;
  const alpha = Float64Array.from({ length: units }, (_, c) => channelWeight(weight, shares, c) / places); // prettier-ignore
  const map = new Float32Array(places);
  for (let place = 0, at = index * places * units; place < places; place++) {
    let sum = 0;
    for (let c = 0; c < units; c++) sum += alpha[c]! * maps[at++]!;
    map[place] = sum;
  }
  return map;
}

/** The part that Grad-CAM shows: what speaks for in-distribution. */
export const heatOf = (map: Float32Array): Float32Array => map.map((value) => Math.max(0, value));

/**
 * Bilinear resampling of a square map, pixel centres at halves and edges held, as OpenCV and PyTorch
 * (`align_corners=False`) do.
 * @param map `[side, side]`
 * @returns `[size, size]`
 */
export function upsample(map: Float32Array, side: number, size: number): Float32Array {
  const steps = Array.from({ length: size }, (_, i) => {
    const at = Math.min(Math.max(((i + 0.5) * side) / size - 0.5, 0), side - 1);
    const low = Math.floor(at);
    return { low, high: Math.min(low + 1, side - 1), share: at - low };
  });
  const result = new Float32Array(size * size);
  for (const [y, row] of steps.entries())
    for (const [x, column] of steps.entries()) {
      const across = (line: number): number =>
        map[line * side + column.low]! * (1 - column.share) +
        map[line * side + column.high]! * column.share;
      result[y * size + x] = across(row.low) * (1 - row.share) + across(row.high) * row.share;
    }
  return result;
}
