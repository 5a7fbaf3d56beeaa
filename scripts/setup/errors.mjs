/** A set-up failure that a user can act on. */
export class SetupError extends Error {
  /**
   * @param {string} reason what is missing or wrong, without a full stop
   * @param {string} fix what to do about it
   * @param {{ transient?: boolean, exitCode?: number }} [options] transient: may go away by itself, so it is retried soon
   */
  constructor(reason, fix, { transient = false, exitCode = 1 } = {}) {
    super(`${reason}. ${fix}`);
    this.name = 'SetupError';
    this.reason = reason;
    this.fix = fix;
    this.transient = transient;
    this.exitCode = exitCode;
  }
}

/**
 * @param {unknown} error
 * @returns {string}
 */
export function messageOf(error) {
  return error instanceof Error ? error.message : String(error);
}
