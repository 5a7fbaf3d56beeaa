/** From a draft to numbers, from numbers to pages and files. */
import path from 'node:path';
import { AppError } from '../../core/errors.ts';
import { withPeople, type PeopleParts } from '../../core/report/assemble.ts';
import type { Audit } from '../../core/report/audit.ts';
import { statementsOf, type ReportSubject } from '../../core/report/draft.ts';
import { drawReport } from '../../core/report/pdf/draw-report.ts';
import type { Signer } from '../../core/report/signature.ts';
import { writeReport } from '../../core/report/write-report.ts';
import type { ReportDraft } from '../../core/store/reports.ts';
import { buildAndKeep, keptPictures, loadKeptReport, type KeptReport } from '../../core/workflow/report/create-report.ts'; // prettier-ignore
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
  const { workspace, options, scores } = engine;
  const draft = workspace.reports.get(reportId);
  const { subject, title } = draft;
  if (!subject)
    throw new AppError('usage', `“${title}” is about nothing yet. Choose what is audited.`);
  // Before anything is scored: criteria that came later are told from those that were there.
  const people = peopleOf(engine, draft, subject, nextVersion(draft), 'draft');
  const runtime = await engine.runtime();
  const data = dataStates(engine, subject);
  const { audit } = await buildAndKeep(
    workspace,
    runtime,
    {
      subject,
      title,
      command: 'in the window',
      people,
      ...(subject.robustness ? { robustness: { images: null } } : {}),
    },
    { ...hooks, appVersion: options.appVersion },
    scores,
  );
  await saveBuilt(draft, { auditId: audit.id, builtAt: audit.createdAt, subject, data });
}

const nextVersion = ({ versions }: ReportDraft): number => (versions.at(-1)?.version ?? 0) + 1;

function peopleOf(
  engine: EngineContext,
  draft: ReportDraft,
  subject: ReportSubject,
  version: number,
  status: Audit['cover']['status'],
): PeopleParts {
  const { workspace } = engine;
  const sets = [subject.idDataset, ...subject.oodDatasets].map((id) => ({ id, name: workspace.getDataset(id).name })); // prettier-ignore
  const { cover } = draft;
  return {
    title: draft.title,
    cover: {
      author: cover['author']?.text ?? null,
      reviewer: cover['reviewer']?.text ?? null,
      organisation: cover['organisation']?.text ?? null,
      status,
      version,
    },
    statements: statementsOf(draft, sets, firstScoredAt(engine, subject)),
    versions: draft.versions.map(({ version: number, time, author, status: then, note, reportSha256 }) => ({ version: number, time, author, status: then, note, reportSha256 })), // prettier-ignore
    attachments: draft.attachments,
  };
}

/** The numbers with what people have filled in by now. @throws AppError `usage` when it is not built */
async function reportNow(
  engine: EngineContext,
  draft: ReportDraft,
  status: Audit['cover']['status'],
): Promise<KeptReport> {
  const built = builtOf(draft);
  if (!built)
    throw new AppError('usage', `“${draft.title}” is not built yet. Build it first; that scores what is missing.`); // prettier-ignore
  const { folder } = engine.workspace.getAudit(built.auditId);
  const { audit, csv } = await loadKeptReport(folder);
  const people = peopleOf(engine, draft, built.subject, nextVersion(draft), status);
  return { audit: withPeople(audit, people), csv };
}

/** The pages as they would be written now. Scores nothing. */
export async function drawPages(
  engine: EngineContext,
  reportId: string,
  hooks: JobHooks,
): Promise<Uint8Array> {
  const { audit } = await reportNow(engine, engine.workspace.reports.get(reportId), 'draft');
  const { thumbnail } = keptPictures(engine.workspace, audit);
  return drawReport(audit, { thumbnails: thumbnail, onProgress: hooks.onProgress });
}

/** Writes a version and notes it in the draft. */
export async function writeVersion(
  engine: EngineContext,
  reportId: string,
  request: {
    readonly status: 'draft' | 'final';
    readonly author: string;
    readonly note: string;
    readonly signer?: Signer | null;
  },
  hooks: JobHooks,
): Promise<void> {
  const { reports } = engine.workspace;
  const draft = reports.get(reportId);
  const { status, author, note, signer = null } = request;
  const { audit, csv } = await reportNow(engine, draft, status);
  const folder = path.join(draft.folder, `version-${nextVersion(draft)}`);
  const { reportSha256 } = await writeReport(audit, csv, folder, {
    thumbnails: keptPictures(engine.workspace, audit).thumbnail,
    signer,
    onProgress: hooks.onProgress,
  });
  reports.addVersion(reportId, { status, note, auditId: audit.id, reportSha256, folder }, author);
}
