/** What building a report takes on this machine, and which sets stand in its way. */
import type { ReportChoice, ReportPlan } from '../../contract/reports.ts';
import { AppError } from '../../core/errors.ts';
import { architectureName, summariseNetwork } from '../../core/model/architecture.ts';
import type { ModelInfo } from '../../core/model/model-file.ts';
import { planProtocol, PROTOCOL_IDS } from '../../core/protocol/protocols.ts';
import { CORRUPTIONS, SEVERITIES } from '../../core/robustness/corruptions.ts';
import { barOf, describeBar } from '../../core/workflow/barred-sets.ts';
import { usableImages } from '../../core/workflow/images.ts';
import type { EngineContext } from '../context.ts';
import { firstScoredAt, subjectOf } from './report-wire.ts';

/** A backward pass costs about two forward ones, and training is what was measured. */
const FORWARD_SPEEDUP = 3;
const PROTOCOL_LABELS = { 'as-given': 'Sets as chosen', 'six-sets': 'Six sets of the paper', 'near-far': 'Near and far' } as const; // prettier-ignore

/** @throws AppError `not-found` for models and sets that are not there; `usage` for sets in each other's place */
export function planReport(engine: EngineContext, choice: ReportChoice): ReportPlan {
  const { workspace } = engine;
  const models = [choice.beforeModelId, choice.controlModelId, choice.sparseModelId].flatMap(
    (id) => (id === null ? [] : [workspace.getModel(id)]),
  );
  const ood = workspace.listDatasets().filter(({ role }) => role === 'ood');
  const chosen = [choice.idDatasetId, ...choice.oodDatasetIds].map((id) => workspace.getDataset(id)); // prettier-ignore
  const scored = new Set(
    workspace.listScores().map(({ modelId, datasetId, fingerprint }) => `${modelId} ${datasetId} ${fingerprint}`), // prettier-ignore
  );
  const missing = models.flatMap(({ id: modelId }) =>
    chosen.flatMap(({ id: datasetId, fingerprint, role }) => {
      if (scored.has(`${modelId} ${datasetId} ${fingerprint}`)) return [];
      const manifest = workspace.loadManifest(datasetId);
      const images =
        role === 'id'
          ? usableImages(manifest, 'val').length + usableImages(manifest, 'test').length
          : usableImages(manifest, null).length;
      return [{ modelId, datasetId, images }];
    }),
  );
  const passes = [
    ...missing,
    ...(choice.robustness
      ? corrupted(
          engine,
          choice,
          models.map(({ id }) => id),
        )
      : []),
  ];
  const seconds = passes.map(({ modelId, images }) => {
    const perSecond = forwardSpeed(engine, workspace.getModel(modelId).json as ModelInfo);
    return perSecond === null ? null : images / perSecond;
  });
  return {
    barred: ood.flatMap((set) => {
      for (const model of models) {
        const bar = barOf(workspace, model, set.id);
        if (bar) return [{ datasetId: set.id, reason: describeBar(bar, model.name, set.name) }];
      }
      return [];
    }),
    missing,
    seconds: seconds.every((one) => one !== null) ? seconds.reduce((sum, one) => sum + one, 0) : null, // prettier-ignore
    firstScoredAt: firstScoredAt(engine, subjectOf(choice)),
    protocols: PROTOCOL_IDS.map((id) => ({
      id,
      label: PROTOCOL_LABELS[id],
      statement: statementOf(id, chosen.slice(1)),
    })),
  };
}

/** Every corruption at every severity, on all test images, under every model. */
function corrupted(
  { workspace }: EngineContext,
  { idDatasetId }: ReportChoice,
  modelIds: readonly string[],
) {
  const images = usableImages(workspace.loadManifest(idDatasetId), 'test').length;
  return modelIds.map((modelId) => ({
    modelId,
    images: images * CORRUPTIONS.length * SEVERITIES.length,
  }));
}

function statementOf(
  id: (typeof PROTOCOL_IDS)[number],
  sets: readonly { readonly name: string; readonly nearFar: 'near' | 'far' | null }[],
): string {
  if (sets.length === 0) return '';
  try {
    return planProtocol(id, sets.map(({ name, nearFar }) => ({ name, nearFar }))).statement; // prettier-ignore
  } catch (error) {
    if (error instanceof AppError) return error.message;
    throw error;
  }
}

/** Images a second, from what trainings were seen to do here; null when there was none. */
function forwardSpeed({ workspace, loaded }: EngineContext, info: ModelInfo): number | null {
  const known = workspace
    .listThroughput()
    .filter(({ tier }) => loaded === null || tier === loaded.runtime.tier);
  const name = architectureName(info.architecture);
  const same = known.find(
    ({ network, inputSize }) => network === name && inputSize === info.architecture.inputSize,
  );
  const [nearest] = same ? [same] : known;
  if (!nearest) return null;
  const { multiplyAdds } = summariseNetwork(info.architecture);
  return (FORWARD_SPEEDUP * nearest.imagesPerSecond * nearest.multiplyAdds) / multiplyAdds;
}
