/** From a draft to numbers, from numbers to pages and files. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { AppError } from '../../core/errors.ts';
import { protocolNamed } from '../../core/protocol/protocols.ts';
import type { Audit, AuditWithImages } from '../../core/report/audit.ts';
import { statementsOf } from '../../core/report/draft.ts';
import { drawReport } from '../../core/report/pdf/draw-report.ts';
import type { Thumbnails } from '../../core/report/sections/context.ts';
import { writeReport } from '../../core/report/write-report.ts';
import type { ReportDraft } from '../../core/store/reports.ts';
import { auditModels } from '../../core/workflow/audit-models.ts';
import { loadImages } from '../../core/workflow/images.ts';
import { readRows } from '../../core/decode/pixel-block.ts';
import type { EngineContext } from '../context.ts';
import type { JobHooks } from '../jobs.ts';
import { builtOf, dataStates, saveBuilt } from './built-report.ts';
import { firstScoredAt } from './report-wire.ts';

/** Scores what is missing, works out every number, and stores them as an audit of the workspace. */
export async function buildReport(
  engine: EngineContext,
  reportId: string,
  hooks: JobHooks,
): Promise<void> {
  const { workspace, options } = engine;
  const { subject, title } = workspace.reports.get(reportId);
  if (!subject)
    throw new AppError('usage', `“${title}” is about nothing yet. Choose what is audited.`);
  const runtime = await engine.runtime();
  const data = dataStates(engine, subject);
  const { audit } = await auditModels(
    workspace,
    runtime,
    {
      ...subject,
      title,
      command: 'in the window',
      protocol: subject.protocol === null ? undefined : protocolNamed(subject.protocol),
    },
    { ...hooks, appVersion: options.appVersion },
  );
  await saveBuilt(workspace.reports.get(reportId), { auditId: audit.id, builtAt: audit.createdAt, subject, data }); // prettier-ignore
}

/** The audit with what people have filled in by now. @throws AppError `usage` when it is not built */
function auditNow(
  engine: EngineContext,
  draft: ReportDraft,
  version: number,
  status: Audit['cover']['status'],
): Audit {
  // prettier-ignore
  const built = builtOf(draft);
  if (!built)
    throw new AppError('usage', `“${draft.title}” is not built yet. Build it first; that scores what is missing.`); // prettier-ignore
  const audit = engine.workspace.getAudit(built.auditId).json as Audit;
  const { subject } = built;
  const names = [audit.idDataset, ...audit.oodDatasets].map(({ name }) => name);
  const sets = [subject.idDataset, ...subject.oodDatasets].map((id, i) => ({ id, name: names[i]! })); // prettier-ignore
  const { cover } = draft;
  const judged = new Map(
    (audit.statements.acceptanceCriteria ?? []).map((one) => [one.fixedAt, one.result]),
  );
  const statements = statementsOf(draft, sets, firstScoredAt(engine, subject));
  return {
    ...audit,
    title: draft.title,
    cover: {
      author: cover['author']?.text ?? null,
      reviewer: cover['reviewer']?.text ?? null,
      organisation: cover['organisation']?.text ?? null,
      status,
      version,
    },
    statements: {
      ...statements,
      acceptanceCriteria:
        statements.acceptanceCriteria?.map((one) => ({
          ...one,
          result: judged.get(one.fixedAt) ?? null,
        })) ?? null,
    },
    versions: draft.versions.map(({ version: number, time, author, status: then, note, reportSha256 }) => ({ version: number, time, author, status: then, note, reportSha256 })), // prettier-ignore
  };
}

/** The pages as they would be written now. Scores nothing. */
export async function drawPages(
  engine: EngineContext,
  reportId: string,
  hooks: JobHooks,
): Promise<Uint8Array> {
  const draft = engine.workspace.reports.get(reportId);
  const next = (draft.versions.at(-1)?.version ?? 0) + 1;
  const audit = auditNow(engine, draft, next, 'draft');
  const { onProgress } = hooks;
  return drawReport(audit, { thumbnails: thumbnailsOf(engine, audit), onProgress });
}

/** Writes a version and notes it in the draft. */
export async function writeVersion(
  engine: EngineContext,
  reportId: string,
  request: { readonly status: 'draft' | 'final'; readonly author: string; readonly note: string },
  hooks: JobHooks,
): Promise<void> {
  const { reports } = engine.workspace;
  const draft = reports.get(reportId);
  const { status, author, note } = request;
  const version = (draft.versions.at(-1)?.version ?? 0) + 1;
  const audit = auditNow(engine, draft, version, status);
  const folder = path.join(draft.folder, `version-${version}`);
  const files = await writeReport({ audit, images: await imagesOf(engine, audit.id) }, folder, {
    thumbnails: thumbnailsOf(engine, audit),
    onProgress: hooks.onProgress,
  });
  const reportSha256 = createHash('sha256').update(await readFile(files.json)).digest('hex'); // prettier-ignore
  reports.addVersion(reportId, { status, note, auditId: audit.id, reportSha256, folder }, author);
}

async function imagesOf(
  { workspace }: EngineContext,
  auditId: string,
): Promise<AuditWithImages['images']> {
  const file = path.join(workspace.auditFolder(auditId), 'images.json');
  try {
    return JSON.parse(await readFile(file, 'utf8')) as AuditWithImages['images'];
  } catch (cause) {
    throw new AppError('not-found', `The scores per image of audit ${auditId} cannot be read (${file}). Build the report again.`, { cause }); // prettier-ignore
  }
}

/** Pictures of images as the network sees them; null for those that are gone. */
function thumbnailsOf({ workspace }: EngineContext, audit: Audit): Thumbnails {
  const { decode } = audit.models[0]!;
  const ids = new Map(workspace.listDatasets().map(({ id, name }) => [name, id]));
  return async (dataset, file) => {
    const id = ids.get(dataset);
    if (id === undefined) return null;
    const manifest = workspace.loadManifest(id);
    const record = manifest.images.find((image) => image.path === file);
    if (!record) return null;
    try {
      const { block } = await loadImages(manifest, [record], decode, {});
      return { data: await readRows(block, [0]), width: block.size, height: block.size };
    } catch {
      return null;
    }
  };
}
