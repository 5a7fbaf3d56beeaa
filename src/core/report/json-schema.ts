/** The published JSON Schemas of `report.json` and `manifest.json`, made of the definitions that the program itself uses. */
import { z } from 'zod';
import { MANIFEST_SCHEMA, manifestSchema } from './manifest.ts';
import { AUDIT_SCHEMA, auditSchema } from './schema/audit.ts';

const textOf = (schema: z.ZodType, id: string): string =>
  `${JSON.stringify({ $id: id, ...z.toJSONSchema(schema, { target: 'draft-2020-12' }) }, null, 2)}\n`;

/** Paths below the project's folder, and what they hold. */
export const schemaFiles = (): readonly { readonly file: string; readonly text: string }[] => [
  { file: 'docs/schema/report.schema.json', text: textOf(auditSchema, AUDIT_SCHEMA) },
  { file: 'docs/schema/manifest.schema.json', text: textOf(manifestSchema, MANIFEST_SCHEMA) },
];
