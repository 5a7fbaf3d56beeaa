/** The robustness of a report's models: measured when it is asked for, else what was measured before. */
import type { ModelRole, Robustness } from '../../report/audit.ts';
import { CORRUPTION_SOURCE } from '../../robustness/corruptions.ts';
import { loadRobustness, type Robustness as Measured } from '../../robustness/stored.ts';
import { PRIMARY_DETECTOR } from '../../score/registry.ts';
import type { Workspace } from '../../store/workspace.ts';
import type { Runtime } from '../../tf/runtime.ts';
import { measureRobustness, ROBUSTNESS_DEFAULTS } from '../measure-robustness.ts';
import type { WorkflowHooks } from '../train-model.ts';

/** @returns null when it was not asked for and is not known of every model on the same images */
export async function reportRobustness(
  workspace: Workspace,
  runtime: Runtime,
  models: readonly { readonly role: ModelRole; readonly id: string }[],
  datasetId: string,
  wanted: { readonly images: number | null } | undefined,
  hooks: WorkflowHooks,
): Promise<Robustness | null> {
  const modelIds = models.map(({ id }) => id);
  const results = wanted
    ? await measureRobustness(workspace, runtime, { ...ROBUSTNESS_DEFAULTS, ...wanted, modelIds, datasetId }, hooks) // prettier-ignore
    : await Promise.all(modelIds.map((id) => loadRobustness(workspace, id, datasetId)));
  const known = results.filter((result) => result !== null);
  const [first] = known;
  if (!first || known.length < models.length) return null;
  const same = ({ images, settings }: Measured): string => JSON.stringify([images, settings]);
  if (known.some((result) => same(result) !== same(first))) return null;
  return {
    images: first.images,
    seed: first.settings.seed,
    detector: PRIMARY_DETECTOR.id,
    source: CORRUPTION_SOURCE,
    perModel: known.map(({ clean, cells }, m) => ({
      role: models[m]!.role,
      clean: { accuracy: clean.accuracy, keptAtThreshold: clean.keptAtThreshold, meanEnergy: clean.meanEnergy }, // prettier-ignore
      cells: cells.map(({ corruption, severity, accuracy, keptAtThreshold, meanEnergy }) => ({ corruption, severity, accuracy, keptAtThreshold, meanEnergy })), // prettier-ignore
    })),
  };
}
