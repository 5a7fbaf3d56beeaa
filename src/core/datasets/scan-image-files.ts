/** A folder of image files. */
import path from 'node:path';
import { sharedDecodePool } from '../decode/decode-pool.ts';
import type { DecodeAnswer } from '../decode/jobs.ts';
import { PhaseReporter } from '../progress.ts';
import { readLayout, type PlacedFile } from './layout.ts';
import { emptyRecord, type Scan, type Scanned } from './scanning.ts';
import type { DatasetRole, ImageRecord } from './types.ts';

/** Reads every image file once. */
export async function scanImageFiles({
  root,
  name,
  role,
  listing,
  options,
}: Scan): Promise<Scanned> {
  const layout = readLayout(listing.images, role);
  const { files, classes } = layout;
  const classIndices = new Map(classes.map((className, i) => [className, i]));
  const images = new Array<ImageRecord>(files.length);
  const { pool = sharedDecodePool(), signal, onProgress, onMeasured } = options;
  const reporter = new PhaseReporter({
    phase: `Scan ${name}`,
    total: files.length,
    unit: 'images',
    from: 0,
    to: 1,
    listener: onProgress,
  });
  let done = 0;
  await pool.forEach(
    files,
    ({ path: file }) => ({
      kind: 'inspect',
      file: path.join(root, file),
      measure: onMeasured !== undefined,
    }),
    (answer, i) => {
      const { className } = files[i]!;
      const classIndex = className === null ? null : classIndices.get(className)!;
      images[i] = recordOf(files[i]!, classIndex, layout.role, answer);
      if (answer.kind === 'inspected' && answer.measurement) onMeasured?.(i, answer.measurement);
      reporter.report(++done);
    },
    signal,
  );
  return {
    format: 'folder',
    role: layout.role,
    classes,
    images,
    foldersGiveSplits: layout.splitFolders,
  };
}

function recordOf(
  { path: file, split }: PlacedFile,
  classIndex: number | null,
  role: DatasetRole,
  answer: DecodeAnswer,
): ImageRecord {
  const placed = { ...emptyRecord(file), classIndex, split };
  if (answer.kind !== 'inspected')
    return { ...placed, reason: answer.kind === 'failed' ? answer.reason : 'not inspected' };
  const { bytes, sha256, width, height } = answer;
  // An image that belongs to no class can be neither trained on nor judged.
  const reason =
    answer.reason === '' && role === 'id' && classIndex === null
      ? 'lies outside every class folder'
      : answer.reason;
  return {
    ...placed,
    bytes,
    sha256,
    width,
    height,
    status: reason === '' ? 'ok' : 'failed',
    reason,
  };
}
