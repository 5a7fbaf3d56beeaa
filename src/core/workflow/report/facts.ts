/** What a report records of its models, sets and surroundings, out of the workspace. */
import os from 'node:os';
import path from 'node:path';
import { actionText } from '../../curate/describe.ts';
import { collectGpu } from '../../doctor/system.ts';
import { architectureName, summariseNetwork } from '../../model/architecture.ts';
import type { ModelInfo } from '../../model/model-file.ts';
import type {
  CurationSummary,
  DatasetResult,
  Environment,
  ModelRole,
  TrainingFacts,
} from '../../report/audit.ts';
import type { ModelFacts, ScoreFacts, SetFacts } from '../../report/assemble.ts';
import type { ReportColumns } from '../../report/columns.ts';
import type { Detector } from '../../score/types.ts';
import { readEvents } from '../../store/events.ts';
import type { Workspace } from '../../store/workspace.ts';
import type { Runtime } from '../../tf/runtime.ts';
import { trainingSummary } from '../training-summary.ts';
import { sourceText } from './source-text.ts';

const SHOWN_ENTRIES = 500;

export async function setFactsOf(workspace: Workspace, datasetId: string): Promise<SetFacts> {
  const { id, name, root, role, nearFar, format, summary } = workspace.getDataset(datasetId);
  return {
    id,
    name,
    root,
    role,
    nearFar: role === 'ood' ? nearFar : null,
    format,
    classes: summary.classes,
    symlinksSkipped: summary.symlinksSkipped,
    splitSource: summary.splitSource,
    fingerprint: fingerprintNow(workspace, id),
    source: await sourceText(root),
  };
}

/** Of the images as they are curated now. */
const fingerprintNow = (workspace: Workspace, id: string): string =>
  workspace.curation.current().active.length === 0
    ? workspace.getDataset(id).fingerprint
    : workspace.loadManifest(id).fingerprint;

export function modelFactsOf(
  workspace: Workspace,
  role: ModelRole,
  info: ModelInfo,
  idDataset: SetFacts,
  scores: readonly ScoreFacts[],
  unscored: ModelFacts['unscored'],
  nearZeroUnits: number,
): ModelFacts {
  const network = summariseNetwork(info.architecture);
  const { lineage } = info;
  return {
    role,
    id: info.id,
    name: info.name,
    createdAt: info.createdAt,
    parentId: lineage.parentId,
    lineage: {
      parentId: lineage.parentId,
      parentWeightsSha256: lineage.parentWeightsSha256,
      dataset: nameOf(workspace, lineage.datasetId),
      datasetFingerprint: lineage.datasetFingerprint,
      sameData: lineage.datasetFingerprint === idDataset.fingerprint,
      outlierSets: (lineage.barred ?? []).map(({ name, datasetId, fingerprint }) => ({ dataset: name, datasetId, fingerprint })), // prettier-ignore
    },
    architecture: architectureName(info.architecture),
    parameters: network.trainableCount,
    multiplyAdds: network.multiplyAdds,
    layers: Object.entries(info.architecture)
      .map(([key, value]) => `${key} ${value}`)
      .join(', '),
    classes: info.classes,
    weightsSha256: info.weightsSha256,
    decode: info.decode,
    normalisation: info.normalisation,
    training: trainingSummary(info),
    trainingFacts: trainingFactsOf(workspace, info),
    nearZeroUnits,
    scores,
    unscored,
  };
}

function nameOf(workspace: Workspace, datasetId: string): string {
  const known = [...workspace.listDatasets(), ...workspace.listRemovedDatasets()];
  return known.find(({ id }) => id === datasetId)?.name ?? datasetId;
}

export const scoreFactsOf = (
  { id, label, hyperparameters }: Detector,
  notes: readonly string[],
): ScoreFacts => ({
  score: id,
  label,
  hyperparameters: Object.entries(hyperparameters).map(([name, { default: value }]) => ({ name, value })), // prettier-ignore
  notes,
});

function trainingFactsOf(workspace: Workspace, info: ModelInfo): TrainingFacts {
  const run = workspace
    .listRuns()
    .find(({ modelId, kind }) => modelId === info.id && (kind === 'pretrain' || kind === 'finetune')); // prettier-ignore
  const story = run ? storyOf(path.join(workspace.runFolder(run.id), 'events.jsonl')) : null;
  return {
    hyperparameters: Object.entries(info.config).map(([name, value]) => ({
      name,
      value: typeof value === 'object' ? JSON.stringify(value) : String(value),
    })),
    runId: run?.id ?? null,
    startedAt: run?.startedAt ?? null,
    endedAt: run?.endedAt ?? null,
    interruptions: story?.interruptions ?? null,
    notes: story?.notes ?? [],
    hardware: `${info.madeWith.tier}, TensorFlow ${info.madeWith.tensorflow}`,
  };
}

/** Notes of a run: those that tell of a break, and the others. */
function storyOf(file: string): Pick<TrainingFacts, 'notes'> & {
  readonly interruptions: readonly { readonly time: string | null; readonly text: string }[];
} {
  // prettier-ignore
  const notes = readEvents(file).events.flatMap((event) => {
    const { type, time, text } = event as Partial<Record<'type' | 'time' | 'text', unknown>>;
    if (type !== 'note' || typeof text !== 'string') return [];
    return [{ time: typeof time === 'string' && !Number.isNaN(Date.parse(time)) ? time : null, text }]; // prettier-ignore
  });
  const breaks = /pause|interrupt|going on|resum|cancel|stopped|crash/iu;
  return {
    interruptions: notes.filter(({ text }) => breaks.test(text)),
    notes: notes.filter(({ text }) => !breaks.test(text)).map(({ text }) => text),
  };
}

/** The log as far as it is about the report's sets, and what it changed. */
export function curationOf(
  workspace: Workspace,
  datasets: readonly { readonly id: string; readonly name: string }[],
  sets: readonly Pick<DatasetResult, 'ok' | 'excluded' | 'relabelled'>[],
): CurationSummary {
  const names = new Map(datasets.map(({ id, name }) => [id, name]));
  const log = workspace.curation.entries();
  const active = new Set(workspace.curation.current().active.map(({ id }) => id));
  const applied = new Map(log.flatMap((entry) => (entry.kind === 'apply' ? [[entry.id, entry] as const] : []))); // prettier-ignore
  const entries = log.flatMap((entry) => {
    const about = entry.kind === 'apply' ? entry : applied.get(entry.target);
    const images = (about?.targets ?? []).flatMap(({ datasetId, paths }) => {
      const dataset = names.get(datasetId);
      return dataset === undefined ? [] : [{ dataset, images: paths.length }];
    });
    if (!about || images.length === 0) return [];
    const { id, time, author, kind, reason } = entry;
    return [
      {
        id,
        time,
        author,
        kind,
        action: actionText(about.action),
        reason,
        target: entry.kind === 'apply' ? null : entry.target,
        inForce: entry.kind !== 'apply' || active.has(id),
        images,
      },
    ];
  });
  return {
    entries: entries.slice(-SHOWN_ENTRIES),
    entriesTotal: entries.length,
    totals: datasets.map(({ id, name }, s) => {
      const { usable, excluded } = scanned(workspace, id);
      const now = sets[s]!;
      return {
        dataset: name,
        before: { usable, excluded },
        after: { usable: now.ok, excluded: now.excluded, relabelled: now.relabelled },
      };
    }),
  };
}

/** As the folder was scanned. */
function scanned(workspace: Workspace, datasetId: string) {
  const { ok, excluded } = workspace.getDataset(datasetId).summary;
  return { usable: ok, excluded };
}

/** Near copies between the parts of a report, as far as they were looked for. */
export function nearCopiesOf(
  workspace: Workspace,
  datasets: readonly string[],
  columns: ReportColumns,
): readonly { readonly between: string; readonly near: number | null }[] {
  const [idDataset, ...oodDatasets] = datasets as [string, ...string[]];
  const [id, ...ood] = columns.sets;
  const within = (from: number, to: number): number | null => {
    if (!id.findings) return null;
    const { nearGroups } = id.findings;
    const groups = new Set<number>();
    for (const [row, group] of nearGroups.entries())
      if (group >= 0 && id.splits[row] === from && id.statuses[row] === 0) groups.add(group);
    return nearGroups.reduce((n, group, row) => (id.splits[row] === to && id.statuses[row] === 0 && groups.has(group) ? n + 1 : n), 0); // prettier-ignore
  };
  const shared = id.findings ? workspace.loadShared(idDataset) : [];
  return [
    { between: 'ID train and ID test', near: within(1, 3) },
    { between: 'ID val and ID test', near: within(2, 3) },
    ...ood.map((set, i) => {
      const pairs = shared.find(({ otherId }) => otherId === oodDatasets[i])?.pairs ?? [];
      const alike = new Set(pairs.flatMap(({ second, bits }) => (bits >= 0 && set.statuses[second] === 0 ? [second] : []))); // prettier-ignore
      return { between: `ID and ${set.name}`, near: id.findings && set.findings ? alike.size : null }; // prettier-ignore
    }),
  ];
}

/** @param app version */
export async function environmentOf(runtime: Runtime, app: string): Promise<Environment> {
  const gpu = runtime.tier === 'cuda' ? await collectGpu() : null;
  return {
    app,
    tier: runtime.tier,
    tensorflow: runtime.tensorflowVersion,
    tfjs: runtime.tfjsVersion,
    node: process.versions.node,
    os: `${os.type()} ${os.release()} ${os.arch()}`,
    cpu: os.cpus()[0]?.model ?? 'unknown',
    threads: runtime.threads,
    cuda: gpu ? gpu.devices.join('; ') || 'unknown' : null,
    driver: gpu?.driver ?? null,
  };
}
