/** What one image may cost. */

/** Pixels of the largest image that is decoded. */
export const MAX_PIXELS = 100_000_000;
/** Bytes of the largest file that is read. */
export const MAX_FILE_BYTES = 512 * 1024 * 1024;
/** The decoder gives up on an image after this long. */
export const DECODE_TIMEOUT_S = 10;
