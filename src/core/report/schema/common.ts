/** What all parts of the report's schema are made of. */
import { z } from 'zod';

/** All of it and what it holds cannot be changed. */
export type DeepReadonly<T> = T extends readonly (infer Item)[]
  ? readonly DeepReadonly<Item>[]
  : T extends object
    ? { readonly [Key in keyof T]: DeepReadonly<T[Key]> }
    : T;

export const text = z.string();
export const count = z.int().min(0);
/** A share, 0 to 1. */
export const rate = z.number().min(0).max(1);
export const finite = z.number();
export const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
/** ISO 8601 with its zone. */
export const time = z.iso.datetime({ offset: true });

export const estimate = z
  .strictObject({ value: finite, low: finite, high: finite })
  .describe('A number with its 95% interval.');

/** What a person wrote, with who and when. */
export const supplied = z
  .strictObject({ text, author: text, time })
  .describe('Words of a person, with who gave them and when.');

/** Null stands for "not supplied" wherever only a person knows. */
export const suppliedOrNot = supplied.nullable().describe('null: not supplied');

export const detectorId = text.describe('Registry id of a detector, e.g. energy');
export const modelRole = z
  .enum(['before', 'control', 'sparse'])
  .describe('before = pretrained; control = fine-tuned with λ = 0; sparse = fine-tuned with λ > 0');
