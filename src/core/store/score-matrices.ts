/** The matrices of stored scores, which can be larger than memory: read in ranges, checked against their hashes. */
import { createHash } from 'node:crypto';
import { open, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { damaged, hashesOf, MATRIX_FILES, matrixWidth, type ScoreFolder, type ScoreMatrix, type ScoreShape } from './score-files.ts'; // prettier-ignore

/** What is needed to read matrices. */
export type MatrixSource = Pick<ScoreFolder, 'folder' | 'count'> & ScoreShape;

/** Without the columns, e.g. to cross to another thread. */
export const matrixSource = ({ folder, count, classes, units, stages, perturbed }: MatrixSource): MatrixSource => ({ folder, count, classes, units, stages: stages ?? 0, perturbed: perturbed ?? null }); // prettier-ignore

const verified = new Set<string>();

/**
 * Compares a matrix with its hash, once per process.
 * @throws AppError `invalid-data` when it is damaged
 */
export async function verifyMatrix({ folder }: MatrixSource, matrix: ScoreMatrix): Promise<void> {
  const path = join(folder, MATRIX_FILES[matrix]);
  if (verified.has(path)) return;
  const hash = createHash('sha256');
  const file = await openMatrix(folder, matrix);
  try {
    for await (const chunk of file.createReadStream({ highWaterMark: 1 << 20, autoClose: false }))
      hash.update(chunk as Buffer);
  } finally {
    await file.close();
  }
  const expected = (await hashesOf(folder)).get(MATRIX_FILES[matrix])?.sha256;
  if (hash.digest('hex') !== expected) throw damaged(folder, MATRIX_FILES[matrix]);
  verified.add(path);
}

/** Rows `from` to `to - 1` of a matrix, by the order of scoring. */
export async function readMatrix(
  scores: MatrixSource,
  matrix: ScoreMatrix,
  from: number,
  to: number,
): Promise<Float32Array> {
  const file = await openMatrix(scores.folder, matrix);
  try {
    return await readRows(file, scores, matrix, from, to);
  } finally {
    await file.close();
  }
}

/** One block of a matrix: rows `from` to `to - 1`. */
export interface MatrixBlock {
  readonly from: number;
  readonly to: number;
  readonly data: Float32Array;
}

/** How much of a matrix is in memory at a time. */
const BLOCK_BYTES = 4 << 20;

/** The whole matrix from first to last row, in blocks of a few megabytes. */
export async function* matrixBlocks(
  scores: MatrixSource,
  matrix: ScoreMatrix,
): AsyncGenerator<MatrixBlock> {
  await verifyMatrix(scores, matrix);
  const width = matrixWidth(scores, matrix);
  const step = Math.max(1, Math.floor(BLOCK_BYTES / (4 * width)));
  const file = await openMatrix(scores.folder, matrix);
  try {
    for (let from = 0; from < scores.count; from += step) {
      const to = Math.min(from + step, scores.count);
      yield { from, to, data: await readRows(file, scores, matrix, from, to) };
    }
  } finally {
    await file.close();
  }
}

async function readRows(
  file: FileHandle,
  source: MatrixSource,
  matrix: ScoreMatrix,
  from: number,
  to: number,
): Promise<Float32Array> {
  const width = matrixWidth(source, matrix);
  const data = new Float32Array((to - from) * width);
  const bytes = new Uint8Array(data.buffer);
  for (let at = 0; at < bytes.length;) {
    const { bytesRead } = await file.read(bytes, at, bytes.length - at, from * width * 4 + at);
    if (bytesRead === 0) throw damaged(source.folder, MATRIX_FILES[matrix]);
    at += bytesRead;
  }
  return data;
}

async function openMatrix(folder: string, matrix: ScoreMatrix): Promise<FileHandle> {
  const name = MATRIX_FILES[matrix];
  return open(join(folder, name), 'r').catch((error: unknown) => {
    throw damaged(folder, name, error);
  });
}

/** Rows `from` to `to - 1` of several matrices. */
export interface MatricesBlock {
  readonly from: number;
  readonly to: number;
  readonly data: Readonly<Partial<Record<ScoreMatrix, Float32Array>>>;
}

/** So that what is computed of a block stays small too, however narrow the matrices are. */
const BLOCK_ROWS = 4096;

/** Several matrices side by side from first to last row, in blocks of a few megabytes. */
export async function* matricesBlocks(
  scores: MatrixSource,
  matrices: readonly ScoreMatrix[],
): AsyncGenerator<MatricesBlock> {
  for (const matrix of matrices) await verifyMatrix(scores, matrix);
  const widest = Math.max(1, ...matrices.map((matrix) => matrixWidth(scores, matrix)));
  const step = Math.max(1, Math.min(BLOCK_ROWS, Math.floor(BLOCK_BYTES / (4 * widest))));
  const files: FileHandle[] = [];
  try {
    for (const matrix of matrices) files.push(await openMatrix(scores.folder, matrix));
    for (let from = 0; from < scores.count; from += step) {
      const to = Math.min(from + step, scores.count);
      const data: Partial<Record<ScoreMatrix, Float32Array>> = {};
      for (const [i, matrix] of matrices.entries())
        data[matrix] = await readRows(files[i]!, scores, matrix, from, to);
      yield { from, to, data };
    }
  } finally {
    for (const file of files) await file.close();
  }
}
