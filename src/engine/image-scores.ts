/** What a model says about the images of a scope, for lists and cells. */
import type { ImageRef } from '../contract/common.ts';
import type { ImageCell, ImageDetail, Scope } from '../contract/scores.ts';
import { AppError } from '../core/errors.ts';
import type { QuerySource } from '../core/query/query-images.ts';
import type { EngineContext } from './context.ts';

/** A model's part of a cell; nulls where the image is not scored. */
export type ScoreCell = Pick<ImageCell, 'predicted' | 'confidence' | 'score'>;

/** Sources of a scope with their scores, and δ for `threshold-distance`. */
export function scoredSources(
  _engine: EngineContext,
  _scope: Scope,
): Promise<{ readonly sources: readonly QuerySource[]; readonly threshold: number }> {
  return Promise.reject(new AppError('internal', 'Scored lists are not built yet.'));
}

/** The model's part of each cell, in the order asked for. */
export function scoreCells(
  _engine: EngineContext,
  _scope: Scope,
  refs: readonly ImageRef[],
): Promise<readonly ScoreCell[]> {
  return Promise.resolve(refs.map(() => ({ predicted: null, confidence: null, score: null })));
}

/** The model's part of one image's page. */
export type ScoreDetail = Pick<
  ImageDetail,
  | 'logits'
  | 'energy'
  | 'featureL1'
  | 'activeUnits'
  | 'units'
  | 'percentile'
  | 'detectors'
  | 'neighbours'
>;

export function scoreDetail(
  _engine: EngineContext,
  _scope: Scope,
  _ref: ImageRef,
): Promise<ScoreDetail> {
  return Promise.reject(new AppError('internal', 'Scores of one image are not built yet.'));
}
