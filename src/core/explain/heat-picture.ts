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

/** Red, green and blue at a share of the scale. @param t 0 to 1 */
export function heatColour(t: number): readonly [number, number, number] {
  const place = Math.min(1, Math.max(0, t)) * (stops.length - 1);
  const low = Math.min(Math.floor(place), stops.length - 2);
  const mix = (channel: 0 | 1 | 2): number => {
    const from = stops[low]![channel]!;
    return from + (stops[low + 1]![channel]! - from) * (place - low);
  };
  return [mix(0), mix(1), mix(2)];
}
