/** What a person or a program sees of a running command. */
import { AppError, messageOf } from '../core/errors.ts';
import type { Progress } from '../core/progress.ts';

/** Plain words on a terminal, JSON lines for machines. */
export interface Output {
  /** A line of text for people. */
  line(text?: string): void;
  progress(progress: Progress): void;
  /** The command's result; in JSON mode the only line with `"type":"result"`. */
  result(value: unknown): void;
  error(error: unknown, hint: string | null): void;
  /** Ends a progress line that is still open. */
  close(): void;
}

const duration = (seconds: number): string =>
  seconds < 90 ? `${Math.ceil(seconds)} s` : `${Math.ceil(seconds / 60)} min`;

/** e.g. `Pretrain  34%  2,112/6,000 images  812 images/s  5 s left  epoch 2/12, loss 0.61`. */
export function progressText({
  phase,
  value,
  done,
  total,
  unit,
  ratePerS,
  remainingS,
  note,
}: Progress): string {
  const count =
    total === null
      ? done.toLocaleString('en-US')
      : `${done.toLocaleString('en-US')}/${total.toLocaleString('en-US')}`;
  return [
    phase,
    `${Math.floor(100 * value)}%`,
    `${count} ${unit}`,
    ...(ratePerS === null ? [] : [`${Math.round(ratePerS).toLocaleString('en-US')} ${unit}/s`]),
    ...(remainingS === null || done === total ? [] : [`${duration(remainingS)} left`]),
    ...(note === undefined ? [] : [note]),
  ].join('  ');
}

/** How often a line of progress is printed where lines cannot be overwritten. */
const PLAIN_INTERVAL_MS = 10_000;

/** For people: results and text on stdout, progress and errors on stderr. */
export class HumanOutput implements Output {
  private readonly interactive: boolean;
  private open = false;
  private lastPhase = '';
  private lastPlainMs = -Infinity;

  constructor(interactive = process.stderr.isTTY) {
    this.interactive = interactive;
  }

  line(text = ''): void {
    this.close();
    process.stdout.write(`${text}\n`);
  }

  progress(progress: Progress): void {
    const finished = progress.total !== null && progress.done >= progress.total;
    if (!this.interactive) {
      const nowMs = performance.now();
      const due = nowMs - this.lastPlainMs > PLAIN_INTERVAL_MS || progress.phase !== this.lastPhase;
      if (!due && !finished) return;
      this.lastPlainMs = nowMs;
      this.lastPhase = progress.phase;
      process.stderr.write(`${progressText(progress)}\n`);
      return;
    }
    if (this.open && progress.phase !== this.lastPhase) process.stderr.write('\n');
    this.lastPhase = progress.phase;
    const width = Math.max(20, (process.stderr.columns || 80) - 1);
    const filled = Math.round(progress.value * 20);
    const bar = `[${'='.repeat(filled)}${' '.repeat(20 - filled)}] `;
    process.stderr.write(`\r\x1b[2K${(bar + progressText(progress)).slice(0, width)}`);
    this.open = true;
  }

  result(): void {
    this.close();
  }

  error(error: unknown, hint: string | null): void {
    this.close();
    process.stderr.write(`straylight: ${messageOf(error)}\n`);
    if (hint) process.stderr.write(`${hint}\n`);
    if (!(error instanceof AppError) && error instanceof Error && error.stack)
      process.stderr.write(`${error.stack}\n`);
  }

  close(): void {
    if (this.open) process.stderr.write('\n');
    this.open = false;
  }
}

/** For machines: one JSON object a line on stdout, and nothing else. */
export class JsonOutput implements Output {
  line(): void {
    // Text for people has no place among JSON lines; the result holds all of it.
  }

  progress(progress: Progress): void {
    this.write({ type: 'progress', ...progress });
  }

  result(value: unknown): void {
    this.write({ type: 'result', value });
  }

  error(error: unknown, hint: string | null): void {
    this.write({
      type: 'error',
      code: error instanceof AppError ? error.code : 'internal',
      message: messageOf(error),
      ...(hint ? { hint } : {}),
      ...(error instanceof AppError ? { details: error.details } : {}),
    });
  }

  close(): void {
    // Every line is complete.
  }

  private write(value: unknown): void {
    process.stdout.write(`${JSON.stringify(value)}\n`);
  }
}
