import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { AppError, messageOf } from '../../core/errors.ts';
import { newKeyPair } from '../../core/report/signature.ts';
import type { Host } from '../host.ts';

/** `straylight keygen`: an Ed25519 pair to sign reports with. Nothing is kept but the files. */
export async function keygen(host: Host, { out }: { readonly out: string }): Promise<void> {
  const file = path.resolve(out);
  const publicFile = `${file.replace(/\.pem$/u, '')}.pub.pem`;
  const { privateKeyPem, publicKeyPem, fingerprint } = newKeyPair();
  try {
    // Readable by its owner only, and never in place of a key that may still be needed.
    await writeFile(file, privateKeyPem, { mode: 0o600, flag: 'wx' });
    await writeFile(publicFile, publicKeyPem, { flag: 'wx' });
  } catch (cause) {
    throw new AppError(
      'usage',
      `The key cannot be written: ${messageOf(cause)}. Choose another place with --out; a key that is there is not replaced.`,
      { cause },
    );
  }
  host.output.line(`Private key: ${file} (keep it; who has it can sign in your name)`);
  host.output.line(`Public key: ${publicFile} (give it to those who verify)`);
  host.output.line(`Fingerprint: ${fingerprint}`);
  host.output.result({ privateKey: file, publicKey: publicFile, fingerprint });
}
