/**
 * What one model says about the images of one dataset, as flat little-endian files in one folder: a column per
 * value, and two matrices that can be larger than memory. Written batch by batch, read in ranges.
 */
import { createHash, type Hash } from 'node:crypto';
import { mkdir, open, readFile, rename, rm, statfs, type FileHandle } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { AppError, assertNever } from '../errors.ts';
import { sha256Hex } from '../sha256.ts';
import { besides, realDisk } from './atomic.ts';
import { diskError, freeBytes, humanBytes } from './disk-errors.ts';
import { hashManifest, hashManifestName, readHashManifest, type HashedFile } from './hash-manifest.ts'; // prettier-ignore

/** One value per scored image, in the order of scoring. */
export interface ScoreColumns {
  /** Positions of the images in the manifest; each once, in no particular order. */
  readonly rows: Uint32Array;
  /** Class index with the largest logit. */
  readonly predicted: Int32Array;
  /** Its softmax probability. */
  readonly confidence: Float64Array;
  /** Energy E(x), the paper's sign: lower = more in-distribution. */
  readonly energies: Float64Array;
  /** Σ |g| of the penultimate features. */
  readonly l1: Float64Array;
  /** Their Hoyer sparsity. */
  readonly hoyer: Float64Array;
}

/** Some images under a model: the columns, and the matrices row by row. */
export interface ScoreBatch extends ScoreColumns {
  /** `[n, classes]` */
  readonly logits: Float32Array;
  /** Penultimate features `[n, units]`. */
  readonly features: Float32Array;
  /** Means over space after each stage, joined: `[n, stages]`. */
  readonly stages?: Float32Array | undefined;
  /** Logits of the images moved one step towards more confidence: `[n, classes]`. */
  readonly perturbed?: Float32Array | undefined;
}

/** How images were moved before their logits were computed again (ODIN). */
export interface Perturbation {
  /** Of the softmax that the step follows. */
  readonly temperature: number;
  /** Size of the step in pixel values from 0 to 1. */
  readonly epsilon: number;
}

/** `units` is 0 when the features were not kept. */
export interface ScoreShape {
  readonly classes: number;
  readonly units: number;
  /** Channels of all stages together; 0 or not given when the stages were not kept. */
  readonly stages?: number;
  /** Null or not given when no image was moved. */
  readonly perturbed?: Perturbation | null;
}

const COLUMN_FILES = {
  rows: 'rows.u32',
  predicted: 'predicted.i32',
  confidence: 'confidence.f64',
  energies: 'energies.f64',
  l1: 'l1.f64',
  hoyer: 'hoyer.f64',
} as const satisfies Record<keyof ScoreColumns, string>;
const COLUMNS = Object.keys(COLUMN_FILES) as (keyof ScoreColumns)[];
/** Files of the large parts. */
export const MATRIX_FILES = {
  logits: 'logits.f32',
  features: 'features.f32',
  stages: 'stages.f32',
  perturbed: 'perturbed.f32',
} as const;
/** The large parts; all but the logits may be missing. */
export type ScoreMatrix = keyof typeof MATRIX_FILES;
const MATRICES = Object.keys(MATRIX_FILES) as ScoreMatrix[];

/** Numbers per image of a matrix; 0 when it was not kept. */
export function matrixWidth(shape: ScoreShape, matrix: ScoreMatrix): number {
  switch (matrix) {
    case 'logits':
      return shape.classes;
    case 'features':
      return shape.units;
    case 'stages':
      return shape.stages ?? 0;
    case 'perturbed':
      return shape.perturbed ? shape.classes : 0;
    default:
      return assertNever(matrix);
  }
}

const keptMatrices = (shape: ScoreShape): ScoreMatrix[] =>
  MATRICES.filter((matrix) => matrixWidth(shape, matrix) > 0);

const BYTES_PER_ROW = 4 + 4 + 4 * 8;
/** What stays free on the disk when scores are written. */
const SPARE = 0.1;

/** Bytes of the files of `images` images. */
export const scoreBytes = (images: number, shape: ScoreShape): number =>
  images *
  keptMatrices(shape).reduce((sum, matrix) => sum + 4 * matrixWidth(shape, matrix), BYTES_PER_ROW);

/**
 * What of a set's scores can be kept on the disk of `folder`: all that is asked for, else what is left without the
 * extras, else without the features too.
 * @param name the set, for the error
 * @throws AppError `no-space` when not even logits and columns fit
 */
export async function shapeThatFits(
  folder: string,
  name: string,
  images: number,
  shape: ScoreShape,
): Promise<ScoreShape> {
  const { classes, units } = shape;
  const plain = { classes, units, stages: 0, perturbed: null };
  for (const wanted of [shape, plain])
    if (await roomForFeatures(folder, name, images, wanted)) return wanted;
  return { ...plain, units: 0 };
}

/**
 * Whether the features of a set can be kept on the disk of `folder`, beside logits and columns.
 * @param name the set, for the error
 * @throws AppError `no-space` when not even logits and columns fit
 */
export async function roomForFeatures(
  folder: string,
  name: string,
  images: number,
  shape: ScoreShape,
): Promise<boolean> {
  await mkdir(folder, { recursive: true });
  const { bavail, bsize } = await statfs(folder);
  const room = bavail * bsize * (1 - SPARE);
  if (scoreBytes(images, shape) <= room) return true;
  const needed = scoreBytes(images, { classes: shape.classes, units: 0 });
  if (needed <= room) return false;
  throw new AppError(
    'no-space',
    `${name}: the scores of ${images.toLocaleString('en-US')} images take ${humanBytes(needed)}, and the disk of ${folder} has ${humanBytes(freeBytes(folder) ?? 0)} left. Free some space, or choose a workspace on another disk.`,
    { details: { neededBytes: needed } },
  );
}

interface OpenFile {
  readonly name: string;
  readonly handle: FileHandle;
  readonly hash: Hash;
  bytes: number;
}

/** Writes a folder of scores under a temporary name, batch by batch; `finish` puts it in its place. */
export class ScoreWriter {
  readonly shape: ScoreShape;
  /** Where the scores will be. */
  readonly folder: string;
  private readonly temporary: string;
  private readonly files: readonly OpenFile[];
  private images = 0;

  private constructor(
    folder: string,
    temporary: string,
    shape: ScoreShape,
    files: readonly OpenFile[],
  ) {
    this.folder = folder;
    this.temporary = temporary;
    this.shape = shape;
    this.files = files;
  }

  /** @param folder must not exist yet */
  static async create(folder: string, shape: ScoreShape): Promise<ScoreWriter> {
    const temporary = besides(folder, 'tmp');
    const names = [
      ...COLUMNS.map((column) => COLUMN_FILES[column]),
      ...keptMatrices(shape).map((matrix) => MATRIX_FILES[matrix]),
    ];
    try {
      await mkdir(temporary, { recursive: true });
      const files: OpenFile[] = [];
      for (const name of names) {
        const handle = await open(join(temporary, name), 'wx');
        files.push({ name, handle, hash: createHash('sha256'), bytes: 0 });
      }
      return new ScoreWriter(folder, temporary, shape, files);
    } catch (error) {
      throw diskError(error, folder, null);
    }
  }

  get count(): number {
    return this.images;
  }

  /** @throws AppError `internal` when the parts do not fit each other, `no-space`, ... */
  async append(batch: ScoreBatch): Promise<void> {
    const n = batch.rows.length;
    const matrices = keptMatrices(this.shape);
    const fits =
      COLUMNS.every((column) => batch[column].length === n) &&
      matrices.every((matrix) => batch[matrix]?.length === n * matrixWidth(this.shape, matrix));
    if (!fits)
      throw new AppError('internal', `${this.folder}: the columns of scores differ in length.`);
    const parts: ArrayBufferView[] = [
      ...COLUMNS.map((column) => batch[column]),
      ...matrices.map((matrix) => batch[matrix]!),
    ];
    try {
      for (const [i, file] of this.files.entries()) await write(file, parts[i]!);
    } catch (error) {
      throw diskError(error, this.folder, parts.reduce((sum, part) => sum + part.byteLength, 0)); // prettier-ignore
    }
    this.images += n;
  }

  /** Flushes everything and takes the folder's place; the files' hashes are written last. */
  async finish(): Promise<void> {
    const hashed: HashedFile[] = [];
    try {
      for (const { name, handle, hash, bytes } of this.files) {
        await handle.sync();
        await handle.close();
        hashed.push({ name, bytes, sha256: hash.digest('hex') });
      }
      const manifest = new TextEncoder().encode(hashManifest(hashed));
      await realDisk.writeFile(join(this.temporary, hashManifestName), manifest);
      await realDisk.flushFolder(this.temporary);
      await rename(this.temporary, this.folder);
      await realDisk.flushFolder(dirname(this.folder));
    } catch (error) {
      await this.discard();
      throw diskError(error, this.folder, null);
    }
  }

  /** Removes what was written. Never throws: it runs after something else went wrong. */
  async discard(): Promise<void> {
    for (const { handle } of this.files) await handle.close().catch(() => undefined);
    await rm(this.temporary, { recursive: true, force: true }).catch(() => undefined);
  }
}

async function write(file: OpenFile, part: ArrayBufferView): Promise<void> {
  const bytes = new Uint8Array(part.buffer, part.byteOffset, part.byteLength);
  await file.handle.writeFile(bytes);
  file.hash.update(bytes);
  file.bytes += bytes.length;
}

/** A folder of scores with its columns in memory and its matrices on the disk. */
export interface ScoreFolder extends ScoreColumns, ScoreShape {
  /** Absolute path. */
  readonly folder: string;
  readonly count: number;
}

/**
 * Reads the columns and checks them against their hashes; of the matrices only the size is checked here, see
 * `verifyMatrix`.
 * @throws AppError `invalid-data` when a file is missing or damaged
 */
export async function openScoreFolder(folder: string, shape: ScoreShape): Promise<ScoreFolder> {
  const files = await hashesOf(folder);
  const read = async (name: string): Promise<ArrayBuffer> => {
    const bytes = await readFile(join(folder, name)).catch((error: unknown) => {
      throw damaged(folder, name, error);
    });
    if (sha256Hex(bytes) !== files.get(name)?.sha256) throw damaged(folder, name);
    return new Uint8Array(bytes).buffer;
  };
  const rows = new Uint32Array(await read(COLUMN_FILES.rows));
  const count = rows.length;
  const scores: ScoreFolder = {
    folder,
    count,
    ...shape,
    rows,
    predicted: new Int32Array(await read(COLUMN_FILES.predicted)),
    confidence: new Float64Array(await read(COLUMN_FILES.confidence)),
    energies: new Float64Array(await read(COLUMN_FILES.energies)),
    l1: new Float64Array(await read(COLUMN_FILES.l1)),
    hoyer: new Float64Array(await read(COLUMN_FILES.hoyer)),
  };
  for (const matrix of keptMatrices(shape)) {
    const name = MATRIX_FILES[matrix];
    if (files.get(name)?.bytes !== 4 * count * matrixWidth(shape, matrix))
      throw damaged(folder, name);
  }
  return scores;
}

/** The files of a folder with their hashes. @throws AppError `invalid-data` when the list is damaged */
export async function hashesOf(folder: string): Promise<ReadonlyMap<string, HashedFile>> {
  const files = await readHashManifest(folder).catch((error: unknown) => {
    throw damaged(folder, hashManifestName, error);
  });
  return new Map(files.map((file) => [file.name, file]));
}

/** What is said of scores that cannot be read any more. */
export const damaged = (folder: string, name: string, cause?: unknown): AppError =>
  new AppError(
    'invalid-data',
    `${join(folder, name)} is missing or damaged, so these scores cannot be used. Score the dataset again.`,
    { cause },
  );
