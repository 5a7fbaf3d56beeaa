/** The files of a report. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import type { ProgressListener } from '../progress.ts';
import { sha256Hex } from '../sha256.ts';
import { besides, writeFileAtomic } from '../store/atomic.ts';
import { diskError } from '../store/disk-errors.ts';
import type { Audit } from './audit.ts';
import type { ReportColumns } from './columns.ts';
import { perImageCsv } from './image-csv.ts';
import { jsonText, manifestOf, PARTS, type WrittenPart } from './manifest.ts';
import { AppError } from '../errors.ts';
import { auditSchema } from './schema/audit.ts';
import { drawReport } from './pdf/draw-report.ts';
import type { Thumbnails } from './sections/context.ts';
import { signatureOf, type Signer } from './signature.ts';

export interface ReportOptions {
  readonly thumbnails: Thumbnails;
  /** Null when the report is not signed. */
  readonly signer?: Signer | null;
  readonly onProgress?: ProgressListener | undefined;
}

/** Absolute paths. */
export interface ReportFiles {
  readonly folder: string;
  readonly pdf: string;
  readonly json: string;
  readonly csv: string;
  readonly manifest: string;
  /** Null when the report is not signed. */
  readonly signature: string | null;
  /** SHA-256 of `report.json`: the report's hash. */
  readonly reportSha256: string;
}

/**
 * Writes all parts into a folder, each at once or not at all, the manifest last. Same audit, same bytes.
 * @param csv columns, or the file of an earlier report of the same columns
 * @throws AppError `no-space` or `unreadable`
 */
export async function writeReport(
  audit: Audit,
  csv: ReportColumns | { readonly file: string },
  folder: string,
  { thumbnails, signer = null, onProgress }: ReportOptions,
): Promise<ReportFiles> {
  await mkdir(folder, { recursive: true });
  const target = path.resolve(folder);
  const at = (name: string): string => path.join(target, name);
  // A manifest of an earlier report would not fit what is written now.
  for (const name of [PARTS.manifest, PARTS.signature, PARTS.publicKey])
    await rm(at(name), { force: true });
  const parts: WrittenPart[] = [];
  const write = async (name: string, bytes: Uint8Array): Promise<WrittenPart> => {
    await writeFileAtomic(at(name), bytes);
    const part = { name, bytes: bytes.length, sha256: sha256Hex(bytes) };
    parts.push(part);
    return part;
  };
  const table = 'file' in csv ? createReadStream(csv.file) : linesInBatches(perImageCsv(csv));
  const csvPart = await writeStream(at(PARTS.csv), table);
  const json = await write(PARTS.json, reportJson(audit));
  parts.push(csvPart);
  const seal = { jsonSha256: json.sha256, csvSha256: csvPart.sha256, keyFingerprint: signer?.fingerprint ?? null }; // prettier-ignore
  await write(PARTS.pdf, await drawReport(audit, { thumbnails, seal, onProgress }));
  const manifest = Buffer.from(jsonText(manifestOf(audit, parts, signer)));
  if (signer) {
    await writeFileAtomic(at(PARTS.publicKey), signer.publicKeyPem);
    await writeFileAtomic(at(PARTS.signature), signatureOf(manifest, signer));
  }
  await writeFileAtomic(at(PARTS.manifest), manifest);
  return {
    folder: target,
    pdf: at(PARTS.pdf),
    json: at(PARTS.json),
    csv: at(PARTS.csv),
    manifest: at(PARTS.manifest),
    signature: signer && at(PARTS.signature),
    reportSha256: json.sha256,
  };
}

/**
 * `report.json`: checked against its schema and in the schema's order, so that a report that was read back is written
 * as it was.
 */
export function reportJson(audit: Audit): Buffer {
  const checked = auditSchema.safeParse(audit);
  if (checked.success) return Buffer.from(jsonText(checked.data));
  const [issue] = checked.error.issues;
  throw new AppError(
    'internal',
    `The report's number ${issue?.path.join('.') ?? ''} does not fit its definition: ${issue?.message ?? ''}. This is a defect of Straylight, and nothing was written; report it with this message, or leave out what the number belongs to (a detector or a set).`,
    { cause: checked.error },
  );
}

/** Characters of lines that are handed on at a time. */
const BATCH = 2 ** 20;

/** Lines as bytes, about a megabyte at a time. */
export function* linesInBatches(lines: Iterable<string>): Generator<Uint8Array> {
  let batch: string[] = [];
  let length = 0;
  for (const line of lines) {
    batch.push(line);
    length += line.length;
    if (length < BATCH) continue;
    yield Buffer.from(batch.join(''));
    batch = [];
    length = 0;
  }
  if (batch.length > 0) yield Buffer.from(batch.join(''));
}

/** Writes a file of any size at once or not at all. */
export async function writeStream(
  file: string,
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): Promise<WrittenPart> {
  const temporary = besides(file, 'tmp');
  const hash = createHash('sha256');
  let bytes = 0;
  try {
    const handle = await open(temporary, 'wx');
    try {
      for await (const chunk of chunks) {
        hash.update(chunk);
        bytes += chunk.length;
        for (let from = 0; from < chunk.length;)
          from += (await handle.write(chunk, from)).bytesWritten;
      }
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, file);
  } catch (error) {
    await rm(temporary, { force: true });
    throw diskError(error, file, bytes);
  }
  return { name: path.basename(file), bytes, sha256: hash.digest('hex') };
}
