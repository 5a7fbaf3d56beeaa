/** Reads float32 arrays from a numpy archive: a zip of `.npy` files, stored or deflated. */
import { readFileSync } from 'node:fs';
import { inflateRawSync } from 'node:zlib';

export interface NpyArray {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** @returns name without `.npy` -> array */
export function readNpz(path: string): ReadonlyMap<string, NpyArray> {
  const zip = readFileSync(path);
  const arrays = new Map<string, NpyArray>();
  const end = zip.lastIndexOf(Buffer.from('PK\x05\x06', 'latin1'));
  let entry = zip.readUInt32LE(end + 16);
  for (let left = zip.readUInt16LE(end + 10); left > 0; left--) {
    const method = zip.readUInt16LE(entry + 10);
    const size = zip.readUInt32LE(entry + 20);
    const nameLength = zip.readUInt16LE(entry + 28);
    const name = zip.toString('utf8', entry + 46, entry + 46 + nameLength);
    const local = zip.readUInt32LE(entry + 42);
    const start = local + 30 + zip.readUInt16LE(local + 26) + zip.readUInt16LE(local + 28);
    const bytes = zip.subarray(start, start + size);
    arrays.set(name.replace(/\.npy$/, ''), parseNpy(method === 0 ? bytes : inflateRawSync(bytes)));
    entry += 46 + nameLength + zip.readUInt16LE(entry + 30) + zip.readUInt16LE(entry + 32);
  }
  return arrays;
}

function parseNpy(bytes: Buffer): NpyArray {
  const headerEnd = 10 + bytes.readUInt16LE(8);
  const header = bytes.toString('latin1', 10, headerEnd);
  const shape = /'shape': \(([^)]*)\)/.exec(header)![1]!.split(',').filter(Boolean).map(Number);
  if (!header.includes("'<f4'") || header.includes('True')) {
    throw new Error(`npy: only C-ordered float32 is read, not ${header}`);
  }
  return { shape, data: new Float32Array(Uint8Array.from(bytes.subarray(headerEnd)).buffer) };
}
