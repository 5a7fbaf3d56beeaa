import { errorCode, type Failure } from '../contract/common.ts';
import { messageOf } from '../core/errors.ts';

/** Anything that was thrown, as it is stored and shown. */
export function failureOf(error: unknown): Failure {
  const { code } = (error instanceof Error ? error : {}) as { code?: unknown };
  const known = errorCode.safeParse(code);
  return { code: known.success ? known.data : 'internal', message: messageOf(error) };
}
