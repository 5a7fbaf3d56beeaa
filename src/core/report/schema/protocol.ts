/** The part of the report about named protocols: which sets are averaged, and what may be said of the average. */
import { z } from 'zod';
import { PROTOCOL_IDS } from '../../protocol/protocols.ts';
import { count, estimate, finite, modelRole, rate, text } from './common.ts';

const metrics = {
  fpr95: estimate.describe('ID positive'),
  fpr95OodPositive: rate.describe('OOD positive (OpenOOD v1.5)'),
  auroc: estimate,
  // Sums of precisions may pass 1 by a rounding error.
  auprIn: finite.describe('0 to 1'),
  auprOut: finite.describe('0 to 1'),
};

export const protocolResult = z.strictObject({
  role: modelRole,
  protocol: z.enum(PROTOCOL_IDS),
  statement: text.describe('What the average is over and what it is not'),
  present: z.array(text).describe('Of six-sets: sets of the paper that are here'),
  missing: z.array(text).describe('Of six-sets: sets of the paper that are not here'),
  left: z.array(text).describe('Sets that have no part in the protocol’s own average'),
  score: text,
  orientation: text,
  n: count.describe('ID test images'),
  threshold: z.strictObject({ value: finite, validationImages: count, idKept: rate }),
  sets: z.array(
    z.strictObject({
      name: text,
      paperSet: text.nullable().describe('Name in the paper; null: none of its six'),
      nearFar: z.enum(['near', 'far']).nullable(),
      n: count,
      ...metrics,
      acceptedAtThreshold: rate,
    }),
  ),
  averages: z
    .array(
      z.strictObject({
        group: z.enum(['all', 'six-sets', 'near', 'far']),
        label: text,
        sets: z.array(text),
        ...metrics,
      }),
    )
    .describe('Unweighted means; the first is the protocol’s own'),
  bootstrap: z.strictObject({ samples: count, seed: finite }),
});
