/** Reports of the workspace: built, written, and written again with other words of people. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { AppError } from '../../errors.ts';
import { within } from '../../progress.ts';
import { withPeople, type PeopleParts } from '../../report/assemble.ts';
import type { Audit } from '../../report/audit.ts';
import type { ReportSubject } from '../../report/draft.ts';
import { PARTS } from '../../report/manifest.ts';
import { auditSchema } from '../../report/schema/audit.ts';
import type { Signer } from '../../report/signature.ts';
import { perImageCsv } from '../../report/image-csv.ts';
import {
  linesInBatches,
  reportJson,
  writeReport,
  writeStream,
  type ReportFiles,
} from '../../report/write-report.ts';
import { writeFileAtomic } from '../../store/atomic.ts';
import type { Workspace } from '../../store/workspace.ts';
import type { Runtime } from '../../tf/runtime.ts';
import type { ScoreSources } from '../score-sources.ts';
import type { WorkflowHooks } from '../train-model.ts';
import { buildReport, type BuiltReport } from './build-report.ts';
import { ReportPictures } from './pictures.ts';

export interface ReportRequest {
  readonly subject: ReportSubject;
  readonly title: string;
  readonly command: string;
  readonly config?: unknown;
  readonly people?: Partial<PeopleParts> | undefined;
  /** Measures it on so many test images (null: all); what is known already is told in any case. */
  readonly robustness?: { readonly images: number | null } | undefined;
  /** Where the report goes; the workspace's audit folder when not given. */
  readonly outputFolder?: string | undefined;
  readonly signer?: Signer | null | undefined;
}

export interface CreatedReport {
  readonly audit: Audit;
  readonly files: ReportFiles;
}

/**
 * Scores what is not scored yet, computes every number, and writes all files. The workspace keeps a copy of the
 * numbers and of `per-image.csv`, so that the report can be written again.
 * @throws AppError
 */
export async function createReport(
  workspace: Workspace,
  runtime: Runtime,
  request: ReportRequest,
  hooks: WorkflowHooks,
  sources?: ScoreSources,
): Promise<CreatedReport> {
  const building = { ...hooks, onProgress: within(hooks.onProgress, 0, 0.9) };
  const built = await buildAndKeep(workspace, runtime, request, building, sources);
  const { audit } = built;
  const kept = workspace.auditFolder(audit.id);
  const csv = request.outputFolder === undefined ? { file: path.join(kept, PARTS.csv) } : built.columns; // prettier-ignore
  const files = await writeReport(audit, csv, request.outputFolder ?? path.join(kept, 'report'), {
    thumbnails: built.pictures.thumbnail,
    signer: request.signer ?? null,
    onProgress: within(hooks.onProgress, 0.9, 1),
  });
  return { audit, files };
}

/**
 * Scores what is not scored yet and computes every number; the workspace keeps them as an audit, with the columns
 * that `per-image.csv` is written from. Nothing is drawn.
 */
export async function buildAndKeep(
  workspace: Workspace,
  runtime: Runtime,
  request: Omit<ReportRequest, 'outputFolder' | 'signer'>,
  hooks: WorkflowHooks,
  sources?: ScoreSources,
): Promise<BuiltReport> {
  const id = workspace.newId('audit');
  const created = { id, createdAt: new Date() };
  const built = await buildReport(workspace, runtime, { ...request, ...created }, hooks, sources);
  const { audit } = built;
  workspace.addAudit({ id, title: audit.title, json: summaryOf(audit) });
  await keepReport(built, workspace.auditFolder(id));
  return built;
}

/** What lists show of an audit; all of it is in its folder. */
export type AuditSummary = ReturnType<typeof summaryOf>;

const summaryOf = ({ schema, verdict, idDataset, oodDatasets, models, statements }: Audit) => ({
  schema,
  verdict,
  idDataset: setSummary(idDataset),
  oodDatasets: oodDatasets.map(setSummary),
  models: models.map(({ role, id }) => ({ role, id })),
  statements: { acceptanceCriteria: statements.acceptanceCriteria },
});

const setSummary = ({ id, name, fingerprint }: Audit['idDataset']) => ({ id, name, fingerprint });

/** A report's numbers and the file of its columns, as they are kept. */
export interface KeptReport {
  readonly audit: Audit;
  readonly csv: { readonly file: string };
}

async function keepReport(built: BuiltReport, folder: string): Promise<void> {
  await writeStream(path.join(folder, PARTS.csv), linesInBatches(perImageCsv(built.columns)));
  await writeFileAtomic(path.join(folder, PARTS.json), reportJson(built.audit));
}

/** @throws AppError `not-found` or `invalid-data` when they are not there or made by another version */
export async function loadKeptReport(folder: string): Promise<KeptReport> {
  const file = path.join(folder, PARTS.json);
  let value: unknown;
  try {
    value = JSON.parse(await readFile(file, 'utf8'));
  } catch (cause) {
    throw new AppError(
      'not-found',
      `The numbers of the report cannot be read (${file}). Build it again.`,
      { cause },
    );
  }
  const parsed = auditSchema.safeParse(value);
  if (!parsed.success)
    throw new AppError(
      'invalid-data',
      `${file} was made by another version of Straylight, whose reports hold other things. Build the report again.`,
    );
  return { audit: parsed.data, csv: { file: path.join(folder, PARTS.csv) } };
}

/** Writes a kept report, with what people say of it now. Nothing is scored. */
export function writeKeptReport(
  workspace: Workspace,
  { audit, csv }: KeptReport,
  folder: string,
  options: {
    readonly people?: PeopleParts | undefined;
    readonly signer?: Signer | null | undefined;
    readonly onProgress?: WorkflowHooks['onProgress'];
  },
): Promise<ReportFiles> {
  const { people, signer = null, onProgress } = options;
  const changed = people ? withPeople(audit, people) : audit;
  return writeReport(changed, csv, folder, {
    thumbnails: keptPictures(workspace, audit).thumbnail,
    signer,
    onProgress,
  });
}

/** Pictures of a kept report's images, as far as the sets are still there. */
export function keptPictures(workspace: Workspace, audit: Audit): ReportPictures {
  const sets = [audit.idDataset, ...audit.oodDatasets];
  const listed = new Set(workspace.listDatasets().map(({ id }) => id));
  const known = sets.filter(({ id }) => listed.has(id));
  const manifests = new Map<string, ReadonlyMap<string, number>>();
  const ordinal = (dataset: string, file: string): number => {
    const set = known.find(({ name }) => name === dataset);
    if (!set) return -1;
    let places = manifests.get(dataset);
    if (!places) {
      const { images } = workspace.loadRegistered(set.id);
      places = new Map(images.map((image, i) => [image.path, i]));
      manifests.set(dataset, places);
    }
    return places.get(file) ?? -1;
  };
  return new ReportPictures(
    workspace,
    audit.models.at(-1)!.decode,
    new Map(known.map(({ id, name }) => [name, id])),
    ordinal,
  );
}
