/**
 * Errors a user can act on. Every message names the thing, what is wrong with it and what to do next.
 */

/** What went wrong, as a stable word that the command line maps to an exit code and the app to a screen. */
export type ErrorCode =
  | 'usage' // an option or a combination of options makes no sense
  | 'not-found' // a path, dataset, model or run does not exist
  | 'invalid-data' // a folder or file is there but cannot be used
  | 'invalid-model' // weights or a checkpoint are damaged or do not fit the network
  | 'unreadable' // the operating system refused to read
  | 'no-space' // the disk is full
  | 'runtime-missing' // the requested device or native library is not available
  | 'diverged' // NaN or Inf in training
  | 'locked' // another process holds the workspace
  | 'cancelled'
  | 'internal';

/** An error with a code; `details` are facts for logs and JSON output, never needed to understand the message. */
export class AppError extends Error {
  override readonly name = 'AppError';
  readonly code: ErrorCode;
  readonly details: Readonly<Record<string, unknown>>;

  constructor(
    code: ErrorCode,
    message: string,
    options: {
      readonly details?: Readonly<Record<string, unknown>>;
      readonly cause?: unknown;
    } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.details = options.details ?? {};
  }
}

/** The message of anything that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Ends a `switch` over a union: compiles only while every case is handled. */
export function assertNever(value: never): never {
  throw new AppError('internal', `Unhandled case: ${JSON.stringify(value)}`);
}

/** Throws `AppError('cancelled')` when the signal has fired. Looked at once per batch or file. */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new AppError('cancelled', 'Cancelled.');
}
