/** Leakage of the sets that are about to be compared: counted, and excluded through the curation log. */
import { leaksIntoOod, leaksWithinSet, type LeakingImage } from '../curate/leaking-images.ts';
import type { CurationTargets, LogEntry } from '../curate/types.ts';
import type { Manifest } from '../datasets/types.ts';
import { AppError } from '../errors.ts';
import type { Workspace } from '../store/workspace.ts';
import { analysedSet } from './dataset-findings.ts';

/** Images that two parts have in common, counted in the part that would be excluded. */
export interface LeakCount {
  readonly between: string;
  readonly exact: number;
  readonly near: number;
}

export interface LeakReport {
  readonly counts: readonly LeakCount[];
  /** Each image once. */
  readonly images: readonly LeakingImage[];
  /** Sets that were not analysed yet: nothing is known of them. */
  readonly notAnalysed: readonly string[];
}

/** Which leaking images go: copies of equal bytes, or those that look alike as well. */
export type LeakKind = 'exact' | 'all';

/**
 * What leaks between the splits of an ID set, and between it and OOD sets, with curation applied.
 * @param idDatasetId, oodDatasetIds full ids
 */
export function findLeakage(
  workspace: Workspace,
  idDatasetId: string,
  oodDatasetIds: readonly string[],
): LeakReport {
  const id = analysedSet(idDatasetId, workspace.loadManifest(idDatasetId));
  const analysis = workspace.loadAnalysis(idDatasetId, id.count);
  const shared = workspace.loadShared(idDatasetId);
  const ood = oodDatasetIds.map((datasetId) =>
    analysedSet(datasetId, workspace.loadManifest(datasetId)),
  );
  const notAnalysed = [id, ...ood].filter(({ datasetId, count }) => workspace.loadAnalysis(datasetId, count) === null); // prettier-ignore
  const images = [
    ...(analysis ? leaksWithinSet(id, analysis) : []),
    ...ood.flatMap((set) =>
      leaksIntoOod(id, set, shared.find(({ otherId }) => otherId === set.datasetId)?.pairs ?? []),
    ),
  ];
  const counts = new Map<string, { exact: number; near: number }>();
  for (const { between, kind } of images) {
    const count = counts.get(between) ?? { exact: 0, near: 0 };
    count[kind]++;
    counts.set(between, count);
  }
  return {
    counts: [...counts].map(([between, count]) => ({ between, ...count })),
    images,
    notAnalysed: notAnalysed.map(({ name }) => name),
  };
}

/**
 * What leaks into or within one set, against every other set on the list: of an ID set between its splits and into OOD
 * sets, of an OOD set what it shares with ID sets.
 */
export function leakageOfDataset(workspace: Workspace, wanted: string): LeakReport {
  const { id, role } = workspace.getDataset(wanted);
  const others = workspace.listDatasets().filter((other) => other.role !== role);
  if (role === 'id') return findLeakage(workspace, id, others.map((other) => other.id)); // prettier-ignore
  const reports = others.map((other) => findLeakage(workspace, other.id, [id]));
  const seen = new Set<number>();
  const images = reports
    .flatMap((report) => report.images)
    .filter(({ datasetId, ordinal }) => {
      if (datasetId !== id || seen.has(ordinal)) return false;
      seen.add(ordinal);
      return true;
    });
  const parts = new Set(images.map(({ between }) => between));
  return {
    counts: reports.flatMap(({ counts }) => counts).filter(({ between }) => parts.has(between)),
    images,
    notAnalysed: [...new Set(reports.flatMap(({ notAnalysed }) => notAnalysed))],
  };
}

/** Longest reason that the log takes. */
const MOST_REASON = 2000;

/**
 * Excludes leaking images, one entry of the log per pair of parts and kind, with the reason `leakage: same image as ...`.
 * Only images of test and validation splits and of OOD sets are in a report, so nothing that was trained on goes.
 * @returns the entries; empty when there is nothing to exclude
 */
export function excludeLeakage(
  workspace: Workspace,
  { images }: Pick<LeakReport, 'images'>,
  kind: LeakKind,
  author: string,
): readonly LogEntry[] {
  const manifests = new Map<string, Manifest>();
  const recordOf = ({
    datasetId,
    ordinal,
  }: {
    readonly datasetId: string;
    readonly ordinal: number;
  }) => {
    // prettier-ignore
    let manifest = manifests.get(datasetId);
    if (!manifest) manifests.set(datasetId, (manifest = workspace.loadRegistered(datasetId)));
    return { manifest, record: manifest.images[ordinal]! };
  };
  const wanted = images.filter((image) => kind === 'all' || image.kind === 'exact');
  const groups = Map.groupBy(wanted, (image) => `${image.datasetId} ${image.between} ${image.kind}`); // prettier-ignore
  return [...groups.values()].map((group) => {
    for (const image of group) {
      const { manifest, record } = recordOf(image);
      if (manifest.role === 'id' && record.split === 'train')
        throw new AppError('internal', `${record.path} is a training image; it is not excluded as leakage.`); // prettier-ignore
    }
    const [first] = group as [LeakingImage, ...LeakingImage[]];
    const targets: CurationTargets = {
      datasetId: first.datasetId,
      paths: group.map((image) => recordOf(image).record.path),
      sha256s: group.map((image) => recordOf(image).record.sha256),
      ordinals: Uint32Array.from(group, ({ ordinal }) => ordinal),
    };
    const pairs = group.map((image) => {
      const { manifest, record } = recordOf(image.sameAs);
      return `${recordOf(image).record.path} = ${manifest.name}/${record.path}`;
    });
    const beginning = `leakage: ${first.kind === 'exact' ? 'same image' : 'looks the same'} as in another part (${first.between}): `; // prettier-ignore
    return workspace.curation.apply({
      action: { type: 'exclude' },
      targets: [targets],
      author,
      reason: beginning + asMany(pairs, MOST_REASON - beginning.length),
    });
  });
}

/** As many as fit, and how many do not. */
function asMany(texts: readonly string[], room: number): string {
  const all = texts.join('; ');
  if (all.length <= room) return all;
  let shown = 0;
  let length = 0;
  while (length + texts[shown]!.length + 2 < room - 30) length += texts[shown++]!.length + 2;
  return `${texts.slice(0, shown).join('; ')}; and ${texts.length - shown} more`;
}
