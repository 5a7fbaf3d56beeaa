/** Exit codes of every command. Documented in the README and in `straylight --help`. */
import { AppError, type ErrorCode } from '../core/errors.ts';

export const EXIT_CODES: Readonly<Record<ErrorCode, number>> = {
  internal: 1,
  usage: 2,
  'not-found': 3,
  'invalid-data': 4,
  'invalid-model': 5,
  unreadable: 6,
  'no-space': 7,
  'runtime-missing': 8,
  diverged: 9,
  locked: 10,
  // 128 + SIGINT, as shells report an interrupted command.
  cancelled: 130,
};

export const EXIT_CODE_HELP = `
Exit codes
  0    done
  1    an error inside Straylight
  2    the command or an option makes no sense
  3    a folder, dataset, model or run does not exist
  4    the images cannot be used as they are
  5    a model or checkpoint is damaged or does not fit
  6    the operating system refused to read
  7    the disk is full
  8    the requested device is not available
  9    training diverged (NaN or Inf)
  10   another process holds the workspace
  130  cancelled with Ctrl-C`;

export const exitCodeOf = (error: unknown): number =>
  error instanceof AppError ? EXIT_CODES[error.code] : EXIT_CODES.internal;
