/** `manifest.json`: hashes of every part of a report, of the weights and of the images. */
import { z } from 'zod';
import type { Audit } from './audit.ts';
import { MERKLE_DEFINITION } from './merkle.ts';
import { count, modelRole, sha256, text } from './schema/common.ts';
import type { Signer } from './signature.ts';

export const MANIFEST_SCHEMA = 'straylight.report-manifest/1';

/** Names of the parts. */
export const PARTS = {
  pdf: 'report.pdf',
  json: 'report.json',
  csv: 'per-image.csv',
  manifest: 'manifest.json',
  signature: 'manifest.sig',
  publicKey: 'public-key.pem',
} as const;

export const manifestSchema = z
  .strictObject({
    schema: z.literal(MANIFEST_SCHEMA),
    report: text.describe('Id of the report'),
    files: z
      .array(z.strictObject({ name: text, bytes: count, sha256 }))
      .describe('Every other file of the folder, but the signature and the public key'),
    models: z.array(z.strictObject({ role: modelRole, id: text, weightsSha256: sha256 })),
    merkle: text.describe('How the roots are made'),
    datasets: z.array(
      z.strictObject({ name: text, images: count, leaves: count, merkleRoot: sha256 }),
    ),
    signer: z
      .strictObject({
        algorithm: z.literal('Ed25519'),
        fingerprint: sha256.describe('SHA-256 of the public key, DER'),
      })
      .nullable()
      .describe('null: not signed'),
  })
  .meta({ title: 'Straylight report manifest' });

export type ReportManifest = z.infer<typeof manifestSchema>;

/** A part that was written. */
export interface WrittenPart {
  readonly name: string;
  readonly bytes: number;
  readonly sha256: string;
}

export const manifestOf = (
  audit: Audit,
  files: readonly WrittenPart[],
  signer: Signer | null,
): ReportManifest => ({
  schema: MANIFEST_SCHEMA,
  report: audit.id,
  files: files.map(({ name, bytes, sha256: hash }) => ({ name, bytes, sha256: hash })),
  models: audit.models.map(({ role, id, weightsSha256 }) => ({ role, id, weightsSha256 })),
  merkle: MERKLE_DEFINITION,
  datasets: [audit.idDataset, ...audit.oodDatasets].map(({ name, discovered, sheet }) => ({
    name,
    images: discovered,
    leaves: sheet.merkleLeaves,
    merkleRoot: sheet.merkleRoot,
  })),
  signer: signer && { algorithm: 'Ed25519', fingerprint: signer.fingerprint },
});

/** JSON as all parts are written: the same value, the same bytes. */
export const jsonText = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;
