/** What a detector learned from training images, in a folder: `fit.json` and the numbers, one file per array. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { Fitted, NumberArray } from '../score/types.ts';
import { sha256Hex } from '../sha256.ts';
import { writeFolderAtomic } from './atomic.ts';
import { readHashManifest } from './hash-manifest.ts';

const KINDS = { f32: Float32Array, f64: Float64Array, i32: Int32Array } as const;
type Kind = keyof typeof KINDS;

const description = z.strictObject({
  schema: z.literal('straylight.fit/1'),
  detector: z.string(),
  /** Of the model's weights; hex SHA-256. */
  weightsSha256: z.string(),
  notes: z.array(z.string()),
  arrays: z.array(
    z.strictObject({
      name: z.string(),
      shape: z.array(z.int().nonnegative()),
      kind: z.enum(['f32', 'f64', 'i32']),
      file: z.string(),
    }),
  ),
});

/** What a fit belongs to. */
export interface FitOwner {
  readonly detector: string;
  readonly weightsSha256: string;
}

const DESCRIPTION = 'fit.json';
const kindOf = (data: NumberArray['data']): Kind =>
  data instanceof Float32Array ? 'f32' : data instanceof Float64Array ? 'f64' : 'i32';

/**
 * Writes a fit as one unit: all of it is there afterwards, or what was there before.
 * @throws AppError `no-space`, `unreadable`
 */
export async function writeFit(
  folder: string,
  { detector, weightsSha256 }: FitOwner,
  { arrays, notes }: Fitted,
): Promise<void> {
  const entries = Object.entries(arrays);
  const told: z.infer<typeof description> = {
    schema: 'straylight.fit/1',
    detector,
    weightsSha256,
    notes: [...notes],
    arrays: entries.map(([name, { shape, data }], i) => ({
      name,
      shape: [...shape],
      kind: kindOf(data),
      file: `array-${i}.${kindOf(data)}`,
    })),
  };
  const files: Record<string, Uint8Array | string> = {
    [DESCRIPTION]: `${JSON.stringify(told, null, 2)}\n`,
  };
  for (const [i, { file }] of told.arrays.entries()) {
    const { buffer, byteOffset, byteLength } = entries[i]![1].data;
    files[file] = new Uint8Array(buffer, byteOffset, byteLength);
  }
  await writeFolderAtomic(folder, files);
}

/** Reads a fit and checks every file against its hash; null when it is not there, damaged, or of something else. */
export async function readFit(folder: string, owner: FitOwner): Promise<Fitted | null> {
  try {
    const hashes = new Map((await readHashManifest(folder)).map((file) => [file.name, file]));
    const read = async (name: string): Promise<Buffer> => {
      const bytes = await readFile(join(folder, name));
      if (sha256Hex(bytes) !== hashes.get(name)?.sha256) throw new Error(`${name} is damaged`);
      return bytes;
    };
    const told = description.parse(JSON.parse((await read(DESCRIPTION)).toString('utf8')));
    if (told.detector !== owner.detector || told.weightsSha256 !== owner.weightsSha256) return null;
    const arrays: Record<string, NumberArray> = {};
    for (const { name, shape, kind, file } of told.arrays) {
      const data = new KINDS[kind](new Uint8Array(await read(file)).buffer);
      if (data.length !== shape.reduce((product, n) => product * n, 1)) return null;
      arrays[name] = { shape, data };
    }
    return { arrays, notes: told.notes };
  } catch {
    // Whatever is wrong with it, it can be computed again.
    return null;
  }
}
