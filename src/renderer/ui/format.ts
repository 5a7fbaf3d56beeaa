/** Numbers as the window shows them: one way for each kind of quantity. */

/** 5000 -> 5,000 */
export const formatCount = (value: number): string => Math.round(value).toLocaleString('en');

/** 0.9534 -> 95.3% */
export function formatPercent(share: number, decimals = 1): string {
  return Number.isFinite(share) ? `${(share * 100).toFixed(decimals)}%` : '–';
}

/** Energies and other scores: two decimals, and a true minus. */
export function formatScore(value: number | null): string {
  return value === null || !Number.isFinite(value) ? '–' : minus(value.toFixed(2));
}

/** A score of a detector whose scale is its own: four digits, and two decimals at most. */
export function formatDigits(value: number | null): string {
  if (value === null || !Number.isFinite(value)) return '–';
  const size = Math.abs(value);
  if (size >= 1000) return minus(Math.round(value).toLocaleString('en-US'));
  return minus(size >= 1 || size === 0 ? value.toFixed(2) : value.toPrecision(4));
}

/** Difference of two shares in percentage points, always with its sign: +3.2 */
export function formatPoints(difference: number, decimals = 1): string {
  return signed(difference * 100, decimals);
}

/** Any difference, always with its sign. */
export function signed(value: number, decimals = 2): string {
  if (!Number.isFinite(value)) return '–';
  const text = Math.abs(value).toFixed(decimals);
  if (Number(text) === 0) return `±${text}`;
  return `${value > 0 ? '+' : '−'}${text}`;
}

/** 13 B, 4.5 MB, 1.2 GB (powers of 1000, as disks are sold and file managers tell). */
export function formatBytes(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${value >= 100 || unit === 0 ? value.toFixed(0) : value.toFixed(1)} ${units[unit]!}`;
}

/** 8 s, 4 min, 1 h 20 min: as exact as an estimate deserves. */
export function formatDuration(seconds: number): string {
  if (!Number.isFinite(seconds)) return '–';
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return `${whole} s`;
  const minutes = Math.round(whole / 60);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  const rest = minutes % 60;
  if (hours >= 48) return `${Math.floor(hours / 24)} d ${hours % 24} h`;
  return rest === 0 ? `${hours} h` : `${hours} h ${rest} min`;
}

/** 412 images/s, 3.4 steps/s */
export function formatRate(perSecond: number, unit: string): string {
  const value = perSecond >= 100 ? formatCount(perSecond) : perSecond.toFixed(1);
  return `${value} ${unit}/s`;
}

/** 1,480,000 -> 1.48 M; parameters and multiply-adds */
export function formatCompact(value: number): string {
  const steps: readonly (readonly [number, string])[] = [
    [1e9, 'G'],
    [1e6, 'M'],
    [1e3, 'k'],
  ];
  for (const [size, unit] of steps)
    if (value >= size) return `${(value / size).toPrecision(3)} ${unit}`;
  return String(Math.round(value));
}

/** Local date and time to the minute: 2026-08-14 16:03 */
export function formatTime(iso: string): string {
  const date = new Date(iso);
  if (Number.isNaN(date.getTime())) return iso;
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} ${two(date.getHours())}:${two(date.getMinutes())}`;
}

/** First 8 digits of a hash. */
export const shortHash = (hash: string): string => hash.slice(0, 8);

const minus = (text: string): string => text.replace('-', '−');
