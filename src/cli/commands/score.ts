import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { toCsv } from '../../core/csv.ts';
import { loadModel } from '../../core/model/model-file.ts';
import { moments } from '../../core/metrics/moments.ts';
import { detectorById } from '../../core/score/registry.ts';
import { saveScoredSet, scoreModel, type ScoredSet } from '../../core/workflow/score-model.ts';
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
  const row = workspace.getModel(model);
  const ids: string[] = [];
  for (const dataset of datasets) ids.push(await datasetId(host, dataset, 'auto'));
  const targets = ids.map((id) => ({ manifest: workspace.loadManifest(id), split: null }));
  const runtime = await host.runtime();
  const sets = await scoreModel(runtime, await loadModel(row.folder), targets, {
    cacheDir: workspace.cacheFolder(),
    signal: host.hooks.signal,
    onProgress: host.hooks.onProgress,
  });
  sets.forEach((set, i) => saveScoredSet(workspace, row.id, ids[i]!, [set]));
  const scored = sets.map((set) => ({ set, scores: detector.score({ logits: set.logits }) }));
  if (options.csv !== undefined)
    await writeFile(options.csv, [...scoreCsv(scored, detector.id)].join(''));
  const results = scored.map(({ set, scores }) => ({
    dataset: set.manifest.name,
    scored: set.records.length,
    failed: set.manifest.images.filter(({ status }) => status === 'failed').length,
    unreadableSinceScan: set.failures.length,
    ...moments(scores, set.manifest.name),
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

function* scoreCsv(
  scored: readonly { readonly set: ScoredSet; readonly scores: Float64Array }[],
  score: string,
): Generator<string> {
  const header = ['dataset', 'path', 'sha256', 'split', 'predicted', 'confidence', score, 'energy'];
  const rows = scored.flatMap(({ set, scores }) =>
    set.records.map((record, i) => [
      set.manifest.name,
      record.path,
      record.sha256,
      record.split ?? '',
      set.predicted[i]!,
      set.confidence[i]!,
      scores[i]!,
      set.energies[i]!,
    ]),
  );
  yield* toCsv(header, rows);
}
