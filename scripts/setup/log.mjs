/** What set-up tells the user: one line per step, and progress with percent and time left. Goes to stderr, so that the output of a command stays clean. */

const isTty = () => process.stderr.isTTY === true;

/** @param {string} text */
export function say(text) {
  process.stderr.write(`${text}\n`);
}

/**
 * @param {number} seconds
 * @returns {string} e.g. `42 s`, `3 min 05 s`
 */
export function formatDuration(seconds) {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return `${whole} s`;
  return `${Math.floor(whole / 60)} min ${String(whole % 60).padStart(2, '0')} s`;
}

/**
 * @param {number} bytes
 * @returns {string} in powers of 1000, as registries count
 */
export function formatBytes(bytes) {
  if (bytes < 1e6) return `${Math.ceil(bytes / 1e3)} kB`;
  return bytes < 1e9 ? `${Math.round(bytes / 1e6)} MB` : `${(bytes / 1e9).toFixed(2)} GB`;
}

/**
 * One line of progress.
 * @param {{ label: string, done: number, total: number | null, elapsedS: number, unit: 'bytes' | 'packages' }} state
 * @returns {string} e.g. `TensorFlow 2.21.0: 41%  112 of 274 MB  35 MB/s  5 s left`
 */
export function formatProgress({ label, done, total, elapsedS, unit }) {
  const amount = (/** @type {number} */ n) => (unit === 'bytes' ? formatBytes(n) : `${n} ${unit}`);
  const rate = elapsedS > 0.5 && done > 0 ? done / elapsedS : null;
  const parts = [];
  if (total) parts.push(`${Math.min(100, Math.floor((100 * done) / total))}%`);
  const soFar = unit === 'bytes' ? formatBytes(done) : String(done);
  parts.push(total ? `${soFar} of ${amount(total)}` : amount(done));
  if (rate && unit === 'bytes') parts.push(`${formatBytes(rate)}/s`);
  if (rate && total && total > done) parts.push(`${formatDuration((total - done) / rate)} left`);
  return `${label}: ${parts.join('  ')}`;
}

/**
 * Shows how far a long step is: redrawn in place on a terminal, else a plain line at most every 10 seconds.
 * @param {string} label
 * @param {{ total: number | null, unit: 'bytes' | 'packages' }} options
 */
export function startProgress(label, { total, unit }) {
  const started = performance.now();
  const tty = isTty();
  let shownMs = tty ? -Infinity : started;
  return {
    /** @param {number} done */
    update(done) {
      const now = performance.now();
      if (now - shownMs < (tty ? 100 : 10_000)) return;
      shownMs = now;
      const elapsedS = (now - started) / 1000;
      const line = formatProgress({ label, done, total, elapsedS, unit });
      if (tty)
        process.stderr.write(`\r\x1b[2K${line.slice(0, (process.stderr.columns ?? 80) - 1)}`);
      else say(line);
    },
    /** Clears the line; the caller says how it ended. @returns {number} seconds since the start */
    finish() {
      if (tty) process.stderr.write('\r\x1b[2K');
      return (performance.now() - started) / 1000;
    },
  };
}
