import type { Audit, ModelResult } from '../../core/report/audit.ts';
import type { ReportFiles } from '../../core/report/write-report.ts';
import type { Host } from '../host.ts';
import { formatTable, percent } from '../table.ts';

const LABELS = { before: 'before', control: 'control λ=0', sparse: 'sparse' } as const;

/** The table of an audit: FPR95 and AUROC of the energy score, one row per OOD set. */
export function describeAudit({ output }: Host, audit: Audit, files: ReportFiles): void {
  const { models, verdict } = audit;
  const labels = models.map(({ role, training }) =>
    role === 'sparse' ? `${LABELS.sparse} λ=${training.lambda}` : LABELS[role],
  );
  const energyOf = (model: ModelResult) => model.scores[0]!;
  const names = energyOf(models[0]!).perSet.map(({ dataset, n }) => ({ dataset, n }));
  output.line();
  output.line('Energy score: FPR95 (ID positive) / AUROC, lower / higher is better');
  output.line(
    formatTable(
      ['set', 'n', ...labels],
      [
        ...names.map(({ dataset, n }, i) => [
          dataset,
          String(n),
          ...models.map((model) => {
            const { fpr95, auroc } = energyOf(model).perSet[i]!;
            return `${percent(fpr95.value)} / ${percent(auroc.value)}`;
          }),
        ]),
        [
          'mean',
          '',
          ...models.map((model) => {
            const { fpr95, auroc } = energyOf(model).average;
            return `${percent(fpr95)} / ${percent(auroc)}`;
          }),
        ],
        ['ID accuracy', '', ...models.map(({ idAccuracy }) => percent(idAccuracy.value))],
      ],
    ),
  );
  const [named] = audit.protocolResults;
  if (named) {
    output.line();
    output.line(`Protocol ${named.protocol}. ${named.statement}`);
    output.line(named.orientation);
    if (named.averages.length > 0)
      output.line(
        formatTable(
          ['FPR95 (ID positive), 95% interval / AUROC', ...labels],
          named.averages.map(({ label }, g) => [
            label,
            ...audit.protocolResults.map(({ averages }) => {
              const { fpr95, auroc } = averages[g]!;
              return `${percent(fpr95.value)} (${percent(fpr95.low)} to ${percent(fpr95.high)}) / ${percent(auroc.value)}`;
            }),
          ]),
        ),
      );
  }
  output.line();
  output.line(`Verdict: ${verdict.outcome}. ${verdict.sentence}`);
  for (const caution of verdict.cautions) output.line(`  - ${caution}`);
  output.line();
  output.line(`Report: ${files.pdf}`);
  output.line(`Numbers: ${files.json}`);
  output.line(`Per image: ${files.csv}`);
}
