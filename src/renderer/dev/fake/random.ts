/** Numbers that look random and are the same every time. */

/** A number of 0 to 1 for a seed and a place; the same for the same. */
export function uniform(seed: number, index: number): number {
  let hash = (Math.imul(index ^ 0x9e3779b9, 0x85ebca6b) ^ Math.imul(seed + 1, 0xc2b2ae35)) >>> 0;
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  hash = Math.imul(hash ^ (hash >>> 12), 0x297a2d39);
  return ((hash ^ (hash >>> 15)) >>> 0) / 2 ** 32;
}

/** Standard normal, by Box and Muller. */
export function normal(seed: number, index: number): number {
  const radius = Math.sqrt(-2 * Math.log(1 - uniform(seed, index)));
  return radius * Math.cos(2 * Math.PI * uniform(seed ^ 0x5bd1e995, index));
}

export function seedOf(text: string): number {
  let seed = 7;
  for (let at = 0; at < text.length; at++) seed = Math.imul(seed, 31) + text.charCodeAt(at);
  return seed >>> 0;
}
