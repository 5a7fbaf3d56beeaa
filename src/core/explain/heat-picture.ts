/** Maps as bytes and as colours over the picture. */

/**
 * A heat map as bytes, relative to its own hottest place: 255 there, 0 where nothing speaks for in-distribution.
 * Maps of two images cannot be compared by colour; their sums can, see `energy-parts.ts`.
 * @param heat 0 or more
 */
export function heatBytes(heat: Float32Array): Uint8Array<ArrayBuffer> {
  const peak = heat.reduce((most, value) => Math.max(most, value), 0);
  return Uint8Array.from(heat, (value) => (peak > 0 ? Math.round((255 * value) / peak) : 0));
}

/** A signed map as bytes, relative to its largest absolute value: 128 for 0, 1 and 255 for the ends. */
export function signedBytes(signed: Float32Array): Uint8Array<ArrayBuffer> {
  const peak = signed.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  return Uint8Array.from(signed, (value) => 128 + (peak > 0 ? Math.round((127 * value) / peak) : 0)); // prettier-ignore
}

/**
 * Viridis (S. van der Walt, N. Smith, matplotlib, CC0) at 0, 0.1 ... 1: lightness rises evenly, so that it can be read
 * without telling colours apart and in grey print.
 */
export const HEAT_COLOURS = [
  '#440154',
  '#482475',
  '#414487',
  '#355f8d',
  '#2a788e',
  '#21918c',
  '#22a884',
  '#44bf70',
  '#7ad151',
  '#bddf26',
  '#fde725',
] as const;

const stops = HEAT_COLOURS.map((hex) => [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16))); // prettier-ignore

/** Red, green and blue of each byte of a heat map; `[256, 3]`. */
const table = Uint8Array.from({ length: 256 * 3 }, (_, at) => {
  const place = (Math.floor(at / 3) / 255) * (stops.length - 1);
  const low = Math.min(Math.floor(place), stops.length - 2);
  const channel = at % 3;
  const from = stops[low]![channel]!;
  return Math.round(from + (stops[low + 1]![channel]! - from) * (place - low));
});

/** Strong enough to be read, weak enough for the picture to be seen. */
const OPACITY = 0.6;

/**
 * A picture in grey with its heat map over it.
 * @param rgb `[size, size, 3]`
 * @param heat bytes of {@link heatBytes}, `[size, size]`
 * @returns `[size, size, 3]`
 */
export function heatOver(rgb: Uint8Array, heat: Uint8Array, opacity = OPACITY): Uint8Array {
  const result = new Uint8Array(rgb.length);
  for (const [place, value] of heat.entries()) {
    const at = place * 3;
    // Rec. 601 luma, as greyscale conversions do.
    const grey = 0.299 * rgb[at]! + 0.587 * rgb[at + 1]! + 0.114 * rgb[at + 2]!;
    for (let c = 0; c < 3; c++)
      result[at + c] = Math.round(grey * (1 - opacity) + table[value * 3 + c]! * opacity);
  }
  return result;
}
