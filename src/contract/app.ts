/** The engine itself: what it runs on, the jobs under way, the doctor. */
import { z } from 'zod';
import { count, failure, grant, id, jobEvent, progress, time } from './common.ts';
import { call, done, job, nothing } from './method.ts';

export const tier = z.enum(['cuda', 'cpu', 'wasm']);

/** Whether the workspace could be opened, and what computes. */
export const engineInfo = z.strictObject({
  appVersion: z.string(),
  /** Null while the workspace could not be opened; `workspaceError` says why. */
  workspace: z.strictObject({ folder: z.string(), name: z.string() }).nullable(),
  workspaceError: failure.nullable(),
  /** What was repaired while opening. */
  warnings: z.array(z.string()),
  interruptedRuns: z.array(id),
  /** Null until TensorFlow has been loaded (it loads at the first job that needs it, or `app.loadRuntime`). */
  runtime: z
    .strictObject({
      tier,
      tensorflow: z.string(),
      threads: count,
      /** Why each better tier is not in use. */
      blocked: z.array(z.strictObject({ tier, reason: z.string(), fix: z.string().nullable() })),
    })
    .nullable(),
  runtimeError: failure.nullable(),
  machine: z.strictObject({ cores: count, memoryBytes: count, platform: z.string() }),
  /** Whether the sample project's images ship with this build. */
  sampleAvailable: z.boolean(),
});
export type EngineInfo = z.infer<typeof engineInfo>;

export const jobKind = z.enum([
  'scan',
  'analyse',
  'train',
  'experiment',
  'score',
  'compare',
  'embed',
  'export',
  'doctor',
  'sample',
  'estimate',
  'report',
  'robustness',
]);

/** Any long work, for the job tray. Training runs appear here too, with their run's id. */
export const jobState = z.strictObject({
  id,
  kind: jobKind,
  title: z.string(),
  state: z.enum([
    'pending',
    'running',
    'paused',
    'succeeded',
    'failed',
    'cancelled',
    'interrupted',
  ]),
  progress: progress.nullable(),
  runId: id.nullable(),
  error: failure.nullable(),
  startedAt: time.nullable(),
  endedAt: time.nullable(),
});
export type JobState = z.infer<typeof jobState>;

const doctorTier = z.strictObject({ tier, reason: z.string(), fix: z.string() });
/** The doctor's findings as rows of label and text, ready to show and to copy. */
export const doctorReport = z.strictObject({
  sections: z.array(
    z.strictObject({
      title: z.string(),
      rows: z.array(z.strictObject({ label: z.string(), value: z.string() })),
    }),
  ),
  tier: tier.nullable(),
  passed: z.boolean(),
  blocked: z.array(doctorTier),
  /** The report as plain text, as `npm run doctor` prints it. */
  text: z.string(),
});
export type DoctorReport = z.infer<typeof doctorReport>;

export const appMethods = {
  'app.info': call(nothing, engineInfo),
  /** Loads TensorFlow; succeeds once per process, later calls answer at once. */
  'app.loadRuntime': job(nothing, jobEvent, engineInfo),
  /** The tray: the whole list at first and whenever something in it changes; ends only when cancelled. */
  'jobs.watch': job(nothing, z.array(jobState), done),
  'jobs.cancel': call(z.strictObject({ jobId: id }), done),
  /** Takes finished jobs off the list. */
  'jobs.clear': call(nothing, done),
  'doctor.run': job(nothing, jobEvent, doctorReport),
  /** Measures thread counts once per machine and stores the best. */
  'doctor.tune': job(
    nothing,
    jobEvent,
    z.strictObject({ threads: count, imagesPerSecond: z.number(), text: z.string() }),
  ),
  /** Registers the sample datasets that ship with the app. */
  'sample.create': job(
    nothing,
    jobEvent,
    z.strictObject({ idDatasetId: id, oodDatasetIds: z.array(id) }),
  ),
};

/** Methods that only the host process may call, never a window. */
export const hostMethods = {
  /** Makes a path that a person chose known under an id. */
  'grants.add': call(z.strictObject({ path: z.string().min(1).max(8192) }), grant),
  /** A re-encoded thumbnail, never the original file. */
  'thumbnails.get': call(
    z.strictObject({ datasetId: id, ordinal: count, size: z.int().min(16).max(1024) }),
    z.strictObject({ bytes: z.instanceof(Uint8Array), type: z.literal('image/webp') }),
  ),
  /** Pauses and checkpoints what runs, closes the workspace; the process may then end. */
  'engine.shutdown': call(nothing, done),
};
