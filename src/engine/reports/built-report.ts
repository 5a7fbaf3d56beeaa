/** The numbers of a report: which stored audit they are, and whether they still show how things are. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import type { Audit, Criterion } from '../../core/report/audit.ts';
import { reportSubjectSchema } from '../../core/report/draft.ts';
import { writeFileAtomic } from '../../core/store/atomic.ts';
import type { ReportDraft } from '../../core/store/reports.ts';
import type { EngineContext } from '../context.ts';

const FILE = 'built.json';
const schema = z.strictObject({
  auditId: z.string(),
  builtAt: z.string(),
  subject: reportSubjectSchema,
});
export type Built = z.infer<typeof schema>;

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

export function builtReport(engine: EngineContext, draft: ReportDraft) {
  const built = builtOf(draft);
  if (!built) return null;
  let audit: Audit;
  try {
    audit = engine.workspace.getAudit(built.auditId).json as Audit;
  } catch {
    return null;
  }
  return {
    auditId: built.auditId,
    told: {
      builtAt: built.builtAt,
      outcome: audit.verdict.outcome,
      sentence: audit.verdict.sentence,
      stale: staleReasons(engine, draft, built, audit),
    },
    results: resultsOf(draft, audit),
  };
}

function staleReasons(
  { workspace }: EngineContext,
  { subject }: ReportDraft,
  built: Built,
  audit: Audit,
): readonly string[] {
  const reasons: string[] = [];
  if (JSON.stringify(subject) !== JSON.stringify(built.subject))
    reasons.push('What is audited was changed.');
  const now = new Map(workspace.listDatasets().map((row) => [row.id, row]));
  const ids = [built.subject.idDataset, ...built.subject.oodDatasets];
  for (const [i, told] of [audit.idDataset, ...audit.oodDatasets].entries()) {
    const set = now.get(ids[i]!);
    if (!set) reasons.push(`${told.name} is not on the list of datasets any more.`);
    else if (workspace.loadManifest(set.id).fingerprint !== told.fingerprint)
      reasons.push(`${told.name} was scanned or curated again.`);
  }
  return reasons;
}

/** By the draft's criteria, of those that the audit judged. */
function resultsOf(
  { criteria }: ReportDraft,
  { statements }: Audit,
): ReadonlyMap<string, Pick<NonNullable<Criterion['result']>, 'value' | 'outcome'>> {
  const judged = statements.acceptanceCriteria ?? [];
  return new Map(
    criteria.flatMap(({ id, fixedAt, text }) => {
      const found = judged.find((one) => one.fixedAt === fixedAt && one.text === text)?.result;
      return found ? [[id, { value: found.value, outcome: found.outcome }] as const] : [];
    }),
  );
}
