/** FPR95 and AUROC of every score on every set, as a table. */
import type { Algebra } from '../../src/core/linalg/algebra.ts';
import { auroc } from '../../src/core/metrics/auroc.ts';
import { fprAtTpr } from '../../src/core/metrics/fpr.ts';
import { DETECTORS } from '../../src/core/score/registry.ts';
import type { ScoreContext, TrainingData } from '../../src/core/score/types.ts';
import type { Sets } from './compare.ts';

const percent = (value: number): string => (100 * value).toFixed(1);

/** Best mean FPR95 first. */
export async function printAllScores(
  training: TrainingData,
  sets: Sets,
  algebra: Algebra,
): Promise<void> {
  const names = [...sets.keys()].filter((name) => name !== 'id');
  const rows: { readonly label: string; readonly fpr: number[]; readonly auroc: number[] }[] = [];
  for (const detector of DETECTORS) {
    let context: ScoreContext = { algebra };
    if (detector.fit) context = { ...context, fitted: await detector.fit(training, context) };
    const id = await detector.score(sets.get('id')!, context);
    const row = { label: detector.label, fpr: [] as number[], auroc: [] as number[] };
    for (const name of names) {
      const ood = await detector.score(sets.get(name)!, context);
      row.fpr.push(fprAtTpr(id, ood));
      row.auroc.push(auroc(id, ood));
    }
    rows.push(row);
  }
  const mean = (values: readonly number[]): number =>
    values.reduce((sum, value) => sum + value, 0) / values.length;
  console.log('\nFPR95 (ID positive) / AUROC in %:\n');
  console.log(`| score | mean | ${names.join(' | ')} |`);
  console.log(`|---|---|${names.map(() => '---').join('|')}|`);
  for (const { label, fpr, auroc: area } of rows.toSorted((a, b) => mean(a.fpr) - mean(b.fpr))) {
    const cells = [
      `${percent(mean(fpr))} / ${percent(mean(area))}`,
      ...fpr.map((value, i) => `${percent(value)} / ${percent(area[i]!)}`),
    ];
    console.log(`| ${label} | ${cells.join(' | ')} |`);
  }
}
