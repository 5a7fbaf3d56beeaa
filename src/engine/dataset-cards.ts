/** What a dataset's card shows, its problems and its lists. Counts follow curation at once. */
import { statSync } from 'node:fs';
import type { DatasetCard } from '../contract/datasets.ts';
import {
  findingsOf,
  type AnalysedSet,
  type SharedWith,
} from '../core/datasets/analyse/findings.ts';
import type { Split } from '../core/datasets/types.ts';
import type { CurationState } from '../core/curate/replay.ts';
import { SPLIT_CODES, STATUS_CODES, type ImageIndex } from '../core/query/image-index.ts';
import type { DatasetRow, DatasetTotals } from '../core/store/datasets.ts';
import type { StoredAnalysis } from '../core/store/analyses.ts';
import type { EngineContext } from './context.ts';

/** Images of the sample sheet. */
const SAMPLE = 24;
const SPLITS: readonly Split[] = ['train', 'val', 'test'];

/** A dataset with all that its card is made of. */
export interface DatasetView {
  readonly dataset: DatasetRow;
  readonly index: ImageIndex;
  readonly state: CurationState;
  readonly analysis: StoredAnalysis | null;
  readonly set: AnalysedSet;
  /** Class index after relabelling; -1 for none. */
  readonly classOf: (ordinal: number) => number;
}

export async function viewDataset(engine: EngineContext, datasetId: string): Promise<DatasetView> {
  const dataset = engine.workspace.getDataset(datasetId);
  const index = await engine.images.index(dataset.id);
  const state = await engine.images.curation(dataset.id);
  return {
    dataset,
    index,
    state,
    analysis: engine.workspace.loadAnalysis(dataset.id, index.count),
    set: {
      datasetId: dataset.id,
      name: dataset.name,
      role: dataset.role,
      count: index.count,
      inUse: (i) => index.statuses[i] === STATUS_CODES.ok && state.excluded[i] === 0,
      split: (i) => index.split(i),
    },
    classOf: (i) => (state.relabelled[i]! >= 0 ? state.relabelled[i]! : index.classIndices[i]!),
  };
}

/** What the dataset shares with others that are on the list. */
export async function sharedWith(
  engine: EngineContext,
  datasetId: string,
): Promise<readonly SharedWith[]> {
  const listed = new Set(engine.workspace.listDatasets().map(({ id }) => id));
  const shared = engine.workspace
    .loadShared(datasetId)
    .filter(({ otherId }) => listed.has(otherId));
  return Promise.all(
    shared.map(async ({ otherId, pairs }) => ({
      other: (await viewDataset(engine, otherId)).set,
      pairs,
    })),
  );
}

interface CachedTotals {
  readonly key: string;
  readonly totals: DatasetTotals;
}
const totalsOf = new WeakMap<EngineContext, Map<string, CachedTotals>>();

/** Bytes and sizes, which take a pass over the database, once per scan. */
function cachedTotals(engine: EngineContext, { id, scannedAt }: DatasetRow): DatasetTotals {
  const cache = totalsOf.get(engine) ?? new Map<string, CachedTotals>();
  totalsOf.set(engine, cache);
  const known = cache.get(id);
  if (known?.key === scannedAt) return known.totals;
  const totals = engine.workspace.datasetTotals(id);
  cache.set(id, { key: scannedAt, totals });
  return totals;
}

export async function datasetCard(engine: EngineContext, datasetId: string): Promise<DatasetCard> {
  const view = await viewDataset(engine, datasetId);
  const { dataset, index, state, set, analysis } = view;
  const { summary } = dataset;
  const { bytes, sizes } = cachedTotals(engine, dataset);
  const classes = summary.classes.map((name) => ({ name, train: 0, val: 0, test: 0 }));
  const splits = { train: 0, val: 0, test: 0 };
  let ok = 0;
  let failed = 0;
  let excluded = 0;
  for (let i = 0; i < index.count; i++) {
    if (index.statuses[i] !== STATUS_CODES.ok) {
      failed++;
      continue;
    }
    if (state.excluded[i] === 1) {
      excluded++;
      continue;
    }
    ok++;
    const split = SPLITS.find((name) => SPLIT_CODES[name] === index.splits[i]);
    if (split === undefined) continue;
    splits[split]++;
    const entry = classes[view.classOf(i)];
    if (entry) entry[split]++;
  }
  const findings = analysis
    ? findingsOf(set, analysis, await sharedWith(engine, dataset.id))
    : null;
  return {
    id: dataset.id,
    name: dataset.name,
    role: dataset.role,
    nearFar: dataset.nearFar,
    format: dataset.format,
    root: dataset.root,
    reachable: statSync(dataset.root, { throwIfNoEntry: false })?.isDirectory() ?? false,
    classes,
    discovered: index.count,
    ok,
    failed,
    excluded,
    symlinksSkipped: summary.symlinksSkipped,
    otherFiles: summary.otherFiles,
    bytes,
    splits,
    splitSource: summary.splitSource,
    splitSeed: summary.splitSeed,
    sizes: sizes.map((size) => ({ ...size })),
    fingerprint: dataset.fingerprint,
    scannedAt: dataset.scannedAt,
    analysis:
      findings && analysis
        ? {
            exactDuplicates: findings.exactDuplicates,
            nearDuplicates: findings.nearDuplicates,
            flagged: findings.flagged,
            flags: findings.flags.map((one) => ({ ...one })),
            leaks: findings.leaks.map((one) => ({ ...one })),
            analysedAt: analysis.analysedAt,
          }
        : null,
    sample: sampleOf(view),
    removedAt: dataset.removedAt,
  };
}

/** Images in use, spread over the classes, and within each over its length. */
function sampleOf({ index, set, dataset, classOf }: DatasetView): Uint32Array<ArrayBuffer> {
  const classes = Math.max(1, dataset.summary.classes.length);
  const perClass = Math.max(1, Math.ceil(SAMPLE / classes));
  const sizes = new Uint32Array(classes);
  const place = (i: number): number => Math.max(0, classOf(i));
  for (let i = 0; i < index.count; i++) if (set.inUse(i)) sizes[place(i)]!++;
  const seen = new Uint32Array(classes);
  const picked = new Uint32Array(classes);
  const sample: number[] = [];
  for (let i = 0; i < index.count && sample.length < SAMPLE; i++) {
    if (!set.inUse(i)) continue;
    const c = place(i);
    // The k-th pick of a class stands at k/perClass of its images.
    const next = Math.floor((picked[c]! * sizes[c]!) / perClass);
    if (seen[c]!++ < next || picked[c]! >= perClass) continue;
    picked[c]!++;
    sample.push(i);
  }
  return Uint32Array.from(sample);
}
