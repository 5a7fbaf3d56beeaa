/** RGB8 pixels of many images of one size: in memory, or in a file when they are too many for it. */
import { open } from 'node:fs/promises';

/** Pixels in memory. */
export interface MemoryBlock {
  readonly count: number;
  /** Height and width in pixels. */
  readonly size: number;
  /** `[count, size, size, 3]`, row-major, RGB. */
  readonly data: Uint8Array;
}

/** Pixels in a file of images of `size * size * 3` bytes each, read as they are needed. */
export interface FileBlock {
  readonly count: number;
  readonly size: number;
  readonly file: string;
  /** For each row, which image of the file it is. */
  readonly places: Int32Array;
}

export type PixelBlock = MemoryBlock | FileBlock;

export const inMemory = (block: PixelBlock): block is MemoryBlock => 'data' in block;

export const imageBytes = ({ size }: { readonly size: number }): number => size * size * 3;

/**
 * @param rows of the block, in the order wanted
 * @returns `[rows.length, size, size, 3]`, the caller's own
 */
export async function readRows(
  block: PixelBlock,
  rows: ArrayLike<number> & Iterable<number>,
): Promise<Uint8Array> {
  const bytes = imageBytes(block);
  const pixels = new Uint8Array(rows.length * bytes);
  if (inMemory(block)) {
    let to = 0;
    for (const row of rows) {
      pixels.set(block.data.subarray(row * bytes, (row + 1) * bytes), to);
      to += bytes;
    }
    return pixels;
  }
  const file = await open(block.file, 'r');
  try {
    await Promise.all(
      Array.from(rows, async (row, i) => {
        const from = block.places[row]! * bytes;
        const { bytesRead } = await file.read(pixels, i * bytes, bytes, from);
        if (bytesRead !== bytes) throw new Error(`${block.file} ends before image ${row}`);
      }),
    );
  } finally {
    await file.close();
  }
  return pixels;
}

/** Rows `from` to `to - 1`, as a view where the block is in memory. */
export function readRange(block: PixelBlock, from: number, to: number): Promise<Uint8Array> {
  const bytes = imageBytes(block);
  return inMemory(block)
    ? Promise.resolve(block.data.subarray(from * bytes, to * bytes))
    : readRows(
        block,
        Int32Array.from({ length: to - from }, (_, i) => from + i),
      );
}
