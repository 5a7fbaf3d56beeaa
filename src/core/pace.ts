import { setImmediate as nextTurn } from 'node:timers/promises';

/** How long work may hold up the event loop at a time; well below the 50 ms that a person notices. */
const SLICE_MS = 8;

/**
 * Spreads long work on this thread over many turns of the event loop, so that messages, timers and clicks get theirs
 * in between. One per piece of work.
 */
export class Pacer {
  private turnedMs = performance.now();

  /** Call it between small pieces of work: it waits for a turn when the time for this one is used up. */
  async pause(): Promise<void> {
    if (performance.now() - this.turnedMs < SLICE_MS) return;
    await nextTurn();
    this.turnedMs = performance.now();
  }
}
