/** Schemas that several parts of the contract share. */
import { z } from 'zod';

/** Ids are minted by the engine; a path never stands in for one. */
export const id = z
  .string()
  .min(1)
  .max(64)
  .regex(/^[A-Za-z0-9._-]+$/u);
/** A name that a person typed. */
export const name = z.string().trim().min(1).max(200);
export const count = z.int().nonnegative();
/** A share, 0 to 1. */
export const rate = z.number().min(0).max(1);
/** ISO 8601 with zone. */
export const time = z.string();
export const seed = z.int().nonnegative().max(Number.MAX_SAFE_INTEGER);

export const float64s = z.instanceof(Float64Array);
export const float32s = z.instanceof(Float32Array);
export const int32s = z.instanceof(Int32Array);
export const uint32s = z.instanceof(Uint32Array);
export const uint16s = z.instanceof(Uint16Array);
export const bytes = z.instanceof(Uint8Array);

/** Words an `AppError` carries; the first eleven are core's, the rest belong to the wire. */
export const errorCode = z.enum([
  'usage',
  'not-found',
  'invalid-data',
  'invalid-model',
  'unreadable',
  'no-space',
  'runtime-missing',
  'diverged',
  'locked',
  'cancelled',
  'internal',
  'engine-gone',
  'invalid-request',
  'forbidden',
]);
export type ErrorCode = z.infer<typeof errorCode>;

/** An error as it is stored and shown: message names the thing, the reason and the next step. */
export const failure = z.strictObject({ code: errorCode, message: z.string() });
export type Failure = z.infer<typeof failure>;

/** How far a job has come; see `core/progress.ts`. */
export const progress = z.strictObject({
  phase: z.string(),
  /** 0 to 1 over the whole job. */
  value: z.number(),
  done: z.number(),
  total: z.number().nullable(),
  unit: z.enum(['images', 'files', 'steps', 'bytes', 'pages']),
  ratePerS: z.number().nullable(),
  remainingS: z.number().nullable(),
  note: z.string().optional(),
  /** Grows by one per message of a job, so that a late one can be told. */
  sequence: count.optional(),
});
export type Progress = z.infer<typeof progress>;

/** What a job tells while it runs. */
export const jobEvent = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('progress'), progress }),
  /** Something to know that does not stop the work. */
  z.strictObject({ type: z.literal('warning'), text: z.string() }),
]);
export type JobEvent = z.infer<typeof jobEvent>;

export const split = z.enum(['train', 'val', 'test']);
export const nearFar = z.enum(['near', 'far']).nullable();
export const role = z.enum(['id', 'ood']);

/** A number with its 95% bootstrap interval. */
export const estimate = z.strictObject({ value: z.number(), low: z.number(), high: z.number() });
export type Estimate = z.infer<typeof estimate>;

/** Images of one dataset by their position in its manifest. */
export const imageSelection = z.strictObject({ datasetId: id, ordinals: uint32s });
export type ImageSelection = z.infer<typeof imageSelection>;

/** One image. */
export const imageRef = z.strictObject({ datasetId: id, ordinal: count });
export type ImageRef = z.infer<typeof imageRef>;

/** A folder or file that a person picked or dropped; the engine knows its path, the window only shows it. */
export const grant = z.strictObject({
  grantId: id,
  kind: z.enum(['folder', 'file']),
  /** For display only. */
  displayPath: z.string(),
});
export type Grant = z.infer<typeof grant>;
