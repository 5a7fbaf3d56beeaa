/** Registered folders. */
import type { DatasetImage, Drift as WireDrift } from '../../contract/datasets.ts';
import { copiesToExclude, type Copy } from '../../core/curate/choose-copies.ts';
import { EXCLUDED_REASON } from '../../core/curate/effective-manifest.ts';
import { ALONE, Merging } from '../../core/datasets/analyse/groups.ts';
import type { FLAGS } from '../../core/datasets/analyse/flags.ts';
import { flagBit, flagsIn } from '../../core/datasets/analyse/flags.ts';
import {
  exactDuplicateGroups,
  flaggedImages,
  leakageGroups,
  nearDuplicateGroups,
  type FoundGroup,
} from '../../core/datasets/analyse/findings.ts';
import type { Drift } from '../../core/datasets/drift.ts';
import { sharedDecodePool } from '../../core/decode/decode-pool.ts';
import { AppError, assertNever } from '../../core/errors.ts';
import { STATUS_CODES, SPLIT_CODES } from '../../core/query/image-index.ts';
import {
  analyseDataset,
  registerDataset,
  resplitDataset,
} from '../../core/workflow/register-dataset.ts';
import { excludeLeakage, leakageOfDataset } from '../../core/workflow/exclude-leakage.ts';
import { authorOf } from '../author.ts';
import type { EngineContext } from '../context.ts';
import { targetsOf } from '../curation-targets.ts';
import { datasetCard, sharedWith, viewDataset, type DatasetView } from '../dataset-cards.ts';
import type { EngineHandlers } from '../handlers.ts';
import { previewGrant } from '../preview-folder.ts';
import { Turns } from '../turns.ts';

/** Paths shown of each kind of drift. */
const EXAMPLES = 200;

export const datasetHandlers = (engine: EngineContext) => {
  const turns = new Turns();
  return {
    'datasets.list': async () => {
      const cards = [];
      const { workspace } = engine;
      for (const { id } of [...workspace.listDatasets(), ...workspace.listRemovedDatasets()])
        cards.push(await datasetCard(engine, id));
      // Pictures will be asked for next, and starting a decoder takes longer than most of them.
      if (cards.length > 0) sharedDecodePool().warm();
      return cards;
    },
    'datasets.get': ({ datasetId }) => datasetCard(engine, datasetId),
    'datasets.preview': ({ grantId }) => previewGrant(engine, engine.grants.get(grantId)),
    'datasets.register': (params, context) => {
      const { path, displayPath } = engine.grants.get(params.grantId);
      const title = `Scan ${params.name ?? displayPath.split(/[\\/]/).at(-1) ?? displayPath}`;
      return engine.jobs.run({ kind: 'scan', title }, context, (hooks) =>
        turns.take(hooks.signal, async () => {
          const { name, role, nearFar } = params;
          const { id, drift } = await registerDataset(engine.workspace, path, {
            ...hooks,
            name,
            // A folder that is known keeps its role unless another is asked for.
            role: role === 'auto' ? undefined : role,
            nearFar,
          });
          return { dataset: await datasetCard(engine, id), drift: drift && wireDrift(drift) };
        }),
      );
    },
    'datasets.rescan': ({ datasetId }, context) => {
      const { id, root, name } = engine.workspace.getDataset(datasetId);
      return engine.jobs.run({ kind: 'scan', title: `Scan ${name} again` }, context, (hooks) =>
        turns.take(hooks.signal, async () => {
          const { drift } = await registerDataset(engine.workspace, root, hooks);
          const none = { added: [], removed: [], changed: [] };
          return { dataset: await datasetCard(engine, id), drift: wireDrift(drift ?? none) };
        }),
      );
    },
    'datasets.analyse': ({ datasetId }, context) => {
      const { id, name } = engine.workspace.getDataset(datasetId);
      return engine.jobs.run({ kind: 'analyse', title: `Analyse ${name}` }, context, (hooks) =>
        turns.take(hooks.signal, async () => {
          await analyseDataset(engine.workspace, id, hooks);
          return datasetCard(engine, id);
        }),
      );
    },
    'datasets.update': ({ datasetId, name, nearFar }) => {
      const { id } = engine.workspace.getDataset(datasetId);
      if (name !== undefined) engine.workspace.renameDataset(id, name);
      if (nearFar !== undefined) engine.workspace.setNearFar(id, nearFar);
      return datasetCard(engine, id);
    },
    'datasets.setRole': ({ datasetId, role }, context) => {
      const { id, root, name } = engine.workspace.getDataset(datasetId);
      return engine.jobs.run({ kind: 'scan', title: `Scan ${name} again` }, context, (hooks) =>
        turns.take(hooks.signal, async () => {
          await registerDataset(engine.workspace, root, { ...hooks, role });
          return datasetCard(engine, id);
        }),
      );
    },
    'datasets.setSplit': ({ datasetId, seed, fractions }) => {
      const { id } = resplitDataset(engine.workspace, datasetId, seed, fractions);
      return datasetCard(engine, id);
    },
    'datasets.remove': ({ datasetId }) => {
      engine.workspace.removeDataset(datasetId);
      return null;
    },
    'datasets.restore': ({ datasetId }) => {
      const { id } = engine.workspace.restoreDataset(datasetId);
      return datasetCard(engine, id);
    },
    'datasets.images': async ({ datasetId, offset, limit, ...filter }) => {
      const view = await viewDataset(engine, datasetId);
      const ordinals = matching(view, filter);
      const page = ordinals.slice(offset, offset + limit);
      const records = engine.workspace.loadRecords(view.dataset.id, page);
      const { classes } = view.dataset.summary;
      const images = records.map((record, k): DatasetImage => {
        const ordinal = page[k]!;
        const excluded = record.status === 'ok' && view.state.excluded[ordinal] === 1;
        const { path, split, bytes, width, height, sha256 } = record;
        return {
          ordinal,
          path,
          className: classes[view.classOf(ordinal)] ?? null,
          split,
          bytes,
          width,
          height,
          sha256,
          status: excluded ? 'excluded' : record.status,
          reason: excluded ? EXCLUDED_REASON : record.reason,
          flags: flagsIn(view.analysis?.flags[ordinal] ?? 0),
        };
      });
      return { total: ordinals.length, images };
    },
    'datasets.problems': async ({ datasetId, kind, offset, limit }) => {
      const view = await viewDataset(engine, datasetId);
      const groups = await problemGroups(engine, view, kind);
      const page = groups.slice(offset, offset + limit);
      const indices = new Map([[view.dataset.id, view.index]]);
      for (const { images } of page)
        for (const image of images)
          if (!indices.has(image.datasetId))
            indices.set(image.datasetId, await engine.images.index(image.datasetId));
      return {
        total: groups.length,
        groups: page.map(({ title, images }) => ({
          title,
          images: images.map(({ datasetId: of, ordinal, note }) => ({
            ref: { datasetId: of, ordinal },
            path: indices.get(of)!.path(ordinal),
            note,
          })),
        })),
      };
    },
    'datasets.excludeCopies': async ({ selections, reason }) => {
      const copies = await copiesIn(engine, selections);
      const byDataset = new Map<string, number[]>();
      for (const { datasetId, ordinal } of copies)
        byDataset.set(datasetId, [...(byDataset.get(datasetId) ?? []), ordinal]);
      const targets = await targetsOf(
        engine,
        [...byDataset].map(([datasetId, ordinals]) => ({
          datasetId,
          ordinals: Uint32Array.from(ordinals.sort((a, b) => a - b)),
        })),
      );
      const entry = engine.workspace.curation.apply({
        action: { type: 'exclude' },
        targets,
        author: authorOf(''),
        reason: reason === '' ? 'copies of other images' : reason,
      });
      return { entryId: entry.id, images: copies.length };
    },
    'datasets.excludeLeaks': ({ datasetId, which, author }) => {
      const { workspace } = engine;
      const report = leakageOfDataset(workspace, datasetId);
      const entries = excludeLeakage(workspace, report, which, authorOf(author));
      const images = entries.reduce(
        (sum, entry) => sum + (entry.kind === 'apply' ? entry.targets.reduce((n, { paths }) => n + paths.length, 0) : 0), // prettier-ignore
        0,
      );
      return { images };
    },
  } satisfies Partial<EngineHandlers>;
};

const wireDrift = ({ added, removed, changed }: Drift): WireDrift => ({
  added: added.length,
  removed: removed.length,
  changed: changed.length,
  examples: {
    added: added.slice(0, EXAMPLES),
    removed: removed.slice(0, EXAMPLES),
    changed: changed.slice(0, EXAMPLES),
  },
});

interface ImageConditions {
  readonly status?: 'ok' | 'failed' | 'excluded' | undefined;
  readonly split?: 'train' | 'val' | 'test' | undefined;
  readonly className?: string | undefined;
  readonly flag?: (typeof FLAGS)[number] | undefined;
  readonly text?: string | undefined;
}

function matching(
  view: DatasetView,
  { status, split, className, flag, text }: ImageConditions,
): number[] {
  const { index, state, analysis, dataset, classOf } = view;
  const classIndex = className === undefined ? null : dataset.summary.classes.indexOf(className);
  const held = text === undefined || text === '' ? null : index.pathsWith(text);
  const bit = flag === undefined ? 0 : flagBit(flag);
  const found: number[] = [];
  for (let i = 0; i < index.count; i++) {
    if (status !== undefined) {
      const readable = index.statuses[i] === STATUS_CODES.ok;
      const is = !readable ? 'failed' : state.excluded[i] === 1 ? 'excluded' : 'ok';
      if (is !== status) continue;
    }
    if (split !== undefined && index.splits[i] !== SPLIT_CODES[split]) continue;
    if (classIndex !== null && (classIndex < 0 || classOf(i) !== classIndex)) continue;
    if (bit !== 0 && ((analysis?.flags[i] ?? 0) & bit) === 0) continue;
    if (held && held[i] === 0) continue;
    found.push(i);
  }
  return found;
}

async function problemGroups(
  engine: EngineContext,
  { dataset, index, set, analysis }: DatasetView,
  kind: 'failed' | 'exact-duplicates' | 'near-duplicates' | 'leakage' | 'quality',
): Promise<readonly FoundGroup[]> {
  if (kind === 'failed') {
    const ordinals: number[] = [];
    for (let i = 0; i < index.count; i++)
      if (index.statuses[i] === STATUS_CODES.failed) ordinals.push(i);
    const records = engine.workspace.loadRecords(dataset.id, ordinals);
    return records.map(({ reason }, k) => ({
      title: reason,
      images: [{ datasetId: dataset.id, ordinal: ordinals[k]!, note: reason }],
    }));
  }
  if (!analysis) return [];
  switch (kind) {
    case 'exact-duplicates':
      return exactDuplicateGroups(set, analysis);
    case 'near-duplicates':
      return nearDuplicateGroups(set, analysis);
    case 'quality':
      return flaggedImages(set, analysis);
    case 'leakage':
      return leakageGroups(set, analysis, await sharedWith(engine, dataset.id));
    default:
      return assertNever(kind);
  }
}

/** Of the images selected, all but one of each group of copies. */
async function copiesIn(
  engine: EngineContext,
  selections: readonly { readonly datasetId: string; readonly ordinals: Uint32Array }[],
): Promise<readonly Copy[]> {
  const copies: Copy[] = [];
  const places = new Map<string, number>();
  const key = (datasetId: string, ordinal: number): string => `${datasetId} ${ordinal}`;
  const views = new Map<string, DatasetView>();
  for (const { datasetId, ordinals } of selections) {
    const view = await viewDataset(engine, datasetId);
    views.set(view.dataset.id, view);
    const records = engine.workspace.loadRecords(view.dataset.id, ordinals);
    for (const [k, { width, height }] of records.entries()) {
      const ordinal = ordinals[k]!;
      if (!view.set.inUse(ordinal) || places.has(key(view.dataset.id, ordinal))) continue;
      places.set(key(view.dataset.id, ordinal), copies.length);
      copies.push({
        datasetId: view.dataset.id,
        ordinal,
        role: view.dataset.role,
        split: view.index.split(ordinal),
        pixels: width * height,
      });
    }
  }
  const merging = new Merging(copies.length);
  for (const [datasetId, { analysis }] of views) {
    for (const groups of analysis ? [analysis.exactGroups, analysis.nearGroups] : []) {
      const firsts = new Map<number, number>();
      for (const [i, copy] of copies.entries()) {
        const group = copy.datasetId === datasetId ? groups[copy.ordinal]! : ALONE;
        if (group === ALONE) continue;
        const first = firsts.get(group);
        if (first === undefined) firsts.set(group, i);
        else merging.merge(first, i);
      }
    }
    for (const { otherId, pairs } of engine.workspace.loadShared(datasetId))
      for (const { first, second } of pairs) {
        const a = places.get(key(datasetId, first));
        const b = places.get(key(otherId, second));
        if (a !== undefined && b !== undefined) merging.merge(a, b);
      }
  }
  const groups: Copy[][] = [];
  for (const [i, group] of merging.groups().entries())
    if (group !== ALONE) (groups[group] ??= []).push(copies[i]!);
  const excluded = groups.flatMap(copiesToExclude);
  if (excluded.length === 0)
    throw new AppError('usage', 'Among the selected images there are no copies of one another. Select whole groups.'); // prettier-ignore
  return excluded;
}
