/** Ed25519 signatures (RFC 8032) of a report's manifest, with a key that the user keeps. */
import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  sign,
  verify,
  type KeyObject,
} from 'node:crypto';
import { AppError, messageOf } from '../errors.ts';

/** A key that signs. */
export interface Signer {
  readonly key: KeyObject;
  /** SubjectPublicKeyInfo as PEM. */
  readonly publicKeyPem: string;
  /** SHA-256 of the public key (SubjectPublicKeyInfo, DER), hex. */
  readonly fingerprint: string;
}

const pemOf = (key: KeyObject): string => key.export({ type: 'spki', format: 'pem' }).toString();
const fingerprintOf = (key: KeyObject): string =>
  createHash('sha256')
    .update(key.export({ type: 'spki', format: 'der' }))
    .digest('hex');

/** A fresh pair as PEM: PKCS #8 for the private key, which the caller must keep secret. */
export function newKeyPair(): {
  readonly privateKeyPem: string;
  readonly publicKeyPem: string;
  readonly fingerprint: string;
} {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  return {
    privateKeyPem: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    publicKeyPem: pemOf(publicKey),
    fingerprint: fingerprintOf(publicKey),
  };
}

/** @param pem private key; @throws AppError `usage` when it is not an Ed25519 private key */
export function signerFrom(pem: string, name: string): Signer {
  let key: KeyObject;
  try {
    key = createPrivateKey(pem);
  } catch (cause) {
    throw new AppError(
      'usage',
      `${name} is not a private key in PEM form (${messageOf(cause)}). Make one with: straylight keygen`,
      { cause },
    );
  }
  if (key.asymmetricKeyType !== 'ed25519')
    throw new AppError(
      'usage',
      `${name} is a key for ${key.asymmetricKeyType ?? 'something else'}, not for Ed25519. Make one with: straylight keygen`,
    );
  const publicKey = createPublicKey(key);
  return { key, publicKeyPem: pemOf(publicKey), fingerprint: fingerprintOf(publicKey) };
}

/** @returns base64 and a newline */
export const signatureOf = (bytes: Uint8Array, { key }: Signer): string =>
  `${sign(null, bytes, key).toString('base64')}\n`;

/**
 * @param publicKeyPem of the file beside the report
 * @returns what is wrong, or the fingerprint of the key that signed
 */
export function checkSignature(
  bytes: Uint8Array,
  signature: string,
  publicKeyPem: string,
): { readonly fingerprint: string } | { readonly problem: string } {
  let key: KeyObject;
  try {
    key = createPublicKey(publicKeyPem);
  } catch {
    return { problem: 'the public key cannot be read' };
  }
  if (key.asymmetricKeyType !== 'ed25519' || pemOf(key) !== publicKeyPem)
    return { problem: 'the public key is not an Ed25519 key as Straylight writes it' };
  const raw = Buffer.from(signature, 'base64');
  // One spelling only, so that no byte of the file can change unseen.
  if (`${raw.toString('base64')}\n` !== signature)
    return { problem: 'the signature is not as Straylight writes it' };
  if (!verify(null, bytes, key, raw)) return { problem: 'the signature does not fit the manifest' };
  return { fingerprint: fingerprintOf(key) };
}
