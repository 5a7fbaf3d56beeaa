/** Addresses of thumbnails: `<dataset>/<ordinal>?size=<pixels>`, behind `thumb://` in the window and `/thumb/` in a browser. */

export interface ThumbnailRequest {
  readonly datasetId: string;
  readonly ordinal: number;
  readonly size: number;
}

const SMALLEST = 16;
const LARGEST = 1024;
const DEFAULT_SIZE = 256;

/**
 * The only spelling there is. Nothing is decoded or normalised, so `..`, `%2e`, a backslash or NUL have no meaning here:
 * they are no match. The ids go to the engine, which looks them up; they are never part of a path.
 */
const ADDRESS =
  /^(?:thumb:\/\/|\/thumb\/)([A-Za-z0-9][A-Za-z0-9._-]{0,63})\/(0|[1-9]\d{0,8})(?:\?size=([1-9]\d{1,3}))?$/;

/** @returns null when it is not the address of a thumbnail */
export function parseThumbnailAddress(address: string): ThumbnailRequest | null {
  const match = ADDRESS.exec(address);
  if (!match) return null;
  const size = match[3] === undefined ? DEFAULT_SIZE : Number(match[3]);
  if (size < SMALLEST || size > LARGEST) return null;
  return { datasetId: match[1]!, ordinal: Number(match[2]), size };
}
