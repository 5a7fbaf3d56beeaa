import type { Workspace } from '../../core/store/workspace.ts';
import { scoreDatasets } from '../../core/workflow/score-datasets.ts';
import { extrasOf, missingInput } from '../../core/workflow/stored-inputs.ts';
import { tuneDetectors, type TunedDetector } from '../../core/workflow/tune-detectors.ts';
import { detectorsNamed } from '../detector-names.ts';
import type { Host } from '../host.ts';
import { datasetId } from '../resolve.ts';
import { idDatasetOf, scoreSources } from '../score-sources.ts';
import { formatTable, percent } from '../table.ts';

export interface TuneOptions {
  readonly detector: string;
  readonly id?: string;
  readonly validation?: string;
  readonly ood?: readonly string[];
}

/** `straylight tune <model>`: settings of detectors, chosen on validation images. */
export async function tuneCommand(host: Host, model: string, options: TuneOptions): Promise<void> {
  const detectors = detectorsNamed(options.detector);
  const workspace = host.workspace();
  const modelId = workspace.getModel(model).id;
  const idDatasetId = await idDatasetOf(host, workspace, modelId, options.id);
  const { validation } = options;
  const validationSetId =
    validation === undefined ? null : await datasetId(host, validation, 'ood');
  const testSetIds: string[] = [];
  for (const set of options.ood ?? []) testSetIds.push(await datasetId(host, set, 'ood'));
  const sets = [idDatasetId, ...testSetIds, ...(validationSetId === null ? [] : [validationSetId])];
  const runtime = await host.runtime();
  // ODIN moves the images anew for every setting; what the others need is stored.
  const stored = detectors.filter(({ needs }) => !needs.includes('perturbed'));
  const unscored = sets.filter((set) => lacks(workspace, modelId, set, stored));
  if (unscored.length > 0)
    await scoreDatasets(workspace, runtime, modelId, unscored, { ...host.hooks, extras: extrasOf(stored) }); // prettier-ignore
  const request = { modelId, idDatasetId, detectors, validationSetId, testSetIds };
  const tuned = await tuneDetectors(workspace, runtime, scoreSources(host), request, host.hooks);
  tell(host, tuned);
  host.output.result({
    model: modelId,
    detectors: tuned.map(({ detector, tuning, tests }) => ({ detector: detector.id, ...tuning, tests })), // prettier-ignore
  });
}

function lacks(
  workspace: Workspace,
  modelId: string,
  set: string,
  detectors: Parameters<typeof missingInput>[0][],
): boolean {
  const row = workspace
    .listScores()
    .find((scores) => scores.modelId === modelId && scores.datasetId === set);
  return !row || detectors.some((detector) => missingInput(detector, row) !== null);
}

function tell(host: Host, tuned: readonly TunedDetector[]): void {
  for (const { tuning } of tuned) host.output.line(tuning.statement);
  const rows = tuned.flatMap(({ detector, tests }) =>
    tests.map(({ name, defaults, tuned: after }) => [
      detector.label,
      name,
      percent(defaults.fpr95),
      percent(after.fpr95),
      percent(defaults.auroc),
      percent(after.auroc),
    ]),
  );
  if (rows.length > 0)
    host.output.line(
      formatTable(
        ['detector', 'test set', 'FPR95, defaults', 'tuned', 'AUROC, defaults', 'tuned'],
        rows,
      ),
    );
}
