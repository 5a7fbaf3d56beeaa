/** What the analysis of a dataset means now, with curation applied; and exporting it. */
import type { ExportRequest } from '../curate/export-images.ts';
import { effectiveManifest } from '../curate/effective-manifest.ts';
import { flagsIn } from '../datasets/analyse/flags.ts';
import { findingsOf, type AnalysedSet, type Findings } from '../datasets/analyse/findings.ts';
import type { Manifest } from '../datasets/types.ts';
import type { Workspace } from '../store/workspace.ts';

/** Null until the dataset was analysed. */
export function datasetFindings(workspace: Workspace, wanted: string): Findings | null {
  const { id } = workspace.getDataset(wanted);
  const manifest = workspace.loadManifest(id);
  const analysis = workspace.loadAnalysis(id, manifest.images.length);
  if (!analysis) return null;
  const listed = new Set(workspace.listDatasets().map((dataset) => dataset.id));
  const shared = workspace
    .loadShared(id)
    .filter(({ otherId }) => listed.has(otherId))
    .map(({ otherId, pairs }) => ({
      other: analysedSet(otherId, workspace.loadManifest(otherId)),
      pairs,
    }));
  return findingsOf(analysedSet(id, manifest), analysis, shared);
}

/** A set as analysis sees it: what is in use, and the split of each image. */
export const analysedSet = (datasetId: string, { name, role, images }: Manifest): AnalysedSet => ({
  datasetId,
  name,
  role,
  count: images.length,
  inUse: (ordinal) => images[ordinal]?.status === 'ok',
  split: (ordinal) => images[ordinal]?.split ?? null,
});

/**
 * What an export of a dataset needs.
 * @param ordinals null: every image that is readable and not excluded
 */
export function exportRequest(
  workspace: Workspace,
  wanted: string,
  ordinals: Iterable<number> | null,
  { mode, into }: Pick<ExportRequest, 'mode' | 'into'>,
): ExportRequest {
  const { id } = workspace.getDataset(wanted);
  const registered = workspace.loadRegistered(id);
  const state = workspace.curation.stateOf(id, registered);
  const manifest = effectiveManifest(registered, state);
  const flags = workspace.loadAnalysis(id, registered.images.length)?.flags;
  const usable = (): number[] =>
    [...manifest.images.keys()].filter((ordinal) => manifest.images[ordinal]!.status === 'ok');
  return {
    manifest,
    ordinals: ordinals ?? usable(),
    mode,
    into,
    now: new Date(),
    marksOf: (ordinal) => ({
      scannedClass: registered.classes[registered.images[ordinal]!.classIndex ?? -1] ?? null,
      tags: [...state.tags].flatMap(([tag, tagged]) => (tagged.has(ordinal) ? [tag] : [])),
      note: state.notes.get(ordinal) ?? '',
      flags: flagsIn(flags?.[ordinal] ?? 0),
    }),
  };
}
