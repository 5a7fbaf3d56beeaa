/** Lets about ten values a second through and always the last one. */
export class Throttle<Value> {
  private readonly deliver: (value: Value) => void;
  private readonly everyMs: number;
  private lastMs = -Infinity;
  private waiting: { readonly value: Value } | null = null;
  private timer: NodeJS.Timeout | null = null;

  constructor(deliver: (value: Value) => void, everyMs = 100) {
    this.deliver = deliver;
    this.everyMs = everyMs;
  }

  push(value: Value): void {
    const sinceMs = performance.now() - this.lastMs;
    this.waiting = { value };
    if (sinceMs >= this.everyMs) this.flush();
    else this.timer ??= setTimeout(() => this.flush(), this.everyMs - sinceMs);
  }

  /** Delivers what waits, now. */
  flush(): void {
    const { waiting } = this;
    this.drop();
    if (!waiting) return;
    this.lastMs = performance.now();
    this.deliver(waiting.value);
  }

  /** Forgets what waits. */
  drop(): void {
    if (this.timer) clearTimeout(this.timer);
    this.timer = null;
    this.waiting = null;
  }
}
