/** Whether runs in bf16 are as good as those in fp32. */
import type { Precision } from '../../src/core/tf/precision.ts';

/** One training run, scored. Rates from 0 to 1. */
export interface Outcome {
  readonly seed: number;
  readonly precision: Precision;
  readonly accuracy: number;
  /** Of the energy score, ID positive, by OOD set. */
  readonly fpr95: Readonly<Record<string, number>>;
  readonly seconds: number;
  readonly cpuSeconds: number;
}

/** Points of accuracy that bf16 may lose. */
export const ACCURACY_TOLERANCE = 0.3;

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

/** Sample standard deviation. */
function deviation(values: readonly number[]): number {
  const centre = mean(values);
  const squares = values.reduce((sum, value) => sum + (value - centre) ** 2, 0);
  return Math.sqrt(squares / (values.length - 1));
}

const range = (values: readonly number[]): number => Math.max(...values) - Math.min(...values);

const meanFpr = ({ fpr95 }: Outcome): number => mean(Object.values(fpr95));

const points = (rate: number): string => (100 * rate).toFixed(2);

/** Every run, then mean and standard deviation of each precision; all in points. */
export function studyTable(outcomes: readonly Outcome[]): string {
  const sets = Object.keys(outcomes[0]?.fpr95 ?? {});
  const head = ['precision', 'seed', 'accuracy', 'mean FPR95', ...sets, 'CPU s'];
  const rows = outcomes.map((outcome) => [
    outcome.precision,
    String(outcome.seed),
    points(outcome.accuracy),
    points(meanFpr(outcome)),
    ...sets.map((set) => points(outcome.fpr95[set]!)),
    outcome.cpuSeconds.toFixed(0),
  ]);
  const summaries = (['fp32', 'bf16'] as const).map((precision) => {
    const own = outcomes.filter((outcome) => outcome.precision === precision);
    const cell = (of: (outcome: Outcome) => number): string => {
      const values = own.map(of);
      return `${points(mean(values))} ± ${points(deviation(values))}`;
    };
    return [
      precision,
      'mean ± std',
      cell((o) => o.accuracy),
      cell(meanFpr),
      ...sets.map((set) => cell((o) => o.fpr95[set]!)),
      mean(own.map((o) => o.cpuSeconds)).toFixed(0),
    ];
  });
  return [head, head.map(() => '---'), ...rows, ...summaries]
    .map((cells) => `| ${cells.join(' | ')} |`)
    .join('\n');
}

/** The two conditions under which bf16 may be offered, with the numbers. */
export function compare(outcomes: readonly Outcome[]): string {
  const of = (precision: Precision): Outcome[] => outcomes.filter((o) => o.precision === precision);
  const [fp32, bf16] = [of('fp32'), of('bf16')];
  const accuracyGap = 100 * (mean(bf16.map((o) => o.accuracy)) - mean(fp32.map((o) => o.accuracy)));
  const fprGap = 100 * (mean(bf16.map(meanFpr)) - mean(fp32.map(meanFpr)));
  const spread = 100 * range(fp32.map(meanFpr));
  const said = (ok: boolean): string => (ok ? 'holds' : 'does not hold');
  return [
    `Accuracy, bf16 - fp32: ${accuracyGap.toFixed(2)} points; within ${ACCURACY_TOLERANCE}: ${said(Math.abs(accuracyGap) <= ACCURACY_TOLERANCE)}.`,
    `Mean FPR95, bf16 - fp32: ${fprGap.toFixed(2)} points; within the range of fp32 over its seeds (${spread.toFixed(2)}): ${said(Math.abs(fprGap) <= spread)}.`,
  ].join('\n');
}
