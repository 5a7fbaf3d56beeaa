/** Fits and scores of detectors, as worker threads compute them. */
import { summariseNetwork } from '../../model/architecture.ts';
import { loadModel } from '../../model/model-file.ts';
import { detectorById } from '../../score/registry.ts';
import type { Fitted, Hyperparameters, LastLayer } from '../../score/types.ts';
import { type FitOwner, readFit } from '../../store/fits.ts';
import { readColumn, writeColumn } from '../../store/kept-columns.ts';
import { computeScores } from '../detector-scores.ts';
import { ensureFit, type FitRequest } from '../fit-detector.ts';
import type { StoredOutputs } from '../stored-inputs.ts';
import { AppError } from '../../errors.ts';
import type { TaskServices } from './tasks.ts';

/** The last layer of a model, and the channels of its stages. */
export interface ModelParts {
  readonly lastLayer: LastLayer;
  readonly stageWidths: readonly number[];
}

/** @throws AppError `invalid-model` when the folder is damaged */
export async function lastLayerTask({ folder }: { readonly folder: string }): Promise<ModelParts> {
  const { info, weights } = await loadModel(folder);
  const { parameters, stageWidths } = summariseNetwork(info.architecture);
  // Every network ends in a dense layer, whose weight and bias are its last two parameters.
  const [weight, bias] = parameters.slice(-2);
  const [units, classes] = weight!.shape as [number, number];
  return {
    lastLayer: {
      weights: weights.get(weight!.name)!.data,
      bias: weights.get(bias!.name)!.data,
      units,
      classes,
    },
    stageWidths,
  };
}

/** @returns the notes of the fit; its numbers stay in its folder */
export async function fitTask(
  request: FitRequest,
  { report, algebra }: TaskServices,
): Promise<readonly string[]> {
  const fitted = await ensureFit(detectorById(request.owner.detector), request, report, algebra);
  recent = { folder: request.folder, fitted };
  return fitted.notes;
}

/** Scores of all images of stored outputs. */
export interface ScoresRequest extends StoredOutputs {
  readonly detectorId: string;
  readonly hyperparameters: Hyperparameters;
  /** Where the detector's fit is; null when it has none. */
  readonly fit: { readonly folder: string; readonly owner: FitOwner } | null;
  /** Where the scores are kept; null when they are computed faster than read. */
  readonly column: string | null;
}

/** @throws AppError `invalid-data` with `details.fit` when the fit is not there any more */
export async function scoresTask(
  { detectorId, hyperparameters, fit, column, ...outputs }: ScoresRequest,
  { report, algebra }: TaskServices,
): Promise<Float64Array> {
  const kept = column === null ? null : await readColumn(column, outputs.source.count);
  if (kept) return kept;
  const fitted = fit ? await fittedOf(fit) : undefined;
  const detector = detectorById(detectorId);
  const scores = await computeScores(outputs, detector, {
    hyperparameters,
    fitted,
    algebra,
    report,
  });
  if (column !== null) await writeColumn(column, scores);
  return scores;
}

/** The last one, so that sets that are scored one after the other do not read it again: it may take 100 MB. */
let recent: { readonly folder: string; readonly fitted: Fitted } | null = null;

async function fittedOf({ folder, owner }: NonNullable<ScoresRequest['fit']>): Promise<Fitted> {
  if (recent?.folder === folder) return recent.fitted;
  const fitted = await readFit(folder, owner);
  if (!fitted)
    throw new AppError('invalid-data', `What ${owner.detector} learned is missing or damaged.`, {
      details: { fit: folder },
    });
  recent = { folder, fitted };
  return fitted;
}
