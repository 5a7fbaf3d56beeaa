#!/usr/bin/env node
/** Writes the published JSON Schemas of a report's files. Run after a change of src/core/report/schema; a test finds drift. */
import { writeFileSync } from 'node:fs';
import { schemaFiles } from '../src/core/report/json-schema.ts';

for (const { file, text } of schemaFiles())
  writeFileSync(new URL(`../${file}`, import.meta.url), text);
