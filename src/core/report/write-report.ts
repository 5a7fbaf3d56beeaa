/** The files of an audit report. */
import { createHash } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import type { ProgressListener } from '../progress.ts';
import { writeFileAtomic } from '../store/atomic.ts';
import type { AuditWithImages } from './audit.ts';
import { drawReport } from './pdf/draw-report.ts';
import { perImageCsv } from './per-image.ts';
import type { Thumbnails } from './sections/context.ts';

export interface ReportOptions {
  readonly thumbnails: Thumbnails;
  readonly onProgress?: ProgressListener;
}

/** Absolute paths. */
export interface ReportFiles {
  readonly pdf: string;
  readonly json: string;
  readonly csv: string;
}

/**
 * Writes `report.pdf`, `report.json` (the audit as it is) and `per-image.csv` into a folder, each at once or not
 * at all. Same audit, same bytes.
 * @throws AppError `no-space` or `unreadable`
 */
export async function writeReport(
  result: AuditWithImages,
  folder: string,
  { thumbnails, onProgress }: ReportOptions,
): Promise<ReportFiles> {
  await mkdir(folder, { recursive: true });
  const target = path.resolve(folder);
  const files = {
    pdf: path.join(target, 'report.pdf'),
    json: path.join(target, 'report.json'),
    csv: path.join(target, 'per-image.csv'),
  };
  const json = `${JSON.stringify(result.audit, null, 2)}\n`;
  const csv = [...perImageCsv(result)].join('');
  const seal = { jsonSha256: sha256(json), csvSha256: sha256(csv), keyFingerprint: null };
  const pdf = await drawReport(result.audit, { thumbnails, seal, onProgress });
  await writeFileAtomic(files.pdf, pdf);
  await writeFileAtomic(files.json, json);
  await writeFileAtomic(files.csv, csv);
  return files;
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
