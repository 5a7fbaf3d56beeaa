/** `straylight compare <model...> --detector all`: a table of detectors by sets for each model. */
import type { Split } from '../../core/datasets/types.ts';
import { within } from '../../core/progress.ts';
import type { Detector } from '../../core/score/types.ts';
import type { ScoreSources } from '../../core/workflow/score-sources.ts';
import { detectorResult, type DetectorResult } from '../../core/workflow/side-by-side.ts';
import type { Host } from '../host.ts';
import { formatTable, percent } from '../table.ts';

export interface DetectorsRequest {
  readonly modelIds: readonly string[];
  readonly idDatasetId: string;
  readonly split: Split;
  readonly oodDatasetIds: readonly string[];
}

/** One detector of one model. */
interface Row {
  readonly detector: Detector;
  readonly found: DetectorResult;
}

/** @returns what `--json` prints */
export async function compareDetectors(
  host: Host,
  sources: ScoreSources,
  detectors: readonly Detector[],
  { modelIds, ...request }: DetectorsRequest,
  from: number,
) {
  const workspace = host.workspace();
  const names = request.oodDatasetIds.map((id) => workspace.getDataset(id).name);
  const models = [];
  const steps = modelIds.length * detectors.length;
  for (const [m, modelId] of modelIds.entries()) {
    const { name } = workspace.getModel(modelId);
    const rows: Row[] = [];
    for (const [d, detector] of detectors.entries()) {
      const at = (place: number): number => from + ((1 - from) * (m * detectors.length + place)) / steps; // prettier-ignore
      const found = await detectorResult(
        sources,
        { modelId, detector: detector.id, ...request },
        { signal: host.hooks.signal, onProgress: within(host.hooks.onProgress, at(d), at(d + 1)) },
      );
      rows.push({ detector, found });
    }
    tell(host, name, names, rows);
    models.push({ modelId, name, detectors: rows.map(resultOf(names)) });
  }
  return { split: request.split, models };
}

function tell(host: Host, model: string, sets: readonly string[], rows: readonly Row[]): void {
  for (const [metric, label] of [
    ['fpr95', 'FPR95, ID positive'],
    ['auroc', 'AUROC'],
  ] as const) {
    host.output.line();
    host.output.line(`${model}: ${label}`);
    host.output.line(
      formatTable(
        ['detector', ...sets, 'mean'],
        rows.map(({ detector, found }) => [
          detector.label,
          ...(found.state === 'ready'
            ? [...found.sets.map((set) => percent(set[metric])), percent(found.average![metric])]
            : [...sets.map(() => '–'), '–']),
        ]),
      ),
    );
  }
  for (const { detector, found } of rows) {
    if (found.state === 'unavailable') host.output.line(`Note: ${detector.label}: ${found.reason}`);
    else for (const note of found.notes) host.output.line(`Note: ${detector.label}: ${note}`);
  }
}

/** Without the histograms, which are for charts. */
const resultOf =
  (sets: readonly string[]) =>
  ({ detector, found }: Row) =>
    found.state === 'unavailable'
      ? { detector: detector.id, unavailable: found.reason }
      : {
          detector: detector.id,
          threshold: found.threshold,
          notes: found.notes,
          sets: found.sets.map((set, i) => ({ dataset: sets[i], ...set })),
          average: found.average,
        };
