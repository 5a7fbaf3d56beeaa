/** Fits a detector on stored outputs of the ID training images, once per model: what was learned is kept in files. */
import { AppError } from '../errors.ts';
import type { Algebra } from '../linalg/algebra.ts';
import type { Detector, DetectorNeed, Fitted, Hyperparameters, LastLayer, TrainingBlock, TrainingData } from '../score/types.ts'; // prettier-ignore
import { type FitOwner, readFit, writeFit } from '../store/fits.ts';
import type { MatrixSource } from '../store/score-matrices.ts';
import { inputBlocks, type StoredOutputs } from './stored-inputs.ts';

/** The training images among the stored outputs of an ID set. */
export interface TrainingRows {
  /** Rows of the matrices, ascending. */
  readonly rows: Uint32Array;
  /** Place among the logits of each image's class; -1 where the model does not have it. */
  readonly labels: Int32Array;
}

/** Everything a fit is made from; plain values, so that it can cross to another thread. */
export interface FitRequest extends StoredOutputs {
  /** Where the fit is kept. */
  readonly folder: string;
  readonly owner: FitOwner;
  readonly source: MatrixSource;
  readonly training: TrainingRows;
  readonly classNames: readonly string[];
  /** Of the model. */
  readonly lastLayer: LastLayer;
  readonly stageWidths: readonly number[];
  readonly hyperparameters: Hyperparameters;
}

/**
 * The kept fit, or a new one where there is none or it is damaged.
 * @param report rows read so far and in all, over all readings that the detector makes
 * @throws AppError `invalid-data` when the training images cannot be used
 */
export async function ensureFit(
  detector: Detector,
  request: FitRequest,
  report: (done: number, total: number) => void = () => undefined,
  algebra?: Algebra,
): Promise<Fitted> {
  const { folder, owner } = request;
  const known = await readFit(folder, owner);
  if (known) return known;
  const fitted = await fitDetector(detector, request, report, algebra);
  await writeFit(folder, owner, fitted);
  return fitted;
}

/** @throws AppError `invalid-data` when the training images cannot be used */
export async function fitDetector(
  detector: Detector,
  request: Omit<FitRequest, 'folder' | 'owner'>,
  report: (done: number, total: number) => void = () => undefined,
  algebra?: Algebra,
): Promise<Fitted> {
  if (!detector.fit)
    throw new AppError('internal', `${detector.label} has nothing to fit, but was asked to.`);
  const { hyperparameters } = request;
  return detector.fit(trainingData(request, detector.needs, report), {
    hyperparameters,
    ...(algebra ? { algebra } : {}),
  });
}

/** The ID training images as detectors read them: a few megabytes at a time, as often as they like. */
export function trainingData(
  request: Omit<FitRequest, 'folder' | 'owner' | 'hyperparameters'>,
  needs: readonly DetectorNeed[],
  report: (done: number, total: number) => void = () => undefined,
): TrainingData {
  const { training, classNames, lastLayer, stageWidths } = request;
  const { rows, labels } = training;
  const place = new Map(Array.from(rows, (row, i) => [row, i]));
  let done = 0;
  let total = 0;
  return {
    count: rows.length,
    classNames,
    lastLayer,
    stageWidths,
    async *blocks(): AsyncGenerator<TrainingBlock> {
      total += rows.length;
      for await (const { rows: read, inputs } of inputBlocks(request, needs, rows)) {
        yield { ...inputs, labels: Int32Array.from(read, (row) => labels[place.get(row)!]!) };
        done += read.length;
        report(done, total);
      }
    },
  };
}
