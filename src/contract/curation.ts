/** Changes to the data that people make: never to the files, always in a log that can be replayed. */
import { z } from 'zod';
import { count, id, imageSelection, jobEvent, time } from './common.ts';
import { call, job, nothing } from './method.ts';
import { imageFilter } from './scores.ts';

export const curationAction = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('tag'), tag: z.string().trim().min(1).max(100) }),
  z.strictObject({ type: z.literal('untag'), tag: z.string().trim().min(1).max(100) }),
  z.strictObject({ type: z.literal('exclude') }),
  z.strictObject({ type: z.literal('include') }),
  /** Null takes the relabelling back. */
  z.strictObject({ type: z.literal('relabel'), className: z.string().max(500).nullable() }),
  z.strictObject({ type: z.literal('note'), text: z.string().max(5000) }),
]);
export type CurationAction = z.infer<typeof curationAction>;

export const curationEntry = z.strictObject({
  id,
  time,
  author: z.string(),
  /** The log only grows: undoing and redoing are entries too, which repeat the action they are about. */
  kind: z.enum(['apply', 'undo', 'redo']),
  /** The entry that is undone or redone; null for `apply`. */
  target: id.nullable(),
  action: curationAction,
  reason: z.string(),
  images: count,
  /** Up to five paths, for the list. */
  examples: z.array(z.string()),
  /** Set while undone; always false for `undo` and `redo`. */
  undone: z.boolean(),
});
export type CurationEntry = z.infer<typeof curationEntry>;

/** What happens if everything in the log is applied, per dataset. */
export const curationReview = z.strictObject({
  datasets: z.array(
    z.strictObject({
      datasetId: id,
      name: z.string(),
      images: count,
      excluded: count,
      relabelled: count,
      tagged: count,
      noted: count,
      /** Images that changed on disk since a decision was made about them. */
      stale: count,
      classesBefore: z.array(z.strictObject({ name: z.string(), count })),
      classesAfter: z.array(z.strictObject({ name: z.string(), count })),
    }),
  ),
  tags: z.array(z.strictObject({ tag: z.string(), count })),
  canUndo: z.boolean(),
  canRedo: z.boolean(),
});
export type CurationReview = z.infer<typeof curationReview>;

const outcome = z.strictObject({ entry: curationEntry.nullable(), review: curationReview });

export const curationMethods = {
  'curation.apply': call(
    z.strictObject({
      selections: z.array(imageSelection).min(1).max(64),
      action: curationAction,
      author: z.string().max(200).default(''),
      reason: z.string().max(2000).default(''),
    }),
    outcome,
  ),
  'curation.undo': call(nothing, outcome),
  'curation.redo': call(nothing, outcome),
  'curation.log': call(
    z.strictObject({ offset: count, limit: z.int().min(1).max(500) }),
    z.strictObject({ total: count, entries: z.array(curationEntry) }),
  ),
  'curation.review': call(nothing, curationReview),
  'curation.export': job(
    z.strictObject({
      datasetId: id,
      /** Everything that is not excluded when not given. */
      filter: imageFilter.optional(),
      mode: z.enum(['copy', 'hard-link', 'csv', 'json']),
      /** Folder to write into; what is there already is never overwritten. */
      grantId: id,
    }),
    jobEvent,
    z.strictObject({ displayPath: z.string(), images: count, failed: count }),
  ),
};
