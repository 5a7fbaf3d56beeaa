/** Errors across the wire: code, message, name, stack and details arrive as they were thrown. */
import { z } from 'zod';
import { errorCode, type ErrorCode } from '../contract/common.ts';
import type { WireError } from './wire.ts';

/** An error of the other end, or of the way there. */
export class RemoteError extends Error {
  readonly code: ErrorCode;
  readonly details: Readonly<Record<string, unknown>>;

  constructor(
    code: ErrorCode,
    message: string,
    more: {
      readonly details?: Readonly<Record<string, unknown>>;
      readonly name?: string;
      readonly stack?: string | null;
    } = {},
  ) {
    super(message);
    this.name = more.name ?? 'RemoteError';
    this.code = code;
    this.details = more.details ?? {};
    if (more.stack) this.stack = more.stack;
  }
}

/** The engine process ended, or the connection to it. */
export const engineGone = (): RemoteError =>
  new RemoteError(
    'engine-gone',
    'The engine has stopped. Start it again; a training run goes on from its last checkpoint.',
  );

export const cancelled = (): RemoteError => new RemoteError('cancelled', 'Cancelled.');

export function fromWire({ code, message, name, stack, details }: WireError): RemoteError {
  return new RemoteError(code, message, { name, stack, details });
}

/** Long enough for every message that was written for people. */
const LONGEST_MESSAGE = 4000;

/** Anything that was thrown. Codes that the contract does not know become `internal`. */
export function toWire(thrown: unknown): WireError {
  if (!(thrown instanceof Error))
    return { code: 'internal', message: short(String(thrown)), name: 'Error', stack: null, details: {} }; // prettier-ignore
  const { code, details } = thrown as { code?: unknown; details?: unknown };
  const known = errorCode.safeParse(code);
  return {
    code: known.success ? known.data : 'internal',
    message: short(thrown.message),
    name: thrown.name,
    stack: thrown.stack === undefined ? null : short(thrown.stack),
    details: { ...carried(details), ...(known.success ? {} : unknownCode(code)) },
  };
}

const short = (text: string): string =>
  text.length > LONGEST_MESSAGE ? `${text.slice(0, LONGEST_MESSAGE)}…` : text;

/** System errors (`ENOENT`) keep theirs for the log. */
const unknownCode = (code: unknown): Record<string, unknown> =>
  typeof code === 'string' ? { systemCode: code } : {};

/** Details may hold anything; what is not plain data stays behind. */
function carried(details: unknown): Record<string, unknown> {
  if (typeof details !== 'object' || details === null) return {};
  try {
    return z.record(z.string(), z.unknown()).parse(JSON.parse(JSON.stringify(details)));
  } catch {
    return {};
  }
}

/** One sentence about why a value does not fit a schema. */
export function describeIssues(error: z.core.$ZodError): string {
  const told = error.issues.slice(0, 3).map(({ path, message }) => {
    const at = path.map(String).join('.');
    return (at === '' ? message : `${at}: ${message}`).slice(0, 200);
  });
  const more = error.issues.length - told.length;
  return told.join('; ') + (more > 0 ? `; and ${more} more` : '');
}
