/** One at a time, in the order of asking: 200 folders dropped at once are scanned one after the other. */
import { AppError } from '../core/errors.ts';

export class Turns {
  private last: Promise<unknown> = Promise.resolve();

  /** @throws AppError `cancelled` when the signal fires before its turn */
  async take<Result>(signal: AbortSignal, work: () => Promise<Result>): Promise<Result> {
    const before = this.last;
    let finished = (): void => undefined;
    this.last = new Promise<void>((resolve) => (finished = resolve));
    try {
      await before;
      if (signal.aborted) throw new AppError('cancelled', 'Cancelled.');
      return await work();
    } finally {
      finished();
    }
  }
}
