/** Detectors side by side as the contract tells them; each is computed once while nothing it rests on changes. */
import type { DetectorResult, DetectorsScope, Scope, SideBySide } from '../contract/scores.ts';
import { within } from '../core/progress.ts';
import { DETECTORS, detectorById } from '../core/score/registry.ts';
import { Recent } from '../core/workflow/recent.ts';
import { loadScope } from '../core/workflow/score-overview.ts';
import type { ScoringHooks } from '../core/workflow/score-sources.ts';
import { detectorResult, type DetectorResult as Found } from '../core/workflow/side-by-side.ts';
import { keptImages } from '../core/workflow/scope-columns.ts';
import type { EngineContext } from './context.ts';
import { scopeKey } from './score-overviews.ts';
import { fullScope } from './scopes.ts';

const KEPT = 512;
const computed = new WeakMap<EngineContext, Recent<Found>>();

function computedFor(engine: EngineContext): Recent<Found> {
  const known = computed.get(engine) ?? new Recent<Found>(KEPT);
  computed.set(engine, known);
  return known;
}

/** Full ids, and one scope per detector. @throws AppError as `fullScope` does */
export function detectorScopes(
  engine: EngineContext,
  { detectors, ...scope }: DetectorsScope,
): readonly Scope[] {
  const ids = detectors ?? DETECTORS.map(({ id }) => id);
  return [...new Set(ids)].map((detector) => fullScope(engine, { ...scope, detector }));
}

/** Whether all of it is computed, so that no job has to be shown for it. */
export const isComputed = (engine: EngineContext, scopes: readonly Scope[]): boolean =>
  scopes.every((scope) => computedFor(engine).peek(scopeKey(engine, scope)) !== undefined);

/** @throws AppError `not-found` when a set is not scored; `cancelled` */
export async function sideBySideOf(
  engine: EngineContext,
  scopes: readonly Scope[],
  { signal, onProgress }: ScoringHooks = {},
): Promise<SideBySide> {
  const [first] = scopes as readonly [Scope, ...Scope[]];
  const rows: DetectorResult[] = [];
  for (const [i, scope] of scopes.entries()) {
    const known = computedFor(engine).peek(scopeKey(engine, scope));
    const found =
      known ??
      (await detectorResult(engine.scores, scope, {
        signal,
        onProgress: within(onProgress, i / scopes.length, (i + 1) / scopes.length),
      }));
    // What is missing today may be there tomorrow without a new scoring.
    if (found.state === 'ready') computedFor(engine).get(scopeKey(engine, scope), () => found);
    rows.push(rowOf(scope, found));
  }
  const { id, ood } = await loadScope(engine.scores, { ...first, detector: 'energy' });
  return {
    modelId: first.modelId,
    idDatasetId: first.idDatasetId,
    split: first.split,
    sets: ood.map((set) => ({
      datasetId: set.datasetId,
      name: set.name,
      nearFar: set.nearFar,
      n: keptImages(set, null).length,
    })),
    idImages: keptImages(id, first.split).length,
    rows,
  };
}

function rowOf({ detector, oodDatasetIds }: Scope, found: Found): DetectorResult {
  const { id, label } = detectorById(detector);
  if (found.state === 'unavailable')
    return {
      id,
      label,
      unavailable: found.reason,
      missing: found.missing,
      notes: [],
      threshold: null,
      metrics: [],
      average: null,
      histogram: null,
    };
  const { from, to, id: own, ood } = found.histogram;
  return {
    id,
    label,
    unavailable: null,
    missing: null,
    notes: [...found.notes],
    threshold: found.threshold,
    metrics: found.sets.map((set, i) => ({ datasetId: oodDatasetIds[i]!, ...set })),
    average: found.average,
    histogram: { from, to, id: own as Float64Array<ArrayBuffer>, ood: ood as Float64Array<ArrayBuffer>[] }, // prettier-ignore
  };
}
