import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { toCsv } from '../../core/csv.ts';
import { moments } from '../../core/metrics/moments.ts';
import { detectorById } from '../../core/score/registry.ts';
import { detectorScores } from '../../core/workflow/detector-scores.ts';
import { scoreDatasets } from '../../core/workflow/score-datasets.ts';
import type { StoredScores } from '../../core/store/scores.ts';
import type { Manifest } from '../../core/datasets/types.ts';
import type { Host } from '../host.ts';
import { datasetId } from '../resolve.ts';
import { formatTable } from '../table.ts';

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
  for (const id of ids) {
    const stored = (await workspace.loadScores({ modelId, datasetId: id }))!;
    const manifest = workspace.loadManifest(id);
    scored.push({ manifest, stored, scores: await detectorScores(stored, detector) });
  }
  if (options.csv !== undefined)
    await writeFile(options.csv, [...scoreCsv(scored, detector.id)].join(''));
  const results = scored.map(({ manifest, stored, scores }, i) => ({
    dataset: manifest.name,
    scored: stored.count,
    failed: outcomes[i]!.failed - outcomes[i]!.failures.length,
    unreadableSinceScan: outcomes[i]!.failures.length,
    ...moments(scores, manifest.name),
  }));
  host.output.line(`${detector.label}: ${detector.formula}; larger = more in-distribution`);
  host.output.line(
    formatTable(
      ['dataset', 'scored', 'failed', 'mean S', 'std'],
      results.map(({ dataset, scored: n, failed, unreadableSinceScan, mean, std }) => [
        dataset,
        String(n),
        String(failed + unreadableSinceScan),
        mean.toFixed(3),
        std.toFixed(3),
      ]),
    ),
  );
  if (options.csv !== undefined) host.output.line(`Per image: ${path.resolve(options.csv)}`);
  host.output.result({ detector: detector.id, datasets: results, csv: options.csv ?? null });
}

interface ScoredDataset {
  readonly manifest: Manifest;
  readonly stored: StoredScores;
  readonly scores: Float64Array;
}

/** One row per scored image, in the order of the manifest. */
function* scoreCsv(scored: readonly ScoredDataset[], score: string): Generator<string> {
  const header = ['dataset', 'path', 'sha256', 'split', 'predicted', 'confidence', score, 'energy'];
  const rows = scored.flatMap(({ manifest, stored, scores }) => {
    const order = Uint32Array.from(stored.rows.keys()).sort(
      (a, b) => stored.rows[a]! - stored.rows[b]!,
    );
    return Array.from(order, (i) => {
      const record = manifest.images[stored.rows[i]!]!;
      return [
        manifest.name,
        record.path,
        record.sha256,
        record.split ?? '',
        stored.predicted[i]!,
        stored.confidence[i]!,
        scores[i]!,
        stored.energies[i]!,
      ];
    });
  });
  yield* toCsv(header, rows);
}
