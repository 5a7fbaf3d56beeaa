const channels = (hex: string): readonly number[] =>
  [1, 3, 5].map((start) => Number.parseInt(hex.slice(start, start + 2), 16));

/**
 * The colour at share `t` of the straight way between two sRGB colours.
 * @param from `#rrggbb`
 * @param t 0 to 1
 */
export function interpolateRgb(from: string, to: string, t: number): string {
  const end = channels(to);
  const mixed = channels(from).map((value, i) => Math.round(value + (end[i]! - value) * t));
  return `#${mixed.map((value) => value.toString(16).padStart(2, '0')).join('')}`;
}
