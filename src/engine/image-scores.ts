/** What a model says about the images of a scope, for lists and cells. */
import type { ImageRef } from '../contract/common.ts';
import type { ImageCell, ImageDetail, ImageSort, Scope } from '../contract/scores.ts';
import { thresholdAtTpr } from '../core/metrics/threshold.ts';
import type { QuerySource } from '../core/query/query-images.ts';
import { imageScores, positionOf } from '../core/workflow/image-detail.ts';
import { loadScope } from '../core/workflow/score-overview.ts';
import { idColumns, type ScoredSource } from '../core/workflow/scope-columns.ts';
import type { EngineContext } from './context.ts';
import { fullScope } from './scopes.ts';

/** A model's part of a cell; nulls where the image is not scored. */
export type ScoreCell = Pick<ImageCell, 'predicted' | 'confidence' | 'score'>;

/** Sources of a scope with their scores, and δ where the order needs it. */
export async function scoredSources(
  engine: EngineContext,
  given: Scope,
  by: ImageSort['by'],
): Promise<{ readonly sources: readonly QuerySource[]; readonly threshold: number }> {
  const scope = fullScope(engine, given);
  const { id, ood } = await loadScope(engine.scores, scope);
  const threshold = by === 'threshold-distance' ? thresholdOf(engine, scope, id) : 0;
  return { sources: [id, ...ood], threshold };
}

/** The newest threshold that somebody chose, else the one that keeps 95% of the ID validation images. */
export function thresholdOf(
  engine: EngineContext,
  { modelId, detector, idDatasetId }: Pick<Scope, 'modelId' | 'detector' | 'idDatasetId'>,
  id: ScoredSource,
): number {
  const chosen = engine.workspace
    .listThresholds(modelId)
    .find((row) => row.detector === detector && row.idDatasetId === idDatasetId);
  return chosen?.value ?? defaultThresholdOf(id);
}

interface KnownThreshold extends Pick<ScoredSource, 'index'> {
  readonly excluded: Uint8Array | undefined;
  readonly value: number;
}
/** By the column of scores, which is another array when scores are. */
const defaults = new WeakMap<Float64Array, KnownThreshold>();

/** Worked out once while scores, splits and exclusions stay: every list that is sorted worst first asks for it. */
function defaultThresholdOf(id: ScoredSource): number {
  const excluded = id.marks?.excluded;
  const known = defaults.get(id.scored.scores);
  if (known?.index === id.index && known.excluded === excluded) return known.value;
  const value = thresholdAtTpr(idColumns(id, 'val').scores);
  defaults.set(id.scored.scores, { index: id.index, excluded, value });
  return value;
}

/** The model's part of each cell, in the order asked for. */
export async function scoreCells(
  engine: EngineContext,
  given: Scope,
  refs: readonly ImageRef[],
): Promise<readonly ScoreCell[]> {
  const scope = fullScope(engine, given);
  const known = new Set([scope.idDatasetId, ...scope.oodDatasetIds]);
  const sets = new Map<string, ScoredSource>();
  for (const datasetId of new Set(refs.map((ref) => ref.datasetId)))
    if (known.has(datasetId)) sets.set(datasetId, await engine.scores.scored(scope, datasetId));
  return refs.map(({ datasetId, ordinal }) => {
    const scored = sets.get(datasetId)?.scored;
    const position = scored ? positionOf(scored, ordinal) : null;
    if (!scored || position === null) return { predicted: null, confidence: null, score: null };
    return {
      predicted: scored.modelClasses[scored.predicted[position]!] ?? null,
      confidence: scored.confidence[position]!,
      score: scored.scores[position]!,
    };
  });
}

/** The model's part of one image's page. */
export type ScoreDetail = Pick<
  ImageDetail,
  'logits' | 'energy' | 'featureL1' | 'activeUnits' | 'units' | 'percentile' | 'neighbours'
>;

export async function scoreDetail(
  engine: EngineContext,
  given: Scope,
  { datasetId, ordinal }: ImageRef,
): Promise<ScoreDetail> {
  const scope = fullScope(engine, given);
  const found = await imageScores(engine.scores, scope, datasetId, ordinal);
  if (!found)
    return {
      logits: [],
      energy: null,
      featureL1: null,
      activeUnits: null,
      units: null,
      percentile: null,
      neighbours: [],
    };
  const { classes } = engine.workspace.getDataset(scope.idDatasetId).summary;
  const index = await engine.images.index(scope.idDatasetId);
  return {
    ...found,
    logits: [...found.logits],
    neighbours: found.neighbours.map((neighbour) => ({
      ref: { datasetId: scope.idDatasetId, ordinal: neighbour.ordinal },
      path: index.path(neighbour.ordinal),
      className: classes[index.classIndices[neighbour.ordinal]!] ?? null,
      similarity: neighbour.similarity,
    })),
  };
}
