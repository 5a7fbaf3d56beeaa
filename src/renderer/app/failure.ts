/** Anything that was thrown, as what an ErrorPanel or a toast shows. */
import { errorCode, type Failure } from '../../contract/common.ts';

export function toFailure(thrown: unknown): Failure {
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  const code = errorCode.safeParse((thrown as { code?: unknown } | null)?.code);
  return { code: code.success ? code.data : 'internal', message };
}

/** Cancelling is what a person asked for, not something to report. */
export const isCancelled = (failure: Failure | null): boolean => failure?.code === 'cancelled';
