/**
 * Corruptions of Hendrycks & Dietterich (ICLR 2019, arXiv:1903.12261) at their five severities, with the constants of
 * CIFAR-10-C (`make_cifar_c.py`). They act on the square that the network takes, as CIFAR-10-C's 32 pixels are. On
 * larger squares blurs grow with the side (σ and radius × side / 32), so that they hide the same share of a picture;
 * noise, brightness and JPEG have no length and stay as they are. Values are rounded to the nearest grey level, where
 * theirs are cut off, so that a corruption of no strength changes nothing.
 */
import type { Random } from '../random.ts';
import { addGaussianNoise, brighten, compressJpeg } from './pixel-changes.ts';
import { convolve, defocusKernel, gaussianBlur } from './blur.ts';

export const CORRUPTIONS = ['gaussian-noise', 'gaussian-blur', 'defocus-blur', 'brightness', 'jpeg'] as const; // prettier-ignore
export type Corruption = (typeof CORRUPTIONS)[number];

export const SEVERITIES = [1, 2, 3, 4, 5] as const;
export type Severity = (typeof SEVERITIES)[number];

/** What is cited wherever results are shown. */
export const CORRUPTION_SOURCE =
  'Hendrycks & Dietterich, ICLR 2019, with the constants of CIFAR-10-C; blurs scaled by side / 32 on larger inputs';

type Levels<T> = readonly [T, T, T, T, T];

/** By severity, 1 first. */
export const STRENGTHS = {
  /** Standard deviation, of pixel values from 0 to 1. */
  'gaussian-noise': [0.04, 0.06, 0.08, 0.09, 0.1],
  /** σ in pixels of 32. */
  'gaussian-blur': [0.4, 0.6, 0.7, 0.8, 1],
  /** Radius of the disk and σ of its soft edge, in pixels of 32. */
  'defocus-blur': [
    [0.3, 0.4],
    [0.4, 0.5],
    [0.5, 0.6],
    [1, 0.2],
    [1.5, 0.1],
  ],
  /** Added to the value of HSV, 0 to 1. */
  brightness: [0.05, 0.1, 0.15, 0.2, 0.3],
  /** Quality as libjpeg counts it. */
  jpeg: [80, 65, 58, 50, 40],
} as const satisfies Record<Corruption, Levels<number | readonly [number, number]>>;

/**
 * @param rgb `[size, size, 3]`; not changed
 * @param random of this image: the same numbers at every severity, so that severities differ in strength only
 * @returns `[size, size, 3]`
 */
export async function corrupt(
  rgb: Uint8Array,
  size: number,
  corruption: Corruption,
  severity: Severity,
  random: Random,
): Promise<Uint8Array> {
  const level = severity - 1;
  const scale = Math.max(1, size / 32);
  switch (corruption) {
    case 'gaussian-noise':
      return addGaussianNoise(rgb, STRENGTHS[corruption][level]!, random);
    case 'gaussian-blur':
      return gaussianBlur(rgb, size, STRENGTHS[corruption][level]! * scale);
    case 'defocus-blur': {
      const [radius, alias] = STRENGTHS[corruption][level]!;
      return convolve(rgb, size, defocusKernel(radius, alias, scale));
    }
    case 'brightness':
      return brighten(rgb, STRENGTHS[corruption][level]!);
    case 'jpeg':
      return compressJpeg(rgb, size, STRENGTHS[corruption][level]!);
  }
}
