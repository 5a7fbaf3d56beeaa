/** What the model is for, what this audit was about, and what had to be reached, fixed before it was tested. */
import type { Criterion, Supplied } from '../audit.ts';
import { dateTime, decimal, percent, rateInterval } from '../format.ts';
import { NOT_SUPPLIED, type Flow } from '../pdf/flow.ts';
import { openSection, type SectionTitle } from '../pdf/section.ts';
import { table, type Cell } from '../pdf/table.ts';
import { badColour, goodColour, inkMuted } from '../tokens.ts';
import { suppliedBy, suppliedText, type ReportContext } from './context.ts';

/** A heading, the words below it, and who wrote them. */
export function statement(flow: Flow, title: string, supplied: Supplied | null): void {
  flow.heading(title, 40);
  const text = suppliedText(supplied);
  if (text === NOT_SUPPLIED) {
    flow.paragraph(NOT_SUPPLIED, { colour: inkMuted });
    return;
  }
  for (const part of text.split('\n').filter((line) => line.trim() !== '')) {
    flow.paragraph(part);
    flow.gap(3);
  }
  flow.paragraph(suppliedBy(supplied), { size: 7.4, colour: inkMuted });
}

export function scopeSection({ flow, audit }: ReportContext, self: SectionTitle): void {
  const { statements } = audit;
  openSection(flow, self, {
    lead: 'What people say of the model and of this audit. Straylight prints it as it was written and checks none of it, but for acceptance criteria that name a metric.',
  });
  statement(flow, 'Intended use', statements.intendedUse);
  statement(flow, 'Out-of-scope use', statements.outOfScopeUse);
  statement(flow, 'In this audit', statements.audited);
  statement(flow, 'Not in this audit', statements.notAudited);
  flow.heading('Acceptance criteria', 60);
  const criteria = statements.acceptanceCriteria;
  if (criteria === null || criteria.length === 0) {
    flow.paragraph(NOT_SUPPLIED, { colour: inkMuted });
    return;
  }
  table(
    flow,
    [
      { title: 'Criterion', grow: 2 },
      { title: 'Fixed', grow: 1 },
      { title: 'Before the test' },
      { title: 'Measured', align: 'right' },
      { title: 'Outcome' },
    ],
    criteria.map((criterion) => [
      { text: criterion.text, below: ruleOf(criterion) },
      { text: dateTime(criterion.fixedAt), below: criterion.author },
      { true: 'yes', false: 'no, after it', null: 'unknown' }[
        String(criterion.beforeTest) as 'true'
      ],
      measured(criterion),
      outcome(criterion),
    ]),
    {
      caption:
        'Acceptance criteria. "Not shown": the 95% interval holds values on both sides of the limit.',
      key: 'criteria',
    },
  );
}

function ruleOf({ check }: Criterion): string {
  if (!check) return 'words only: judged by people';
  const where = check.dataset === null ? '' : ` on ${check.dataset}`;
  return `${check.metric}${where}: ${check.relation} ${decimal(check.value * 100, 1)}%`;
}

const measured = ({ result }: Criterion): Cell => {
  if (!result) return { text: '–', colour: inkMuted };
  return {
    text: percent(result.value),
    ...(result.interval ? { below: rateInterval(result.interval) } : {}),
  };
};

const outcome = ({ result }: Criterion): Cell => {
  if (!result) return { text: 'not checked', colour: inkMuted };
  const colour = { met: goodColour, 'not met': badColour, 'not shown': inkMuted }[result.outcome];
  return { text: result.outcome, colour, font: 'semibold' };
};
