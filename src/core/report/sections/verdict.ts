/** Page one: the answer, its numbers, and what to know before acting on it. */
import type { Estimate, Verdict } from '../audit.ts';
import { count, dateTime, percent, pointsInterval, rateInterval, signedPoints } from '../format.ts';
import { table, type Cell } from '../pdf/table.ts';
import { inkMuted, roleStyles } from '../tokens.ts';
import { metricsOf, modelCell, primary, type ReportContext } from './context.ts';

const OUTCOMES: Readonly<
  Record<Verdict['outcome'], { readonly title: string; readonly colour: string }>
> = {
  improved: { title: 'Improved', colour: roleStyles.sparse.colour },
  'not shown': { title: 'Not shown', colour: inkMuted },
  worse: { title: 'Worse', colour: '#9a4a07' },
};

const estimateCell = (estimate: Estimate): Cell => ({
  text: percent(estimate.value),
  below: rateInterval(estimate),
});

const differenceCell = (estimate: Estimate | undefined | null): Cell =>
  estimate
    ? { text: signedPoints(estimate.value), below: pointsInterval(estimate) }
    : { text: '–' };

export function verdictSection({ flow, audit }: ReportContext): void {
  const { verdict, title, environment } = audit;
  const { title: outcome, colour } = OUTCOMES[verdict.outcome];
  flow.doc.outline.addItem('Verdict');
  flow.text('Straylight audit report', { size: 9, colour: inkMuted });
  flow.text(title, { font: 'semibold', size: 20 });
  flow.text(
    `${audit.id}  ·  ${dateTime(audit.createdAt)}  ·  Straylight ${environment.app}  ·  draft, not signed`,
    { size: 8.5, colour: inkMuted },
  );
  flow.gap(14);
  flow.doc.rect(flow.left, flow.y, 3, 22).fill(colour);
  flow.line(outcome, flow.left + 12, flow.y, flow.width, { font: 'semibold', size: 18, colour });
  flow.gap(32);
  flow.text(verdict.sentence, { size: 11 });
  flow.gap(8);
  modelsTable({ flow, audit });
  setsTable({ flow, audit });
  if (verdict.cautions.length > 0) {
    flow.heading('Before you act on this');
    flow.bullets(verdict.cautions);
  }
  flow.heading('The rule');
  flow.note(verdict.rule);
}

function modelsTable({ flow, audit }: Pick<ReportContext, 'flow' | 'audit'>): void {
  const { models, verdict } = audit;
  const means = (m: (typeof models)[number]) => primary(m).average;
  table(
    flow,
    [
      { title: 'Energy score, mean over the OOD sets', share: 2.6 },
      { title: 'FPR95', share: 1, align: 'right' },
      { title: 'AUROC', share: 1, align: 'right' },
      { title: 'AUPR-In', share: 1, align: 'right' },
      { title: 'ID accuracy', share: 1.3, align: 'right' },
    ],
    [
      ...models.map((model) => [
        { ...modelCell(model), below: DESCRIPTIONS[model.role] },
        percent(means(model).fpr95),
        percent(means(model).auroc),
        percent(means(model).auprIn),
        estimateCell(model.idAccuracy),
      ]),
      [
        { text: 'Sparse minus control', below: 'points, paired over the same images' },
        differenceCell(verdict.againstControl),
        '',
        '',
        '',
      ],
      [
        { text: 'Sparse minus before', below: 'points, paired over the same images' },
        differenceCell(verdict.againstBefore),
        '',
        '',
        differenceCell(verdict.accuracyChange),
      ],
    ],
    { emphasised: (row) => row >= models.length },
  );
}

const DESCRIPTIONS = {
  before: 'pretrained with cross-entropy',
  control: 'fine-tuned the same way with λ = 0',
  sparse: 'fine-tuned with λ > 0',
} as const;

function setsTable({ flow, audit }: Pick<ReportContext, 'flow' | 'audit'>): void {
  const { models, oodDatasets, pairedAgainstControl, pairedAgainstBefore } = audit;
  const against = pairedAgainstControl.length > 0 ? pairedAgainstControl : pairedAgainstBefore;
  const other = pairedAgainstControl.length > 0 ? 'control' : 'before';
  flow.heading('FPR95 per OOD set', 90);
  flow.note(
    'Share of OOD images accepted when 95% of the ID test images are; lower is better. Small figures: 95% bootstrap intervals.',
  );
  table(
    flow,
    [
      { title: 'OOD set', share: 2.2 },
      { title: 'Images', share: 0.8, align: 'right' },
      ...models.map(({ role }) => ({
        title: roleStyles[role].label,
        share: 1.1,
        align: 'right' as const,
      })),
      { title: `Sparse minus ${other}`, share: 1.4, align: 'right' },
    ],
    oodDatasets.map(({ name }) => [
      name,
      count(metricsOf(models[0]!, name).n),
      ...models.map((model) => estimateCell(metricsOf(model, name).fpr95)),
      differenceCell(
        against.find(({ dataset, metric }) => dataset === name && metric === 'fpr95')?.difference,
      ),
    ]),
  );
}
