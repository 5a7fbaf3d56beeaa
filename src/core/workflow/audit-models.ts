/** Scores a model, its control and its sparse twin on the same sets, and writes the report. */
import { readFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { Manifest } from '../datasets/types.ts';
import { AppError } from '../errors.ts';
import { loadModel } from '../model/model-file.ts';
import { readRows } from '../decode/pixel-block.ts';
import { within } from '../progress.ts';
import { planProtocol, type ProtocolId } from '../protocol/protocols.ts';
import type { Audit, AuditWithImages, Environment, ModelRole } from '../report/audit.ts';
import { AUDIT_SCHEMA } from '../report/schema/audit.ts';
import { writeReport } from '../report/write-report.ts';
import { writeFileAtomic } from '../store/atomic.ts';
import type { Workspace } from '../store/workspace.ts';
import type { Runtime } from '../tf/runtime.ts';
import { refuseBarred } from './barred-sets.ts';
import { buildAudit, type ScoredModel } from './build-audit.ts';
import { loadImages } from './images.ts';
import { StoredAside } from './store-aside.ts';
import { scoreModel, type ScoredSet, type ScoreTarget } from './score-model.ts';
import type { WorkflowHooks } from './train-model.ts';

export interface AuditRequest {
  readonly models: {
    readonly before: string;
    readonly control: string | null;
    readonly sparse: string;
  };
  readonly idDataset: string;
  readonly oodDatasets: readonly string[];
  readonly title: string;
  readonly command: string;
  /** Averages of a named protocol as well. */
  readonly protocol?: ProtocolId | undefined;
  /** Where the report goes; the workspace's audit folder when not given. */
  readonly outputFolder?: string | undefined;
  /** `performance.now()` when the work began, for the report's wall time. */
  readonly startedMs?: number;
}

/** Absolute paths of what was written. */
export interface AuditFiles {
  readonly folder: string;
  readonly pdf: string;
  readonly json: string;
  readonly csv: string;
}

const BOOTSTRAP = { samples: 1000, seed: 1 };

export async function auditModels(
  workspace: Workspace,
  runtime: Runtime,
  request: AuditRequest,
  hooks: WorkflowHooks,
): Promise<{ readonly audit: Audit; readonly files: AuditFiles }> {
  const startedMs = request.startedMs ?? performance.now();
  const idManifest = workspace.loadManifest(request.idDataset);
  const oodManifests = request.oodDatasets.map((id) => workspace.loadManifest(id));
  checkNames([idManifest, ...oodManifests]);
  // Before hours of scoring: sets that do not fit the protocol.
  if (request.protocol)
    planProtocol(
      request.protocol,
      oodManifests.map(({ name }) => ({ name, nearFar: null })),
    );
  const targets: ScoreTarget[] = [
    { manifest: idManifest, split: 'val' },
    { manifest: idManifest, split: 'test' },
    ...oodManifests.map((manifest) => ({ manifest, split: null })),
  ];
  const roles = (['before', 'control', 'sparse'] as const).flatMap((role) => {
    const id = request.models[role];
    return id === null ? [] : [{ role, id: workspace.getModel(id).id }];
  });
  refuseBarred(
    workspace,
    roles.map(({ id }) => id),
    request.oodDatasets,
  );
  const models: ScoredModel[] = [];
  for (const [i, { role, id }] of roles.entries()) {
    const model = await loadModel(workspace.modelFolder(id));
    const { onProgress } = hooks;
    const aside = new StoredAside(workspace, id, [
      request.idDataset,
      request.idDataset,
      ...request.oodDatasets,
    ]);
    const sets = await scoreModel(runtime, model, targets, {
      cacheDir: workspace.cacheFolder(),
      signal: hooks.signal,
      onProgress: within(onProgress, (0.8 * i) / roles.length, (0.8 * (i + 1)) / roles.length),
      onScored: (set, features, k) => aside.keep(set, features, k),
    });
    await aside.finish();
    const [idVal, idTest, ...ood] = sets as [ScoredSet, ScoredSet, ...ScoredSet[]];
    models.push({ role, info: model.info, idVal, idTest, ood });
  }
  checkSameImages(models);

  const id = workspace.newId('audit');
  const result = await buildAudit({
    id,
    title: request.title,
    createdAt: new Date().toISOString(),
    command: request.command,
    environment: environmentOf(runtime, hooks.appVersion),
    idManifest,
    models,
    bootstrap: BOOTSTRAP,
    protocol: request.protocol,
    nearFar: request.oodDatasets.map((ood) => workspace.getDataset(ood).nearFar),
    wallSeconds: (performance.now() - startedMs) / 1000,
  });
  workspace.addAudit({ id, title: request.title, json: result.audit });
  const folder = request.outputFolder ?? workspace.auditFolder(id);
  const pixels = new Map(
    models.flatMap(({ idTest, ood }) =>
      [idTest, ...ood].map((set) => [set.manifest.name, set] as const),
    ),
  );
  const files = await write(result, folder, hooks, (dataset, file) => {
    const set = pixels.get(dataset);
    const row = set?.records.findIndex((record) => record.path === file) ?? -1;
    return Promise.resolve(set && row >= 0 ? thumbnail(set, row) : null);
  });
  const images = JSON.stringify(result.images);
  await writeFileAtomic(path.join(workspace.auditFolder(id), 'images.json'), images);
  return { audit: result.audit, files };
}

/**
 * Draws the report of an audit again from what the workspace has stored of it.
 * @throws AppError `not-found` when the audit or its per-image results are not there
 */
export async function redrawReport(
  workspace: Workspace,
  auditId: string,
  outputFolder: string | undefined,
  hooks: WorkflowHooks,
): Promise<AuditFiles> {
  const row = workspace.getAudit(auditId);
  const audit = row.json as Audit;
  if ((row.json as { readonly schema: string }).schema !== AUDIT_SCHEMA)
    throw new AppError(
      'invalid-data',
      `Audit ${row.id} was made by an older Straylight, whose reports hold less. Run the audit again.`,
    );
  const stored = path.join(workspace.auditFolder(row.id), 'images.json');
  let images: AuditWithImages['images'];
  try {
    images = JSON.parse(await readFile(stored, 'utf8')) as AuditWithImages['images'];
  } catch (cause) {
    throw new AppError(
      'not-found',
      `The per-image results of audit ${row.id} cannot be read (${stored}). Run the audit again.`,
      { cause },
    );
  }
  const manifests = new Map(
    workspace
      .listDatasets()
      .map(({ id, name }) => [name, () => workspace.loadManifest(id)] as const),
  );
  const decode = audit.models[0]!.decode;
  return write(
    { audit, images },
    outputFolder ?? workspace.auditFolder(row.id),
    hooks,
    async (name, file) => {
      const manifest = manifests.get(name)?.();
      const record = manifest?.images.find((image) => image.path === file);
      if (!manifest || !record) return null;
      try {
        return await thumbnail(await loadImages(manifest, [record], decode, {}), 0);
      } catch {
        return null;
      }
    },
  );
}

type Thumbnails = (
  dataset: string,
  path: string,
) => Promise<{ data: Uint8Array; width: number; height: number } | null>;

async function write(
  result: AuditWithImages,
  folder: string,
  { onProgress }: WorkflowHooks,
  thumbnails: Thumbnails,
): Promise<AuditFiles> {
  const progress = within(onProgress, 0.8, 1);
  const { pdf, json, csv } = await writeReport(result, folder, {
    thumbnails,
    ...(progress ? { onProgress: progress } : {}),
  });
  return { folder, pdf, json, csv };
}

async function thumbnail({ block }: Pick<ScoredSet, 'block'>, row: number) {
  const { size } = block;
  return { data: await readRows(block, [row]), width: size, height: size };
}

/** Tables and charts name sets, so two sets of one name could not be told apart. */
function checkNames(manifests: readonly Manifest[]): void {
  const seen = new Map<string, string>();
  for (const { name, root } of manifests) {
    const other = seen.get(name);
    if (other === root)
      throw new AppError('usage', `${root} is given twice. Name each dataset once.`);
    if (other !== undefined)
      throw new AppError(
        'invalid-data',
        `Two datasets are called "${name}": ${other} and ${root}. Scan one of them again with --name.`,
      );
    seen.set(name, root);
  }
}

/** Paired comparisons need every model to have seen the same images. */
function checkSameImages(models: readonly ScoredModel[]): void {
  const listOf = ({ idVal, idTest, ood }: ScoredModel): string =>
    [idVal, idTest, ...ood]
      .map(({ records }) => records.map((r) => r.path).join('\n'))
      .join('\n\n');
  const [first, ...others] = models.map(listOf);
  if (others.some((list) => list !== first))
    throw new AppError(
      'invalid-data',
      'Files changed while the models were scored, so they did not see the same images. Scan the folders again and repeat the audit.',
    );
}

function environmentOf(runtime: Runtime, app: string): Environment {
  return {
    app,
    tier: runtime.tier,
    tensorflow: runtime.tensorflowVersion,
    tfjs: runtime.tfjsVersion,
    node: process.versions.node,
    os: `${os.type()} ${os.release()} ${os.arch()}`,
    cpu: os.cpus()[0]?.model ?? 'unknown',
    threads: runtime.threads,
    cuda: null,
    driver: null,
  };
}

export type { ModelRole };
