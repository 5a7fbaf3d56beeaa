/** Keys that sign reports: files that a person keeps, and that never enter the workspace. */
import { existsSync } from 'node:fs';
import { open, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { AppError, messageOf } from '../../core/errors.ts';
import { newKeyPair, signerFrom, type Signer } from '../../core/report/signature.ts';
import type { EngineContext } from '../context.ts';

/** A PEM of an Ed25519 key has some 120 bytes; what is larger was chosen by mistake. */
const MOST_BYTES = 65_536;
const NAME = 'straylight-signing-key';

/** @throws AppError `usage` when the file is not a private key; `unreadable` */
export async function signerOf({ grants }: EngineContext, grantId: string): Promise<Signer> {
  const { kind, path: file, displayPath } = grants.get(grantId);
  if (kind !== 'file')
    throw new AppError('usage', `${displayPath} is a folder. Choose the file of a signing key.`);
  let pem: string;
  try {
    const handle = await open(file, 'r');
    try {
      if ((await handle.stat()).size > MOST_BYTES)
        throw new AppError('usage', `${displayPath} is too large for a key. Choose the file of a signing key.`); // prettier-ignore
      pem = await handle.readFile('utf8');
    } finally {
      await handle.close();
    }
  } catch (cause) {
    if (cause instanceof AppError) throw cause;
    throw new AppError('unreadable', `${displayPath} cannot be read: ${messageOf(cause)}.`, { cause }); // prettier-ignore
  }
  return signerFrom(pem, displayPath);
}

/** Writes a new pair into a folder that a person chose; a key that is there is never replaced. */
export async function createKey({ grants }: EngineContext, grantId: string) {
  const { kind, path: folder, displayPath } = grants.get(grantId);
  if (kind !== 'folder')
    throw new AppError('usage', `${displayPath} is a file. Choose the folder to write the key into.`); // prettier-ignore
  let name = NAME;
  for (let i = 2; existsSync(path.join(folder, `${name}.pem`)); i++) name = `${NAME}-${i}`;
  const { privateKeyPem, publicKeyPem, fingerprint } = newKeyPair();
  const file = path.join(folder, `${name}.pem`);
  try {
    await writeFile(file, privateKeyPem, { mode: 0o600, flag: 'wx' });
    await writeFile(path.join(folder, `${name}.pub.pem`), publicKeyPem, { flag: 'wx' });
  } catch (cause) {
    throw new AppError('unreadable', `The key cannot be written into ${displayPath}: ${messageOf(cause)}. Choose another folder.`, { cause }); // prettier-ignore
  }
  return { key: grants.add(file), fingerprint };
}
