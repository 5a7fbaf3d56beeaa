/** A two-way pipe for messages. What it carries and who is at its ends is not its business. */
export interface Transport {
  /**
   * Hands a message over; order is kept. A transport that has closed drops it.
   * @throws when the message holds something that cannot be carried, such as a function
   */
  send(message: unknown): void;
  /** One listener; messages that came before it was set are delivered to it first. */
  onMessage(listener: (message: unknown) => void): void;
  /** Called once, whichever end closed; at once when it is closed already. */
  onClose(listener: () => void): void;
  close(): void;
}

/** The listeners of a transport: keeps messages until somebody listens, tells of the close once. */
export class Listeners {
  closed = false;
  private listener: ((message: unknown) => void) | null = null;
  private waiting: unknown[] = [];
  private readonly closeListeners: (() => void)[] = [];

  deliver(message: unknown): void {
    if (this.closed) return;
    if (this.listener) this.listener(message);
    else this.waiting.push(message);
  }

  onMessage(listener: (message: unknown) => void): void {
    this.listener = listener;
    const waiting = this.waiting;
    this.waiting = [];
    for (const message of waiting) listener(message);
  }

  onClose(listener: () => void): void {
    if (this.closed) listener();
    else this.closeListeners.push(listener);
  }

  close(): void {
    if (this.closed) return;
    this.closed = true;
    for (const listener of this.closeListeners) listener();
  }
}

/** Joins two transports end to end: what one receives the other sends, and they close together. */
export function relay(one: Transport, other: Transport): void {
  one.onMessage((message) => other.send(message));
  other.onMessage((message) => one.send(message));
  one.onClose(() => other.close());
  other.onClose(() => one.close());
}
