import path from 'node:path';
import { toCsv, type CsvCell } from '../../core/csv.ts';
import { loadModel } from '../../core/model/model-file.ts';
import { moments } from '../../core/metrics/moments.ts';
import { detectorById } from '../../core/score/registry.ts';
import { detectorScores } from '../../core/workflow/detector-scores.ts';
import { scoreDatasets, type DatasetScored } from '../../core/workflow/score-datasets.ts';
import type { StoredScores } from '../../core/store/scores.ts';
import type { Manifest } from '../../core/datasets/types.ts';
import type { Host } from '../host.ts';
import { datasetId } from '../resolve.ts';
import { formatTable } from '../table.ts';
import { writeCsv } from '../write-csv.ts';

export interface ScoreOptions {
  readonly detector: string;
  readonly csv?: string;
}

/** `straylight score <model> <dataset...>`: one number per image. */
export async function scoreCommand(
  host: Host,
  model: string,
  datasets: readonly string[],
  options: ScoreOptions,
): Promise<void> {
  const detector = detectorById(options.detector);
  const workspace = host.workspace();
  const modelId = workspace.getModel(model).id;
  const ids: string[] = [];
  for (const dataset of datasets) ids.push(await datasetId(host, dataset, 'auto'));
  const outcomes = await scoreDatasets(workspace, await host.runtime(), modelId, ids, host.hooks);
  const scored: ScoredDataset[] = [];
  for (const [i, id] of ids.entries()) {
    const stored = (await workspace.loadScores({ modelId, datasetId: id }))!;
    const manifest = workspace.loadManifest(id);
    scored.push({
      manifest,
      stored,
      outcome: outcomes[i]!,
      scores: await detectorScores(stored, detector),
    });
  }
  if (options.csv !== undefined) {
    const { info } = await loadModel(workspace.getModel(modelId).folder);
    await writeCsv(options.csv, scoreCsv(scored, info.classes, detector.id));
  }
  const results = scored.map(({ manifest, scores, outcome }) => ({
    dataset: manifest.name,
    discovered: outcome.discovered,
    scored: outcome.scored,
    failed: outcome.failed,
    excluded: outcome.excluded,
    unreadableSinceScan: outcome.failures.length,
    ...moments(scores, manifest.name),
  }));
  host.output.line(`${detector.label}: ${detector.formula}; larger = more in-distribution`);
  host.output.line(
    formatTable(
      ['dataset', 'discovered', 'scored', 'failed', 'excluded', 'mean S', 'std'],
      results.map(({ dataset, discovered, scored: n, failed, excluded, mean, std }) => [
        dataset,
        ...[discovered, n, failed, excluded].map(String),
        mean.toFixed(3),
        std.toFixed(3),
      ]),
    ),
  );
  for (const { dataset, failed, unreadableSinceScan } of results)
    if (failed > 0)
      host.output.line(
        `${dataset}: ${failed} files have no score${unreadableSinceScan > 0 ? `, ${unreadableSinceScan} of them changed since the scan: scan the folder again` : ''}. --csv FILE lists each with the reason.`,
      );
  if (options.csv !== undefined) host.output.line(`Per image: ${path.resolve(options.csv)}`);
  host.output.result({ detector: detector.id, datasets: results, csv: options.csv ?? null });
}

interface ScoredDataset {
  readonly manifest: Manifest;
  readonly stored: StoredScores;
  readonly scores: Float64Array;
  readonly outcome: DatasetScored;
}

/**
 * One row per file found, in the order of the scan; those without a score say why. A score is larger for
 * in-distribution images, an energy smaller.
 */
function* scoreCsv(
  scored: readonly ScoredDataset[],
  classes: readonly string[],
  score: string,
): Generator<string> {
  const header = [
    ...['dataset', 'path', 'sha256', 'split', 'status', 'reason'],
    ...['predicted', 'confidence', `${score}_score`, 'energy'],
  ];
  yield* toCsv(header, rowsOf(scored, classes));
}

function* rowsOf(
  scored: readonly ScoredDataset[],
  classes: readonly string[],
): Generator<CsvCell[]> {
  for (const { manifest, stored, scores, outcome } of scored) {
    const placeOf = new Map(Array.from(stored.rows, (row, i) => [row, i]));
    const reasons = new Map(outcome.failures.map(({ path: file, reason }) => [file, reason]));
    for (const [row, { path: file, sha256, split, status, reason }] of manifest.images.entries()) {
      const i = placeOf.get(row);
      const begin = [manifest.name, file, sha256, split ?? ''];
      if (i === undefined) {
        const since = reasons.get(file);
        const [state, why] = since === undefined ? [status, reason] : ['failed', since];
        yield [...begin, state, why, '', null, null, null];
      } else
        yield [
          ...begin,
          ...['scored', '', classes[stored.predicted[i]!]!],
          ...[stored.confidence[i]!, scores[i]!, stored.energies[i]!],
        ];
    }
  }
}
