/** Scores of a detector that has to learn or to multiply first: computed with progress before anything asks for them. */
import { computed, shallowRef, watch, type ComputedRef } from 'vue';
import type { DetectorResult, Scope, SideBySide } from '../../../contract/scores.ts';
import { useApi } from '../../app/api.ts';
import { useJob, type RunningJob } from '../../app/job.ts';
import type { ScopeChoice } from './use-scope.ts';

export interface PreparedDetector {
  /** The scope once its scores are at hand; null before, and when there are none. */
  readonly usable: ComputedRef<Scope | null>;
  readonly preparing: RunningJob<SideBySide>;
  /** Why the detector has no scores here; null when it has some or is not asked yet. */
  readonly without: ComputedRef<DetectorResult | null>;
  /** After something was scored anew. */
  readonly prepare: () => Promise<void>;
}

export function useDetector({
  scope,
  detector,
}: Pick<ScopeChoice, 'scope' | 'detector'>): PreparedDetector {
  // prettier-ignore
  const api = useApi();
  const preparing = useJob<SideBySide>();
  const prepared = shallowRef<{ readonly scope: Scope; readonly row: DetectorResult } | null>(null);
  /** What follows from stored logits at once needs no waiting. */
  const atOnce = computed(
    () => detector.value?.fits === null && detector.value.needs.every((need) => need === 'logits'),
  );
  const row = computed(() =>
    prepared.value && prepared.value.scope === scope.value ? prepared.value.row : null,
  );

  async function prepare(): Promise<void> {
    const wanted = scope.value;
    prepared.value = null;
    if (!wanted || atOnce.value) {
      preparing.cancel();
      return;
    }
    const { detector: id, ...images } = wanted;
    const found = await preparing.run((options) =>
      api.job('scores.sideBySide', { ...images, detectors: [id] }, options),
    );
    const [first] = found?.rows ?? [];
    if (first && scope.value === wanted) prepared.value = { scope: wanted, row: first };
  }
  watch([scope, atOnce], prepare, { immediate: true });

  return {
    usable: computed(() => (atOnce.value || row.value?.unavailable === null ? scope.value : null)),
    preparing,
    without: computed(() => (row.value?.unavailable === null ? null : row.value)),
    prepare,
  };
}
