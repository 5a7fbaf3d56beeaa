/**
 * How numbers are written everywhere: percentages with one decimal, energies with two, differences with a
 * sign. A number that is not finite is written as a dash, never as `NaN`.
 */
import type { Estimate } from './audit.ts';

/** Written where there is no number. */
export const missing = '–';
const minus = '−';

function fixed(value: number, decimals: number): string {
  if (!Number.isFinite(value)) return missing;
  const text = Math.abs(value).toFixed(decimals);
  const negative = value < 0 && Number(text) !== 0;
  return (negative ? minus : '') + text;
}

const signed = (value: number, text: string): string =>
  Number.isFinite(value) && value > 0 && /[1-9]/.test(text) ? `+${text}` : text;

/** `0.2734` is `27.3%`. */
export const percent = (rate: number): string =>
  Number.isFinite(rate) ? `${fixed(rate * 100, 1)}%` : missing;

/** An energy or a threshold on it: `−7.31`. */
export const energy = (value: number): string => fixed(value, 2);

/** A plain number with a fixed number of decimals. */
export const decimal = (value: number, decimals: number): string => fixed(value, decimals);

/** A difference of two rates in percentage points, with its sign and no unit: `−6.4`. */
export const signedPoints = (rate: number): string => signed(rate, fixed(rate * 100, 1));

/** 95% interval of a rate: `24.1 to 30.2`, in percent without the sign. */
export const rateInterval = ({ low, high }: Estimate): string =>
  `${fixed(low * 100, 1)} to ${fixed(high * 100, 1)}`;

/** 95% interval of a difference of rates: `−8.1 to −4.7`, in points. */
export const pointsInterval = ({ low, high }: Estimate): string =>
  `${signedPoints(low)} to ${signedPoints(high)}`;

/** `5,000`. */
export const count = (n: number): string =>
  Number.isFinite(n) ? n.toLocaleString('en-US', { maximumFractionDigits: 0 }) : missing;

/** `1 image`, `5,000 images`, `3 classes`. */
export const counted = (n: number, word: string, plural = `${word}s`): string =>
  `${count(n)} ${n === 1 ? word : plural}`;

/** A hyperparameter as it was typed: `0.0005`, `1e-6`. */
export const setting = (value: number): string =>
  Number.isFinite(value) ? String(value).replace('-', minus) : missing;

/** Decimal units: `12.3 MB`. */
export function fileSize(bytes: number): string {
  if (!Number.isFinite(bytes)) return missing;
  if (bytes < 1000) return `${bytes} B`;
  const units = ['kB', 'MB', 'GB', 'TB'];
  let value = bytes / 1000;
  let unit = 0;
  while (value >= 999.95 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${value.toFixed(1)} ${units[unit]!}`;
}

/** `8.4 s`, `4 min 12 s`, `3 h 05 min`. */
export function duration(seconds: number): string {
  if (!Number.isFinite(seconds)) return missing;
  if (seconds < 59.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  const padded = (value: number): string => String(value).padStart(2, '0');
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${padded(whole % 60)} s`;
  return `${Math.floor(whole / 3600)} h ${padded(Math.floor((whole % 3600) / 60))} min`;
}

/** Date and time with the zone: `2026-03-01 14:05 UTC`. Text that is no date is returned as it is. */
export function dateTime(iso: string): string {
  const date = new Date(iso);
  return Number.isNaN(date.getTime())
    ? iso
    : `${date.toISOString().slice(0, 10)} ${date.toISOString().slice(11, 16)} UTC`;
}

/** The first twelve characters of a hash: enough to find it, `report.json` has it all. */
export const shortHash = (hash: string): string => (hash === '' ? missing : hash.slice(0, 12));

/** Whether a difference is good news, allowing for its interval. */
export type Direction = 'better' | 'worse' | 'unclear';

/** Reads a difference whose interval excludes 0 as better or worse. */
export function directionOf({ low, high }: Estimate, wanted: 'lower' | 'higher'): Direction {
  if (high < 0) return wanted === 'lower' ? 'better' : 'worse';
  if (low > 0) return wanted === 'higher' ? 'better' : 'worse';
  return 'unclear';
}
