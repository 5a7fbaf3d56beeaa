/** Measures the images of a set that were not measured while it was scanned. */
import path from 'node:path';
import { sharedDecodePool, type DecodePool } from '../../decode/decode-pool.ts';
import type { DecodeAnswer } from '../../decode/jobs.ts';
import { AppError, messageOf, throwIfAborted } from '../../errors.ts';
import { PhaseReporter, type ProgressListener } from '../../progress.ts';
import { sha256Hex } from '../../sha256.ts';
import { parseContainerPath } from '../containers/container.ts';
import { openContainers } from '../containers/read-container.ts';
import type { Manifest } from '../types.ts';
import { putMeasurement, type Measurements } from './measurements.ts';

export interface MeasureOptions {
  readonly pool?: DecodePool | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ProgressListener | undefined;
}

/**
 * Fills in what is missing of `columns`. Images that are gone, changed or damaged stay unmeasured.
 * @returns how many images could not be measured
 * @throws AppError `not-found` when the folder is gone as a whole; `cancelled`, with what was measured kept
 */
export async function measureSet(
  manifest: Manifest,
  columns: Measurements,
  { pool = sharedDecodePool(), signal, onProgress }: MeasureOptions = {},
): Promise<number> {
  const { images, name, root, format } = manifest;
  const missing = [...images.keys()].filter(
    (i) => images[i]!.sha256 !== '' && images[i]!.width > 0 && columns.measured[i] === 0,
  );
  const reporter = new PhaseReporter({
    phase: `Measure ${name}`,
    total: missing.length,
    unit: 'images',
    from: 0,
    to: 1,
    listener: onProgress,
  });
  let done = 0;
  let failed = 0;
  const take = (ordinal: number, answer: DecodeAnswer): void => {
    const measurement =
      answer.kind === 'measured'
        ? answer.measurement
        : answer.kind === 'inspected' && answer.sha256 === images[ordinal]!.sha256
          ? answer.measurement
          : undefined;
    if (measurement) putMeasurement(columns, ordinal, measurement);
    else failed++;
    reporter.report(++done);
  };
  if (format === 'folder')
    await pool.forEach(
      missing,
      (i) => ({ kind: 'inspect', file: path.join(root, images[i]!.path), measure: true }),
      (answer, k) => take(missing[k]!, answer),
      signal,
    );
  else {
    for (const [file, ordinals] of byFile(manifest, missing)) {
      throwIfAborted(signal);
      let container;
      try {
        container = await (await openContainers(root, format))(file);
      } catch (error) {
        if (!(error instanceof AppError)) throw error;
        for (const i of ordinals) take(i, { kind: 'failed', reason: messageOf(error) });
        continue;
      }
      const { width, height, available } = container;
      const indexOf = (i: number): number => parseContainerPath(images[i]!.path).index;
      const usable = ordinals.filter((i) => {
        const index = indexOf(i);
        const same = index < available && sha256Hex(container.stored(index)) === images[i]!.sha256;
        if (!same) take(i, { kind: 'failed', reason: 'changed' });
        return same;
      });
      await pool.forEach(
        usable,
        (i) => ({ kind: 'measure', rgb: container.rgb(indexOf(i)), width, height }),
        (answer, k) => take(usable[k]!, answer),
        signal,
      );
    }
  }
  return failed;
}

function byFile({ images }: Manifest, ordinals: readonly number[]): Map<string, number[]> {
  const files = new Map<string, number[]>();
  for (const i of ordinals) {
    const { file } = parseContainerPath(images[i]!.path);
    const entries = files.get(file);
    if (entries) entries.push(i);
    else files.set(file, [i]);
  }
  return files;
}
