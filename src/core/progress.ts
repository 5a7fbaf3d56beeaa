/** One message about how far a long task has come. `value` is weighted over all phases of the task, 0 to 1. */
export interface Progress {
  /** Short name of what is being done now, e.g. `Scan fashion`, `Pretrain`, `Score digits`. */
  readonly phase: string;
  /** Overall completion of the task that reports, 0 to 1. */
  readonly value: number;
  /** Items finished in this phase. */
  readonly done: number;
  /** Items in this phase, or null while unknown. */
  readonly total: number | null;
  /** What an item is. */
  readonly unit: 'images' | 'files' | 'steps' | 'bytes' | 'pages';
  /** Items per second in this phase, or null before it can be told. */
  readonly ratePerS: number | null;
  /** Estimated seconds to the end of this phase, or null before it can be told. */
  readonly remainingS: number | null;
  /** A few words more, e.g. `epoch 3/10  loss 0.412  accuracy 85.3%`. */
  readonly note?: string;
}

/** Receives progress. Must not throw. */
export type ProgressListener = (progress: Progress) => void;

/**
 * Reports progress of one phase at most about ten times a second, and always the last item.
 * @param from overall value at the start of the phase
 * @param to overall value at its end
 */
export class PhaseReporter {
  private readonly startedMs = performance.now();
  private lastMs = -Infinity;
  private readonly options: {
    readonly phase: string;
    readonly total: number | null;
    readonly unit: Progress['unit'];
    readonly from: number;
    readonly to: number;
    readonly listener: ProgressListener | undefined;
  };

  constructor(options: PhaseReporter['options']) {
    this.options = options;
  }

  /** @param done items finished so far */
  report(done: number, note?: string): void {
    const { phase, total, unit, from, to, listener } = this.options;
    if (!listener) return;
    const nowMs = performance.now();
    const last = total !== null && done >= total;
    if (!last && nowMs - this.lastMs < 100) return;
    this.lastMs = nowMs;
    const elapsedS = (nowMs - this.startedMs) / 1000;
    const ratePerS = elapsedS > 0.2 && done > 0 ? done / elapsedS : null;
    const share = total ? Math.min(1, done / total) : 0;
    listener({
      phase,
      value: from + (to - from) * share,
      done,
      total,
      unit,
      ratePerS,
      remainingS: ratePerS !== null && total !== null ? (total - done) / ratePerS : null,
      ...(note === undefined ? {} : { note }),
    });
  }
}

/** Fits the progress of a part of a task into the whole: its 0-1 becomes `from`-`to`. */
export const within = (
  listener: ProgressListener | undefined,
  from: number,
  to: number,
): ProgressListener | undefined =>
  listener
    ? (progress) => listener({ ...progress, value: from + (to - from) * progress.value })
    : undefined;
