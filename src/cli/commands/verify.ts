import { readFile } from 'node:fs/promises';
import { AppError, messageOf } from '../../core/errors.ts';
import { verifyReport, type Check } from '../../core/report/verify.ts';
import { rescore, verifyImages } from '../../core/workflow/report/verify-images.ts';
import type { Host } from '../host.ts';
import { numberOption } from '../resolve.ts';

export interface VerifyOptions {
  readonly images?: boolean;
  readonly rescore?: string;
  readonly seed?: string;
  readonly publicKey?: string;
}

/** Raised at a check that fails: exit code 1. */
const differs = (check: Check): AppError =>
  new AppError('internal', `The report does not verify: ${check.label}: ${check.detail}`);

/** `straylight verify <folder>`: every hash and every number again, then the images and the weights if asked. */
export async function verifyCommand(
  host: Host,
  folder: string,
  options: VerifyOptions,
): Promise<void> {
  const checks: Check[] = [];
  const tell = (check: Check): void => {
    checks.push(check);
    host.output.line(`${check.ok ? 'ok    ' : 'FAILED'} ${check.label}: ${check.detail}`);
  };
  const images = numberOption('rescore', options.rescore);
  if (images !== undefined && (!Number.isInteger(images) || images < 1))
    throw new AppError('usage', '--rescore takes how many images to score again, e.g. 100.');
  const { ok, report } = await verifyReport(folder, {
    signal: host.hooks.signal,
    onCheck: tell,
    publicKeyPem: options.publicKey === undefined ? undefined : await readKey(options.publicKey),
  });
  if (!ok || !report) throw differs(checks.at(-1)!);
  const { audit, columns } = report;
  if (options.images === true) {
    const check = await verifyImages(audit, columns, host.hooks.signal);
    tell(check);
    if (!check.ok) throw differs(check);
  }
  if (images !== undefined) {
    const request = { images, seed: numberOption('seed', options.seed) ?? 1 };
    const runtime = await host.runtime();
    const check = await rescore(host.workspace(), runtime, audit, columns, request, host.hooks.signal); // prettier-ignore
    tell(check);
    if (!check.ok) throw differs(check);
  }
  host.output.line(`The report verifies: ${audit.title}`);
  host.output.result({ ok: true, checks });
}

async function readKey(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    throw new AppError('usage', `The key ${file} cannot be read: ${messageOf(cause)}.`, { cause });
  }
}
