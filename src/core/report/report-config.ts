/** `audit.yaml`: what a report is about, and what people say of it, in one file that can be kept beside the code. */
import { z } from 'zod';
import { AppError } from '../errors.ts';
import { criterionCheck, signature } from './schema/people.ts';
import { time } from './schema/common.ts';

const words = z.string().min(1).nullable().optional();

const criterion = z.strictObject({
  text: z.string().min(1),
  check: criterionCheck.extend({ dataset: z.string().nullable().default(null) }).optional(),
  /** When it was fixed, ISO 8601 with zone; the time of the report when not given. */
  fixedAt: time.optional(),
  author: z.string().optional(),
});

const aboutSet = z.strictObject({ source: words, licence: words, collection: words });

export const reportConfigSchema = z.strictObject({
  title: z.string().min(1).optional(),
  models: z.strictObject({
    /** The parent of `sparse` when not given. */
    before: z.string().optional(),
    /** The newest λ = 0 fine-tuning of the same parent when not given; null for none. */
    control: z.string().nullable().optional(),
    sparse: z.string(),
  }),
  /** Dataset or folder; that of training when not given. */
  id: z.string().optional(),
  ood: z.array(z.string()).min(1),
  /** Near or far, by name; kept in the workspace. */
  nearFar: z.record(z.string(), z.enum(['near', 'far'])).optional(),
  /** Registry ids, or `all`. */
  detectors: z.union([z.literal('all'), z.array(z.string()).min(1)]).default('all'),
  protocol: z.string().optional(),
  /** Test images for noise, blur, brightness and JPEG; `all`, or false for none. */
  robustness: z.union([z.literal(false), z.literal('all'), z.int().min(1)]).default(false),
  out: z.string().optional(),
  /** File of an Ed25519 private key, PEM. */
  sign: z.string().optional(),
  status: z.enum(['draft', 'final']).default('draft'),
  author: words,
  reviewer: words,
  organisation: words,
  statements: z
    .strictObject({
      intendedUse: words,
      outOfScopeUse: words,
      audited: words,
      notAudited: words,
      licence: words,
      risks: words,
      actions: words,
      oversight: words,
      monitoring: words,
    })
    .optional(),
  acceptanceCriteria: z.array(criterion).optional(),
  /** By name of the set. */
  datasets: z.record(z.string(), aboutSet).optional(),
  signOff: z
    .strictObject({ preparer: signature.optional(), reviewer: signature.optional() })
    .optional(),
  /** Files that belong to the report; their hashes go into it. */
  attachments: z
    .array(z.strictObject({ file: z.string(), note: z.string().default('') }))
    .optional(),
});

export type ReportConfig = z.infer<typeof reportConfigSchema>;

/**
 * @param value of the YAML file
 * @throws AppError `usage` naming every key that is unknown or wrong
 */
export function parseReportConfig(value: unknown, file: string): ReportConfig {
  const parsed = reportConfigSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map((issue) => {
    const at = issue.path.join('.');
    if (issue.code === 'unrecognized_keys')
      return `${at === '' ? '' : `${at}: `}unknown key${issue.keys.length > 1 ? 's' : ''} ${issue.keys.map((key) => `"${key}"`).join(', ')}`; // prettier-ignore
    return `${at === '' ? 'the file' : at}: ${issue.message}`;
  });
  throw new AppError(
    'usage',
    `${file} cannot be used: ${problems.join('; ')}. See an example with: straylight report --example`,
    { details: { problems } },
  );
}
