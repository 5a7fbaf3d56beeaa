import { AppError } from '../../core/errors.ts';
import type { Split } from '../../core/datasets/types.ts';
import type { Estimate } from '../../core/report/audit.ts';
import type { Detector } from '../../core/score/types.ts';
import { refuseBarred } from '../../core/workflow/barred-sets.ts';
import { compareModels, type Comparison, type ModelDifference } from '../../core/workflow/compare-models.ts'; // prettier-ignore
import { scoreDatasets } from '../../core/workflow/score-datasets.ts';
import { extrasOf, missingExtra } from '../../core/workflow/stored-inputs.ts';
import { within } from '../../core/progress.ts';
import { detectorsNamed } from '../detector-names.ts';
import type { Host } from '../host.ts';
import { idDatasetOf, scoreSources } from '../score-sources.ts';
import { compareDetectors } from './compare-detectors.ts';
import { describeLeakage } from '../leakage.ts';
import { datasetId } from '../resolve.ts';
import { formatTable, percent, points } from '../table.ts';

export interface CompareOptions {
  readonly ood: readonly string[];
  readonly id?: string;
  readonly detector: string;
  readonly split: string;
}

const SPLITS: readonly Split[] = ['train', 'val', 'test'];
/** Share of the progress that goes to scoring what is not scored yet. */
const SCORING = 0.8;

/** `straylight compare <model> <model...>`: every model beside the first, on the same images. */
export async function compareCommand(
  host: Host,
  models: readonly string[],
  options: CompareOptions,
): Promise<void> {
  const workspace = host.workspace();
  const detectors = detectorsNamed(options.detector);
  const split = SPLITS.find((known) => known === options.split);
  if (!split)
    throw new AppError('usage', `--split must be train, val or test, not "${options.split}".`);
  const modelIds = [...new Set(models.map((model) => workspace.getModel(model).id))];
  if (modelIds.length < 2 && detectors.length < 2)
    throw new AppError(
      'usage',
      'Give at least two different models to compare, or several detectors (--detector all).',
    );
  const idDatasetId = await idDatasetOf(host, workspace, modelIds[0]!, options.id);
  const oodDatasetIds: string[] = [];
  for (const ood of options.ood) oodDatasetIds.push(await datasetId(host, ood, 'ood'));
  // Before the scores are computed, which takes minutes.
  refuseBarred(workspace, modelIds, oodDatasetIds);
  const leakage = describeLeakage(host, idDatasetId, oodDatasetIds);
  await scoreMissing(host, modelIds, [idDatasetId, ...oodDatasetIds], detectors);
  const sources = scoreSources(host);
  const [detector] = detectors as readonly [Detector];
  if (detectors.length > 1) {
    const request = { modelIds, idDatasetId, split, oodDatasetIds };
    const found = await compareDetectors(host, sources, detectors, request, SCORING);
    host.output.result({ leakage: leakage.counts, ...found });
    return;
  }
  const comparison = await compareModels(
    workspace,
    sources,
    { modelIds, detector: detector.id, idDatasetId, split, oodDatasetIds },
    { signal: host.hooks.signal, onProgress: within(host.hooks.onProgress, SCORING, 1) },
  );
  host.output.line(`${detector.label}: ${detector.formula}; larger = more in-distribution`);
  describe(host, comparison);
  host.output.result({ leakage: leakage.counts, ...resultOf(comparison) });
}

/** Scores that are stored with what the detectors need and whose images have not changed are used as they are. */
async function scoreMissing(
  host: Host,
  modelIds: readonly string[],
  datasetIds: readonly string[],
  detectors: readonly Detector[],
): Promise<void> {
  const workspace = host.workspace();
  const stored = workspace.listScores();
  const missing = modelIds.map((modelId) => ({
    modelId,
    datasetIds: datasetIds.filter(
      (id) =>
        !stored.some(
          (row) =>
            row.modelId === modelId &&
            row.datasetId === id &&
            detectors.every((detector) => missingExtra(detector, row) === null),
        ),
    ),
  }));
  const open = missing.filter(({ datasetIds: sets }) => sets.length > 0);
  for (const [i, { modelId, datasetIds: sets }] of open.entries()) {
    const onProgress = within(host.hooks.onProgress, (SCORING * i) / open.length, (SCORING * (i + 1)) / open.length); // prettier-ignore
    await scoreDatasets(workspace, await host.runtime(), modelId, sets, { ...host.hooks, onProgress, extras: extrasOf(detectors) }); // prettier-ignore
  }
}

function describe(host: Host, { models, differences, verdict, seeds }: Comparison): void {
  const [first] = models as [Comparison['models'][number]];
  const sets = first.overview.ood;
  const find = (modelId: string, datasetId: string | null, metric: ModelDifference['metric']) =>
    differences.find(
      (one) => one.modelId === modelId && one.datasetId === datasetId && one.metric === metric,
    )?.difference;
  const cell = (value: number, difference: Estimate | undefined): string =>
    difference ? `${percent(value)} (${interval(difference)})` : percent(value);
  for (const [metric, label] of [
    ['fpr95', 'FPR95, ID positive'],
    ['auroc', 'AUROC'],
  ] as const) {
    // prettier-ignore
    const rows = sets.map(({ datasetId, name }, s) => [
      name,
      ...models.map(({ modelId, overview }) =>
        cell(overview.evaluation!.perSet[s]![metric].value, find(modelId, datasetId, metric)),
      ),
    ]);
    const mean = models.map(({ modelId, overview }) =>
      cell(overview.evaluation!.average[metric], find(modelId, null, metric)),
    );
    host.output.line();
    host.output.line(
      formatTable([label, ...models.map(({ name }) => name)], [...rows, ['mean', ...mean]]),
    );
  }
  host.output.line();
  host.output.line(
    formatTable(
      ['ID', ...models.map(({ name }) => name)],
      [
        [
          'accuracy',
          ...models.map(({ modelId, overview }) =>
            cell(overview.idAccuracy.value, find(modelId, null, 'accuracy')),
          ),
        ],
      ],
    ),
  );
  host.output.line();
  host.output.line(
    `In brackets: points against ${first.name}, with the 95% interval of a paired bootstrap over the same images.`,
  );
  for (const { label, modelIds, fpr95, auroc, accuracy } of seeds)
    host.output.line(
      `${label}, ${modelIds.length} seeds (mean ± standard deviation): FPR95 ${plusMinus(fpr95)}, AUROC ${plusMinus(auroc)}, accuracy ${plusMinus(accuracy)}`,
    );
  if (!verdict) return;
  host.output.line(`Verdict: ${verdict.outcome}. ${verdict.sentence}`);
  for (const caution of verdict.cautions) host.output.line(`  - ${caution}`);
}

const interval = ({ value, low, high }: Estimate): string =>
  `${points(value)}; ${points(low)} to ${points(high)}`;

const plusMinus = ({ mean, std }: { readonly mean: number; readonly std: number }): string =>
  `${percent(mean)} ± ${(100 * std).toFixed(1)}`;

/** Without the columns, which are for charts. */
const resultOf = ({ models, differences, verdict, seeds }: Comparison) => ({
  models: models.map(({ modelId, name, role, overview }) => ({
    modelId,
    name,
    role,
    sets: overview.evaluation!.perSet,
    average: overview.evaluation!.average,
    idAccuracy: overview.idAccuracy,
    ece: overview.ece,
    threshold: overview.defaultThreshold,
  })),
  differences,
  verdict,
  seeds,
});
