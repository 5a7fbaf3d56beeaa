/** One image under every detector whose scores are at hand. */
import { DETECTORS, detectorById } from '../score/registry.ts';
import { positionOf } from './image-detail.ts';
import { keptImages } from './scope-columns.ts';
import type { Scope } from './score-overview.ts';
import type { ScoreSources } from './score-sources.ts';
import { isUnavailable } from './side-by-side.ts';
import { missingInput } from './stored-inputs.ts';

/** What a detector says of an image; nulls where it is not computed, and then why. */
export interface ImageDetectorScore {
  readonly id: string;
  readonly label: string;
  /** S, larger = more in-distribution. */
  readonly value: number | null;
  /** Share of the ID images of the scope's split with a lower S. */
  readonly percentile: number | null;
  /** Images of its own set with a higher S. */
  readonly rank: number | null;
  readonly of: number | null;
  readonly unavailable: string | null;
}

/**
 * In the order of the registry. Nothing is fitted: detectors that have to learn first say so.
 * @returns nothing when the image is not scored
 * @throws AppError `not-found` when its set is not scored
 */
export async function imageDetectors(
  sources: ScoreSources,
  scope: Scope,
  datasetId: string,
  ordinal: number,
): Promise<readonly ImageDetectorScore[]> {
  const own = await sources.scored({ ...scope, detector: 'energy' }, datasetId);
  const id = await sources.scored({ ...scope, detector: 'energy' }, scope.idDatasetId);
  const position = positionOf(own.scored, ordinal);
  if (position === null) return [];
  const compared = keptImages(id, scope.split);
  const ranked = keptImages(own, null);
  const results: ImageDetectorScore[] = [];
  for (const { id: detectorId, label } of DETECTORS) {
    const choice = { ...scope, detector: detectorId };
    const nothing = { id: detectorId, label, value: null, percentile: null, rank: null, of: null };
    try {
      const unavailable = await whyNot(sources, choice, datasetId);
      if (unavailable !== null) {
        results.push({ ...nothing, unavailable });
        continue;
      }
      const { scores } = await sources.column(choice, datasetId);
      const { scores: known } = await sources.column(choice, scope.idDatasetId);
      const value = scores[position]!;
      const lower = compared.reduce((n, at) => (known[at]! < value ? n + 1 : n), 0);
      const rank = ranked.reduce((n, at) => (scores[at]! > value ? n + 1 : n), 0);
      const percentile = compared.length === 0 ? null : lower / compared.length;
      results.push({ ...nothing, value, percentile, rank, of: ranked.length, unavailable: null });
    } catch (error) {
      if (!isUnavailable(error)) throw error;
      results.push({ ...nothing, unavailable: error.message });
    }
  }
  return results;
}

/** Null when the detector's scores of the set and of the ID set are at hand. */
async function whyNot(
  sources: ScoreSources,
  choice: Scope,
  datasetId: string,
): Promise<string | null> {
  const detector = detectorById(choice.detector);
  for (const set of new Set([datasetId, choice.idDatasetId])) {
    const missing = missingInput(detector, await sources.stored(choice.modelId, set));
    if (missing !== null) return missing;
    if (!(await sources.isReady(choice, set)))
      return `${detector.label} has not been computed for these images yet. Choose it in Scores, or open All detectors there.`;
  }
  return null;
}
