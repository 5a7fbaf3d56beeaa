/** Which models and sets an audit covers. */
import type { DatasetCard } from '../../../contract/datasets.ts';
import type { ReportChoice } from '../../../contract/reports.ts';
import type { ModelSummary } from '../../../contract/training.ts';

/** Models that were fine-tuned from another one that is here, newest first, sparse ones before the others. */
export function auditable(models: readonly ModelSummary[]): readonly ModelSummary[] {
  const known = new Set(models.map(({ id }) => id));
  return models
    .filter(({ parentId, role }) => parentId !== null && known.has(parentId) && role !== 'control')
    .toSorted(
      (a, b) =>
        Number(b.role === 'sparse') - Number(a.role === 'sparse') ||
        b.createdAt.localeCompare(a.createdAt),
    );
}

/** Models that may stand as the control: others from the same parent with λ = 0. The best comes first. */
export function controlsOf(
  { id, parentId, seed }: ModelSummary,
  models: readonly ModelSummary[],
): readonly ModelSummary[] {
  return models
    .filter((other) => other.id !== id && other.parentId === parentId && other.role === 'control')
    .toSorted(
      (a, b) =>
        Number(b.seed === seed) - Number(a.seed === seed) || b.createdAt.localeCompare(a.createdAt),
    );
}

/** The control of a model: fine-tuned from the same parent with λ = 0, of the same seed where there is one, else the newest. */
export const controlOf = (
  model: ModelSummary,
  models: readonly ModelSummary[],
): ModelSummary | null => controlsOf(model, models)[0] ?? null;

/** What is offered for a model: its parent, its control, its own ID set and every OOD set that is not barred. */
export function choiceFor(
  model: ModelSummary,
  models: readonly ModelSummary[],
  sets: readonly DatasetCard[],
  kept: Partial<ReportChoice> = {},
): ReportChoice | null {
  const parent = models.find(({ id }) => id === model.parentId);
  const id = sets.find((set) => set.id === model.datasetId && set.role === 'id');
  if (!parent || !id) return null;
  return {
    sparseModelId: model.id,
    beforeModelId: parent.id,
    controlModelId: controlOf(model, models)?.id ?? null,
    idDatasetId: id.id,
    oodDatasetIds: sets.filter(({ role }) => role === 'ood').map((set) => set.id),
    detectors: null,
    protocol: null,
    robustness: false,
    ...kept,
  };
}

/** What a reader of the report would object to, known before it is written. */
export type Caution = 'no-control' | 'no-near' | 'one-seed' | 'leakage' | 'not-analysed';

export function cautionsOf(
  choice: ReportChoice,
  models: readonly ModelSummary[],
  sets: readonly DatasetCard[],
): readonly Caution[] {
  const ood = sets.filter(({ id }) => choice.oodDatasetIds.includes(id));
  const all = [...sets.filter(({ id }) => id === choice.idDatasetId), ...ood];
  const sparse = models.find(({ id }) => id === choice.sparseModelId);
  const seeds = new Set(
    models
      .filter(
        ({ role, lambda, datasetId, network }) =>
          role === sparse?.role &&
          lambda === sparse.lambda &&
          datasetId === sparse.datasetId &&
          network === sparse.network,
      ) // prettier-ignore
      .map(({ seed }) => seed),
  );
  return [
    ...(choice.controlModelId === null ? ['no-control' as const] : []),
    ...(ood.some(({ nearFar }) => nearFar === 'near') ? [] : ['no-near' as const]),
    ...(seeds.size > 1 ? [] : ['one-seed' as const]),
    ...(all.some(({ analysis }) => (analysis?.leaks.length ?? 0) > 0) ? ['leakage' as const] : []),
    ...(all.some(({ analysis }) => analysis === null) ? ['not-analysed' as const] : []),
  ];
}
