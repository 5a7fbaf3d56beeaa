/** The log and what it comes to, as the contract tells it. */
import type { CurationEntry, CurationReview } from '../contract/curation.ts';
import type { AppliedEntry, LogEntry } from '../core/curate/types.ts';
import { STATUS_CODES } from '../core/query/image-index.ts';
import type { EngineContext } from './context.ts';
import { viewDataset, type DatasetView } from './dataset-cards.ts';

/** Paths shown of each entry. */
const EXAMPLES = 5;

/** Entries as the contract has them. @param log whole, oldest first */
export function wireEntries(
  entries: readonly LogEntry[],
  log: readonly LogEntry[],
  undone: ReadonlySet<string>,
): CurationEntry[] {
  const applied = new Map(
    log.filter((entry): entry is AppliedEntry => entry.kind === 'apply').map((e) => [e.id, e]),
  );
  return entries.flatMap((entry) => {
    const about = entry.kind === 'apply' ? entry : applied.get(entry.target);
    if (!about) return [];
    return {
      id: entry.id,
      time: entry.time,
      author: entry.author,
      kind: entry.kind,
      target: entry.kind === 'apply' ? null : entry.target,
      action: { ...about.action },
      reason: entry.reason,
      images: about.targets.reduce((sum, { paths }) => sum + paths.length, 0),
      examples: about.targets.flatMap(({ paths }) => paths.slice(0, EXAMPLES)).slice(0, EXAMPLES),
      undone: entry.kind === 'apply' && undone.has(entry.id),
    };
  });
}

/** What is in force, dataset by dataset. Datasets without a decision are left out. */
export async function curationReview(engine: EngineContext): Promise<CurationReview> {
  const { active, nextUndo, nextRedo } = engine.workspace.curation.current();
  const touched = new Set(active.flatMap(({ targets }) => targets.map((t) => t.datasetId)));
  const tags = new Map<string, number>();
  const datasets: CurationReview['datasets'] = [];
  for (const { id } of engine.workspace.listDatasets()) {
    if (!touched.has(id)) continue;
    const view = await viewDataset(engine, id);
    for (const [tag, ordinals] of view.state.tags)
      tags.set(tag, (tags.get(tag) ?? 0) + ordinals.size);
    datasets.push(reviewOf(view));
  }
  return {
    datasets,
    tags: [...tags].map(([tag, count]) => ({ tag, count })).sort((a, b) => b.count - a.count),
    canUndo: nextUndo !== null,
    canRedo: nextRedo !== null,
  };
}

function reviewOf({
  dataset,
  index,
  state,
  set,
  classOf,
}: DatasetView): CurationReview['datasets'][number] {
  const { classes } = dataset.summary;
  const before = new Uint32Array(classes.length);
  const after = new Uint32Array(classes.length);
  let excluded = 0;
  let relabelled = 0;
  for (let i = 0; i < index.count; i++) {
    if (index.statuses[i] !== STATUS_CODES.ok) continue;
    if (index.classIndices[i]! >= 0) before[index.classIndices[i]!]!++;
    if (state.relabelled[i]! >= 0) relabelled++;
    if (!set.inUse(i)) excluded++;
    else if (classOf(i) >= 0) after[classOf(i)]!++;
  }
  const tagged = new Set<number>();
  for (const ordinals of state.tags.values()) for (const ordinal of ordinals) tagged.add(ordinal);
  const counted = (counts: Uint32Array) => classes.map((name, i) => ({ name, count: counts[i]! }));
  return {
    datasetId: dataset.id,
    name: dataset.name,
    images: index.count,
    excluded,
    relabelled,
    tagged: tagged.size,
    noted: state.notes.size,
    stale: state.stale.size,
    classesBefore: counted(before),
    classesAfter: counted(after),
  };
}
