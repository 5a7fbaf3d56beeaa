import type { SeedSummary } from '../../core/metrics/seeds.ts';
import type { ArmResult, ExperimentResult } from '../../core/protocol/experiment-result.ts';
import { FPR95_ID_POSITIVE, FPR95_OOD_POSITIVE } from '../../core/protocol/orientation.ts';
import type { Estimate } from '../../core/report/audit.ts';
import type { ExperimentRow } from '../../core/store/experiments.ts';
import type { Output } from '../output.ts';
import { formatTable, points } from '../table.ts';

/** Mean ± standard deviation per arm and set, every seed, the differences with their intervals, and the verdict. */
export function describeExperiment(
  output: Output,
  { id, name }: Pick<ExperimentRow, 'id' | 'name'>,
  result: ExperimentResult,
): void {
  const { arms, seeds, differences, verdict } = result;
  const [first] = arms as readonly [ArmResult, ...ArmResult[]];
  const header = (what: string) => [what, ...arms.map(({ label }) => label)];
  output.line();
  output.line(`${name} (${id}): ${seeds.length} seeds (${seeds.join(', ')})`);
  output.line(result.statement);
  for (const { between, images } of result.leakage.filter((shared) => shared.images > 0))
    output.line(`Note: ${images.toLocaleString('en-US')} identical images in ${between}.`);
  output.line(`Score: ${result.score}. ${result.orientation}`);
  output.line();
  output.line(`${FPR95_ID_POSITIVE}; in brackets: AUROC. ${result.intervals}`);
  output.line(
    formatTable(
      ['set', 'n', ...arms.map(({ label }) => label)],
      [
        ...first.sets.map(({ name: set, n }, s) => [
          set,
          n.toLocaleString('en-US'),
          ...arms.map(({ sets }) => pair(sets[s]!)),
        ]),
        ...first.averages.map(({ label }, g) => [
          label,
          '',
          ...arms.map(({ averages }) => pair(averages[g]!)),
        ]),
      ],
    ),
  );
  output.line();
  const average = (arm: ArmResult) => arm.averages[0]!;
  const rows = (
    [
      ['FPR95, ID positive', (arm) => average(arm).fpr95],
      ['FPR95, OOD positive', (arm) => average(arm).fpr95OodPositive],
      ['AUROC', (arm) => average(arm).auroc],
      ['AUPR-In', (arm) => average(arm).auprIn],
      ['AUPR-Out', (arm) => average(arm).auprOut],
      ['ID accuracy', (arm) => arm.accuracy],
    ] satisfies [string, (arm: ArmResult) => SeedSummary][]
  ).flatMap(([label, of]) => [
    [label, ...arms.map((arm) => plusMinus(of(arm)))],
    ...(seeds.length > 1
      ? [
          ['  95% over seeds', ...arms.map((arm) => interval(of(arm)))],
          ...seeds.map((seed, i) => [
            `  seed ${seed}`,
            ...arms.map((arm) => percent(of(arm).values[i]!)),
          ]),
        ]
      : []),
  ]);
  output.line(formatTable(header(first.averages[0]?.label ?? 'no average'), first.averages.length > 0 ? rows : [])); // prettier-ignore
  output.line(FPR95_OOD_POSITIVE);
  output.line();
  output.line('Why: penultimate features and energies, means over seeds');
  output.line(
    formatTable(
      ['set', 'of', ...arms.map(({ label }) => label)],
      first.statistics.flatMap(({ name: set }, s) => [
        [set, 'L1', ...arms.map(({ statistics }) => statistics[s]!.meanL1.toFixed(2))],
        ['', 'Hoyer', ...arms.map(({ statistics }) => statistics[s]!.hoyer.toFixed(3))],
        ['', 'near zero', ...arms.map(({ statistics }) => share(statistics[s]!.nearZeroUnits))],
        ['', 'energy E', ...arms.map(({ statistics }) => statistics[s]!.meanEnergy.toFixed(2))],
      ]),
    ),
  );
  output.line();
  output.line(
    `${arms.at(-1)!.label} minus, in points of the mean FPR95 over ${result.verdictSets.join(', ')}:`,
  );
  output.line(
    formatTable(
      ['against', 'mean (95%)', ...seeds.map((seed) => `seed ${seed}`), 'accuracy (95%)'],
      differences.map(({ against, mean, perSeed, accuracy }) => [
        arms.find(({ arm }) => arm === against)!.label,
        withInterval(mean.fpr95),
        ...perSeed.map(({ fpr95 }) => points(fpr95)),
        withInterval(accuracy),
      ]),
    ),
  );
  if (!verdict) return;
  output.line();
  output.line(`Verdict: ${verdict.outcome}. ${verdict.sentence}`);
  output.line(`Rule: ${verdict.rule}`);
  for (const caution of verdict.cautions) output.line(`  - ${caution}`);
}

const percent = (rate: number): string => (100 * rate).toFixed(2);
const share = (rate: number | null): string => (rate === null ? '-' : `${percent(rate)}%`);

const plusMinus = ({ mean, std }: SeedSummary): string =>
  std === null ? percent(mean) : `${percent(mean)} ± ${percent(std)}`;

const interval = (summary: SeedSummary): string =>
  summary.interval ? `${percent(summary.interval.low)} to ${percent(summary.interval.high)}` : '-';

const pair = ({ fpr95, auroc }: { readonly fpr95: SeedSummary; readonly auroc: SeedSummary }) =>
  `${plusMinus(fpr95)} (${plusMinus(auroc)})`;

const withInterval = ({ value, low, high }: Estimate): string =>
  `${points(value)} (${points(low)} to ${points(high)})`;
