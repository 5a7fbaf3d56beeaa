/**
 * Checks a report's folder: every hash from the files, and every number from the rows of `per-image.csv`. Stops at the
 * first that differs. What cannot be computed from the rows is taken as it is recorded and is covered by the hashes
 * alone; {@link TAKEN_AS_RECORDED} says what that is.
 */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { AppError, messageOf, throwIfAborted } from '../errors.ts';
import { PRIMARY_DETECTOR } from '../score/registry.ts';
import { sha256Hex } from '../sha256.ts';
import { assembleAudit, settingsOf } from './assemble.ts';
import type { Audit } from './audit.ts';
import type { ReportColumns } from './columns.ts';
import { firstDifference } from './first-difference.ts';
import { jsonText, manifestOf, manifestSchema, PARTS, type ReportManifest } from './manifest.ts';
import { intervalMethod, measureReport } from './measure/measure.ts';
import { testedOf } from './measure/tested.ts';
import { readPerImage } from './read-image-csv.ts';
import { auditSchema } from './schema/audit.ts';
import { checkSignature } from './signature.ts';

/** What the hashes cover and no number is computed for. */
export const TAKEN_AS_RECORDED =
  'training histories and settings, near copies between sets, near-zero units, heat maps and parts of the energy, robustness, versions and hardware, words of people';

export interface Check {
  readonly label: string;
  readonly ok: boolean;
  readonly detail: string;
}

export interface Verification {
  readonly ok: boolean;
  readonly folder: string;
  /** In the order they were made; nothing is checked after the first that fails. */
  readonly checks: readonly Check[];
  /** Null when the report could not be read. */
  readonly report: { readonly audit: Audit; readonly columns: ReportColumns } | null;
}

export interface VerifyOptions {
  readonly signal?: AbortSignal | undefined;
  readonly onCheck?: ((check: Check) => void) | undefined;
  /** PEM of the key that must have signed the report. */
  readonly publicKeyPem?: string | undefined;
}

/** Raised by a check that fails. */
class Differs extends Error {}

/** @throws AppError only when the folder cannot be read at all, or `cancelled` */
export async function verifyReport(
  folder: string,
  { signal, onCheck, publicKeyPem }: VerifyOptions = {},
): Promise<Verification> {
  const target = path.resolve(folder);
  const checks: Check[] = [];
  const note = (check: Check): void => {
    checks.push(check);
    onCheck?.(check);
  };
  const check = async <Result>(
    label: string,
    work: () => Promise<{ readonly detail: string; readonly value: Result }>,
  ): Promise<Result> => {
    throwIfAborted(signal);
    try {
      const { detail, value } = await work();
      note({ label, ok: true, detail });
      return value;
    } catch (error) {
      if (error instanceof AppError && error.code === 'cancelled') throw error;
      note({ label, ok: false, detail: messageOf(error) });
      throw new Differs(label);
    }
  };
  let report: Verification['report'] = null;
  try {
    await readdir(target).catch((cause: unknown) => {
      throw new AppError('not-found', `${target} cannot be read: ${messageOf(cause)}.`, { cause });
    });
    const { manifest, bytes } = await check('manifest.json', () => readManifest(target));
    await check('signature', () => signatureIn(target, manifest, bytes, publicKeyPem));
    await check('files', () => filesIn(target, manifest));
    const audit = await check('report.json', () => readAudit(target));
    await check('manifest and report', () => Promise.resolve(manifestFits(manifest, audit)));
    const columns = await check('per-image.csv', () => readColumns(target, audit));
    await check('numbers', () => numbersFit(audit, columns));
    report = { audit, columns };
  } catch (error) {
    if (!(error instanceof Differs)) throw error;
  }
  return { ok: report !== null, folder: target, checks, report };
}

async function readManifest(folder: string) {
  const bytes = await readFile(path.join(folder, PARTS.manifest));
  const manifest = manifestSchema.parse(jsonOf(bytes, PARTS.manifest));
  // Written in one way only, so that no byte can change unseen.
  if (jsonText(manifest) !== bytes.toString('utf8'))
    throw new Error('is not written as Straylight writes it: it was changed');
  return { detail: `report ${manifest.report}`, value: { manifest, bytes } };
}

function jsonOf(bytes: Buffer, name: string): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch (error) {
    throw new Error(`${name} is not JSON: ${messageOf(error)}`, { cause: error });
  }
}

async function signatureIn(
  folder: string,
  { signer }: ReportManifest,
  bytes: Buffer,
  wanted: string | undefined,
) {
  const read = (name: string): Promise<string | null> =>
    readFile(path.join(folder, name), 'latin1').catch(() => null);
  const [signature, key] = [await read(PARTS.signature), await read(PARTS.publicKey)];
  if (signer === null) {
    if (signature !== null || key !== null)
      throw new Error('there is a signature or a key, but the manifest says it is not signed');
    if (wanted !== undefined) throw new Error('the report is not signed');
    return { detail: 'not signed', value: null };
  }
  if (signature === null || key === null)
    throw new Error(`${signature === null ? PARTS.signature : PARTS.publicKey} is missing`);
  const result = checkSignature(bytes, signature, key);
  if ('problem' in result) throw new Error(result.problem);
  if (result.fingerprint !== signer.fingerprint)
    throw new Error(`the key has the fingerprint ${result.fingerprint}, the manifest names ${signer.fingerprint}`); // prettier-ignore
  if (wanted !== undefined && wanted.trim() !== key.trim())
    throw new Error(`signed with another key: ${result.fingerprint}`);
  return {
    detail: `Ed25519, fingerprint ${result.fingerprint}${wanted === undefined ? '; whose key it is cannot be told from the folder' : ', the key that was given'}`,
    value: null,
  };
}

async function filesIn(folder: string, { files }: ReportManifest) {
  const expected: readonly string[] = [PARTS.json, PARTS.csv, PARTS.pdf];
  const names = files.map(({ name }) => name);
  if ([...names].sort().join() !== [...expected].sort().join())
    throw new Error(`the manifest lists ${names.join(', ')} instead of ${expected.join(', ')}`);
  for (const { name, bytes, sha256 } of files) {
    const hash = createHash('sha256');
    let length = 0;
    for await (const chunk of createReadStream(path.join(folder, name))) {
      hash.update(chunk as Buffer);
      length += (chunk as Buffer).length;
    }
    const found = hash.digest('hex');
    if (length !== bytes) throw new Error(`${name} has ${length} bytes instead of ${bytes}`);
    if (found !== sha256) throw new Error(`${name} has the SHA-256 ${found} instead of ${sha256}`);
  }
  return { detail: `${files.length} files with the right SHA-256`, value: null };
}

async function readAudit(folder: string) {
  const bytes = await readFile(path.join(folder, PARTS.json));
  const parsed = auditSchema.safeParse(jsonOf(bytes, PARTS.json));
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new Error(`${PARTS.json} at ${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'does not fit its schema'}`); // prettier-ignore
  }
  const audit: Audit = parsed.data;
  if (sha256Hex(audit.reproducibility.config) !== audit.reproducibility.configSha256)
    throw new Error('the hash of the configuration does not fit the configuration');
  return { detail: `${audit.title}, schema ${audit.schema}`, value: audit };
}

function manifestFits(manifest: ReportManifest, audit: Audit) {
  const again = { ...manifestOf(audit, manifest.files, null), signer: manifest.signer };
  const difference = firstDifference(manifest, again);
  if (difference) throw new Error(`manifest.json at ${difference.at}: ${difference.found} instead of ${difference.expected}`); // prettier-ignore
  return {
    detail: `weights of ${audit.models.length} models, roots of ${manifest.datasets.length} sets`,
    value: null,
  };
}

async function readColumns(folder: string, audit: Audit) {
  const sets = [audit.idDataset, ...audit.oodDatasets];
  const columns = await readPerImage(
    createReadStream(path.join(folder, PARTS.csv), { highWaterMark: 2 ** 20 }),
    {
      models: audit.models.map(({ role, classes }) => ({ role, classes })),
      sets: sets.map(({ name, role, classes, discovered, quality }) => ({
        name,
        role,
        classes,
        images: discovered,
        looked: quality.measured,
      })),
      detectors: audit.models.map(({ scores }) =>
        scores.map(({ score }) => score).filter((id) => id !== PRIMARY_DETECTOR.id),
      ),
    },
  );
  const images = sets.reduce((sum, { discovered }) => sum + discovered, 0);
  return { detail: `${images.toLocaleString('en-US')} images of ${sets.length} sets`, value: columns }; // prettier-ignore
}

async function numbersFit(audit: Audit, columns: ReportColumns) {
  const method = intervalMethod(testedOf(columns).rows);
  if (method !== audit.bootstrap.method)
    throw new Error(
      `report.json at bootstrap.method: ${audit.bootstrap.method} instead of ${method}`,
    );
  const numbers = await measureReport(columns, settingsOf(audit));
  // Through JSON, as the report went.
  const again = JSON.parse(JSON.stringify(assembleAudit(audit, numbers))) as unknown;
  const difference = firstDifference(audit, again);
  if (difference)
    throw new Error(
      `report.json at ${difference.at}: ${difference.found}, but the images give ${difference.expected}`,
    );
  return {
    detail: `every number follows from the images; taken as recorded: ${TAKEN_AS_RECORDED}`,
    value: null,
  };
}
