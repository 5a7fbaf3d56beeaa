/** Files of a version, out to a folder that a person chose. */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import type { WrittenReport } from '../../contract/reports.ts';
import { AppError } from '../../core/errors.ts';
import type { DraftVersion } from '../../core/report/draft.ts';
import { besides, writeFileAtomic } from '../../core/store/atomic.ts';
import type { ReportDraft } from '../../core/store/reports.ts';
import type { EngineContext } from '../context.ts';
import { mkdir, rename, rm } from 'node:fs/promises';

/** @throws AppError `not-found` */
export function versionOf(draft: ReportDraft, version: number): DraftVersion {
  const found = draft.versions.find((one) => one.version === version);
  if (!found)
    throw new AppError('not-found', `“${draft.title}” has no version ${version}. Open the report again.`); // prettier-ignore
  return found;
}

/** The pages of a version, as they were written. @throws AppError `not-found` */
export async function versionPages(draft: ReportDraft, version: number): Promise<Uint8Array> {
  const { folder } = versionOf(draft, version);
  const file = path.join(folder, 'report.pdf');
  try {
    return await readFile(file);
  } catch (cause) {
    throw new AppError('not-found', `The pages of version ${version} cannot be read (${file}). Write a new version.`, { cause }); // prettier-ignore
  }
}

/** Copies a version into a new folder; what is there already is never touched. */
export async function exportVersion(
  { grants }: EngineContext,
  draft: ReportDraft,
  version: number,
  parent: string,
): Promise<WrittenReport> {
  const { folder } = versionOf(draft, version);
  const target = unusedFolder(parent, `${folderName(draft.title)}-v${version}`);
  // Aside first, so that a copy that stopped half-way is never taken for a report.
  const aside = besides(target, 'tmp');
  const files: WrittenReport['files'] = [];
  try {
    await mkdir(aside, { recursive: true });
    for (const entry of await readdir(folder, { withFileTypes: true })) {
      if (!entry.isFile()) continue;
      const bytes = await readFile(path.join(folder, entry.name));
      await writeFileAtomic(path.join(aside, entry.name), bytes);
      const sha256 = createHash('sha256').update(bytes).digest('hex');
      files.push({ name: entry.name, bytes: bytes.length, sha256 });
    }
    await rename(aside, target);
  } catch (error) {
    await rm(aside, { recursive: true, force: true });
    throw error;
  }
  return { folder: grants.add(target), files };
}

/** Letters, digits, dots and dashes, so that every file system takes it. */
const folderName = (title: string): string =>
  title
    .normalize('NFKD')
    .replaceAll(/[^\w.]+/gu, '-')
    .replaceAll(/^[-.]+|[-.]+$/gu, '')
    .slice(0, 60) || 'report';

function unusedFolder(parent: string, name: string): string {
  let folder = path.join(parent, name);
  for (let i = 2; existsSync(folder); i++) folder = path.join(parent, `${name}-${i}`);
  return folder;
}
