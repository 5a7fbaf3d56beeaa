/** The numbers of a report: which stored audit they are, and whether they still show how things are. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import type { Criterion } from '../../core/report/audit.ts';
import { reportSubjectSchema, type ReportSubject } from '../../core/report/draft.ts';
import type { DeepReadonly } from '../../core/report/schema/common.ts';
import { writeFileAtomic } from '../../core/store/atomic.ts';
import type { AuditSummary } from '../../core/workflow/report/create-report.ts';
import type { ReportDraft } from '../../core/store/reports.ts';
import { Recent } from '../../core/workflow/recent.ts';
import type { EngineContext } from '../context.ts';

const FILE = 'built.json';
const schema = z.strictObject({
  auditId: z.string(),
  builtAt: z.string(),
  subject: reportSubjectSchema,
  /** By full id of the dataset: see `dataStates`. */
  data: z.record(z.string(), z.string()),
});
export type Built = DeepReadonly<z.infer<typeof schema>>;

/** Which audit a draft was built into; null when it was not, or that is not known any more. */
export function builtOf({ folder }: ReportDraft): Built | null {
  try {
    return schema.parse(JSON.parse(readFileSync(path.join(folder, FILE), 'utf8')));
  } catch {
    // Numbers can be worked out again; a file that is damaged is as good as none.
    return null;
  }
}

export const saveBuilt = ({ folder }: ReportDraft, built: Built): Promise<void> =>
  writeFileAtomic(path.join(folder, FILE), `${JSON.stringify(built, null, 2)}\n`);

/** What is told of an audit, which never changes once it is stored. */
interface Told {
  readonly outcome: AuditSummary['verdict']['outcome'];
  readonly sentence: string;
  readonly criteria: readonly Criterion[];
  readonly names: readonly string[];
}
/** Audits are large, and a report is told after every pause in typing. */
const told = new Recent<Told>(16);

function toldOf({ workspace }: EngineContext, auditId: string): Told | null {
  try {
    return told.get(`${workspace.folder} ${auditId}`, () => {
      const audit = workspace.getAudit(auditId).json as AuditSummary;
      const { verdict, statements, idDataset, oodDatasets } = audit;
      return {
        outcome: verdict.outcome,
        sentence: verdict.sentence,
        criteria: statements.acceptanceCriteria ?? [],
        names: [idDataset, ...oodDatasets].map(({ name }) => name),
      };
    });
  } catch {
    return null;
  }
}

export function builtReport(engine: EngineContext, draft: ReportDraft) {
  const built = builtOf(draft);
  const found = built && toldOf(engine, built.auditId);
  if (!found) return null;
  return {
    told: {
      builtAt: built.builtAt,
      outcome: found.outcome,
      sentence: found.sentence,
      stale: staleReasons(engine, draft, built, found.names),
    },
    results: resultsOf(draft, found.criteria),
  };
}

function staleReasons(
  engine: EngineContext,
  { subject }: ReportDraft,
  built: Built,
  names: readonly string[],
): readonly string[] {
  const reasons: string[] = [];
  if (JSON.stringify(subject) !== JSON.stringify(built.subject))
    reasons.push('What is audited was changed.');
  for (const [i, id] of setsOf(built.subject).entries())
    if (built.data[id] !== dataState(engine, id))
      reasons.push(`${names[i]} was scanned, curated or removed since.`);
  return reasons;
}

const setsOf = ({ idDataset, oodDatasets }: ReportSubject): readonly string[] => [
  idDataset,
  ...oodDatasets,
];

/** What there is of a set: its files as they were read, and the decisions about them that are in force. */
function dataState({ workspace }: EngineContext, datasetId: string): string {
  const set = workspace.listDatasets().find(({ id }) => id === datasetId);
  const decisions = workspace.curation
    .current()
    .active.filter(({ targets }) => targets.some((target) => target.datasetId === datasetId));
  return [set?.fingerprint ?? 'removed', ...decisions.map(({ id }) => id)].join(' ');
}

/** Of all sets of a report, to be kept with its numbers. */
export const dataStates = (
  engine: EngineContext,
  subject: ReportSubject,
): Readonly<Record<string, string>> =>
  Object.fromEntries(setsOf(subject).map((id) => [id, dataState(engine, id)]));

/** By the draft's criteria, of those that the audit judged. */
function resultsOf(
  { criteria }: ReportDraft,
  judged: readonly Criterion[],
): ReadonlyMap<string, Pick<NonNullable<Criterion['result']>, 'value' | 'outcome'>> {
  return new Map(
    criteria.flatMap(({ id, fixedAt, text }) => {
      const found = judged.find((one) => one.fixedAt === fixedAt && one.text === text)?.result;
      return found ? [[id, { value: found.value, outcome: found.outcome }] as const] : [];
    }),
  );
}
