import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { schemaFiles } from '../../../src/core/report/json-schema.ts';

it.each(schemaFiles())('$file is what the program writes by', ({ file, text }) => {
  expect(readFileSync(path.resolve(file), 'utf8'), 'run: node scripts/report-schema.mjs').toBe(
    text,
  );
});
