import path from 'node:path';
import { toCsv, type CsvCell } from '../../core/csv.ts';
import { moments } from '../../core/metrics/moments.ts';
import { within } from '../../core/progress.ts';
import type { Detector } from '../../core/score/types.ts';
import { refuseBarred } from '../../core/workflow/barred-sets.ts';
import { scoreDatasets, type DatasetScored } from '../../core/workflow/score-datasets.ts';
import type { ScoredRows } from '../../core/workflow/scope-columns.ts';
import { isUnavailable } from '../../core/workflow/side-by-side.ts';
import { extrasOf, missingInput } from '../../core/workflow/stored-inputs.ts';
import type { Manifest } from '../../core/datasets/types.ts';
import { detectorsNamed } from '../detector-names.ts';
import type { Host } from '../host.ts';
import { idDatasetOf, scoreSources } from '../score-sources.ts';
import { datasetId } from '../resolve.ts';
import { formatTable } from '../table.ts';
import { writeCsv } from '../write-csv.ts';

export interface ScoreOptions {
  readonly detector: string;
  readonly id?: string;
  readonly csv?: string;
}

/** Share of the progress that goes to the passes over the images. */
const PASSES = 0.7;

/** `straylight score <model> <dataset...>`: a number per image and detector, in one pass over the images. */
export async function scoreCommand(
  host: Host,
  model: string,
  datasets: readonly string[],
  options: ScoreOptions,
): Promise<void> {
  const detectors = detectorsNamed(options.detector);
  const workspace = host.workspace();
  const modelId = workspace.getModel(model).id;
  const ids: string[] = [];
  for (const dataset of datasets) ids.push(await datasetId(host, dataset, 'auto'));
  refuseBarred(workspace, [modelId], ids);
  const fitting = detectors.filter(({ fit }) => fit);
  const idDatasetId = fitting.length > 0 ? await idDatasetOf(host, workspace, modelId, options.id) : ids[0]!; // prettier-ignore
  const also = fitting.length > 0 && needsScoring(host, modelId, idDatasetId, fitting) && !ids.includes(idDatasetId); // prettier-ignore
  if (also)
    host.output.line(
      `${workspace.getDataset(idDatasetId).name} is scored too: ${fitting.map(({ label }) => label).join(', ')} learn from its training images.`,
    );
  const outcomes = await scoreDatasets(
    workspace,
    await host.runtime(),
    modelId,
    also ? [...ids, idDatasetId] : ids,
    {
      ...host.hooks,
      onProgress: within(host.hooks.onProgress, 0, PASSES),
      extras: extrasOf(detectors),
    },
  );
  const sources = scoreSources(host);
  const scored: ScoredDataset[] = [];
  const notes = new Set<string>();
  for (const [i, id] of ids.entries()) {
    const columns = new Map<string, Float64Array>();
    for (const [d, detector] of detectors.entries()) {
      const at = (place: number): number => PASSES + (1 - PASSES) * ((i + place / detectors.length) / ids.length); // prettier-ignore
      const found = await tolerated(detectors.length > 1, notes, detector, () =>
        sources.column({ modelId, detector: detector.id, idDatasetId }, id, {
          signal: host.hooks.signal,
          onProgress: within(host.hooks.onProgress, at(d), at(d + 1)),
        }),
      );
      if (!found) continue;
      columns.set(detector.id, found.scores);
      for (const note of found.notes) notes.add(`${detector.label}: ${note}`);
    }
    const { scored: rows } = await sources.scored({ modelId, detector: 'energy', idDatasetId }, id);
    scored.push({ manifest: workspace.loadManifest(id), outcome: outcomes[i]!, rows, columns });
  }
  if (options.csv !== undefined) await writeCsv(options.csv, scoreCsv(scored, detectors));
  tell(host, detectors, scored);
  for (const note of notes) host.output.line(`Note: ${note}`);
  if (options.csv !== undefined) host.output.line(`Per image: ${path.resolve(options.csv)}`);
  const results = detectors.map((detector) => resultOf(detector, scored));
  host.output.result({
    detector: detectors[0]!.id,
    datasets: results[0]!.datasets,
    detectors: results,
    csv: options.csv ?? null,
  });
}

/** With several detectors, one that cannot be computed is told of and left out. */
async function tolerated<Result>(
  several: boolean,
  notes: Set<string>,
  { label }: Detector,
  work: () => Promise<Result>,
): Promise<Result | null> {
  try {
    return await work();
  } catch (error) {
    if (!several || !isUnavailable(error)) throw error;
    notes.add(`${label} has no scores. ${error.message}`);
    return null;
  }
}

/** Whether the training images lack what the detectors learn from. */
function needsScoring(
  host: Host,
  modelId: string,
  idDatasetId: string,
  detectors: readonly Detector[],
): boolean {
  const row = host
    .workspace()
    .listScores()
    .find((scores) => scores.modelId === modelId && scores.datasetId === idDatasetId);
  return !row || detectors.some((detector) => missingInput(detector, row) !== null);
}

interface ScoredDataset {
  readonly manifest: Manifest;
  readonly outcome: DatasetScored;
  /** Of the energy. */
  readonly rows: ScoredRows;
  /** By detector; in the order of the rows. */
  readonly columns: ReadonlyMap<string, Float64Array>;
}

function tell(host: Host, detectors: readonly Detector[], scored: readonly ScoredDataset[]): void {
  for (const detector of detectors)
    host.output.line(`${detector.label}: ${detector.formula}; larger = more in-distribution`);
  const moment = (column: Float64Array | undefined, name: string): readonly string[] => {
    if (!column) return ['', ''];
    const { mean, std } = moments(column, name);
    return [mean.toPrecision(4), std.toPrecision(4)];
  };
  host.output.line(
    formatTable(
      ['dataset', 'discovered', 'scored', 'failed', 'excluded'],
      scored.map(({ manifest, outcome }) => [
        manifest.name,
        ...[outcome.discovered, outcome.scored, outcome.failed, outcome.excluded].map(String),
      ]),
    ),
  );
  host.output.line(
    formatTable(
      ['dataset', 'detector', 'mean S', 'std'],
      scored.flatMap(({ manifest, columns }) =>
        detectors.map(({ id, label }) => [
          manifest.name,
          label,
          ...moment(columns.get(id), manifest.name),
        ]),
      ),
    ),
  );
  for (const { manifest, outcome } of scored) {
    const { failed, failures } = outcome;
    if (failed > 0)
      host.output.line(
        `${manifest.name}: ${failed} files have no score${failures.length > 0 ? `, ${failures.length} of them changed since the scan: scan the folder again` : ''}. --csv FILE lists each with the reason.`,
      );
  }
}

const resultOf = ({ id }: Detector, scored: readonly ScoredDataset[]) => ({
  detector: id,
  datasets: scored.map(({ manifest, outcome, columns }) => {
    const column = columns.get(id);
    return {
      dataset: manifest.name,
      discovered: outcome.discovered,
      scored: outcome.scored,
      failed: outcome.failed,
      excluded: outcome.excluded,
      unreadableSinceScan: outcome.failures.length,
      ...(column ? moments(column, manifest.name) : { mean: null, std: null }),
    };
  }),
});

/**
 * One row per file found, in the order of the scan; those without a score say why. A score is larger for
 * in-distribution images, an energy smaller.
 */
function* scoreCsv(
  scored: readonly ScoredDataset[],
  detectors: readonly Detector[],
): Generator<string> {
  const header = [
    ...['dataset', 'path', 'sha256', 'split', 'status', 'reason', 'predicted', 'confidence'],
    ...detectors.map(({ id }) => `${id}_score`),
    'energy',
  ];
  yield* toCsv(header, rowsOf(scored, detectors));
}

function* rowsOf(
  scored: readonly ScoredDataset[],
  detectors: readonly Detector[],
): Generator<CsvCell[]> {
  for (const { manifest, rows, columns, outcome } of scored) {
    const placeOf = new Map(Array.from(rows.rows, (row, i) => [row, i]));
    const reasons = new Map(outcome.failures.map(({ path: file, reason }) => [file, reason]));
    for (const [row, { path: file, sha256, split, status, reason }] of manifest.images.entries()) {
      const i = placeOf.get(row);
      const begin = [manifest.name, file, sha256, split ?? ''];
      if (i === undefined) {
        const since = reasons.get(file);
        const [state, why] = since === undefined ? [status, reason] : ['failed', since];
        yield [...begin, state, why, '', null, ...detectors.map(() => null), null];
      } else
        yield [
          ...begin,
          ...['scored', '', rows.modelClasses[rows.predicted[i]!]!, rows.confidence[i]!],
          ...detectors.map(({ id }) => columns.get(id)?.[i] ?? null),
          0 - rows.scores[i]!,
        ];
    }
  }
}
