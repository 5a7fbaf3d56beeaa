/** Options that commands about reports share. */
import { readFile } from 'node:fs/promises';
import { AppError, messageOf } from '../core/errors.ts';
import { signerFrom, type Signer } from '../core/report/signature.ts';
import { numberOption } from './resolve.ts';

/** @throws AppError `usage` when the file cannot be read or holds no Ed25519 private key */
export async function readSigner(file: string): Promise<Signer> {
  let pem: string;
  try {
    pem = await readFile(file, 'utf8');
  } catch (cause) {
    throw new AppError(
      'usage',
      `The key ${file} cannot be read: ${messageOf(cause)}. Make one with: straylight keygen`,
      { cause },
    );
  }
  return signerFrom(pem, file);
}

/** @param value number of test images, or true for all */
export const robustnessOption = (value: string | true): { readonly images: number | null } => ({
  images: value === true ? null : (numberOption('robustness', value) ?? null),
});
