/** Experiments on invented data: one that is done, and what a window starts. */
import type { Arm, ArmResult, ExperimentResult, ExperimentSummary, SeedSummary } from '../../../contract/experiments.ts'; // prettier-ignore
import { RemoteError } from '../../../rpc/errors.ts';
import { normal } from './random.ts';
import type { Part } from './types.ts';
import { TIME, type World } from './world.ts';

const SEEDS = [1, 2, 3, 4, 5];
const T_975 = 2.776;
const LABELS: Readonly<Record<Arm, string>> = {
  before: 'before',
  control: 'control, λ = 0',
  'batch-norm': 'control, batch norm',
  tuned: 'sparsity, λ = 0.02',
};
const ARMS = Object.keys(LABELS) as Arm[];
/** Mean FPR95 of each arm, and how much sets differ from it. */
const MEANS: Readonly<Record<Arm, number>> = { before: 0.371, control: 0.276, 'batch-norm': 0.425, tuned: 0.235 }; // prettier-ignore
const SHIFTS = [0.12, -0.09, -0.03];

const summary = (values: readonly number[]): SeedSummary => {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const std = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1)); // prettier-ignore
  const half = (T_975 * std) / Math.sqrt(values.length);
  return { values: [...values], mean, std, interval: { low: mean - half, high: mean + half } };
};
const around = (value: number, half: number) => ({ value, low: value - half, high: value + half });

export function fakeResult(
  sets: readonly { readonly name: string; readonly ok: number }[],
): ExperimentResult {
  // prettier-ignore
  const rate = (arm: Arm, seed: number, set: number): number =>
    Math.min(0.99, Math.max(0.01, MEANS[arm] + SHIFTS[set % SHIFTS.length]! + 0.006 * normal(seed * 31 + set, ARMS.indexOf(arm)))); // prettier-ignore
  const meanOver = (arm: Arm, seed: number): number =>
    sets.reduce((sum, _, set) => sum + rate(arm, seed, set), 0) / sets.length;
  const names = sets.map(({ name }) => name);
  const summaries = (of: (seed: number) => number) => ({
    fpr95: summary(SEEDS.map(of)),
    fpr95OodPositive: summary(SEEDS.map((seed) => of(seed) * 1.08)),
    auroc: summary(SEEDS.map((seed) => 1 - of(seed) / 5)),
    auprIn: summary(SEEDS.map((seed) => 1 - of(seed) / 7)),
    auprOut: summary(SEEDS.map((seed) => 1 - of(seed) / 3)),
  });
  const statistics = (arm: Arm) =>
    ['fashion', ...names].map((name, at) => ({
      name,
      n: at === 0 ? 1000 : sets[at - 1]!.ok,
      meanL1: (arm === 'tuned' ? 9.2 : 18.4) + at,
      hoyer: (arm === 'tuned' ? 0.61 : 0.42) + at / 50,
      nearZeroUnits: (arm === 'tuned' ? 0.47 : 0.21) + at / 60,
      meanEnergy: (arm === 'tuned' ? -12.4 : -19.2) + 3 * Math.min(1, at),
      stdEnergy: arm === 'tuned' ? 2.1 : 4.6,
    }));
  const metrics = (value: number) => ({
    fpr95: around(value, 0.02),
    fpr95OodPositive: value * 1.08,
    auroc: around(1 - value / 5, 0.005),
    auprIn: 1 - value / 7,
    auprOut: 1 - value / 3,
  });
  const statement = `Average over all ${sets.length} OOD sets that were given.`;
  const label = `mean over ${sets.length} OOD sets`;
  const orientation =
    'Scores S are larger for in-distribution images. Energy E is shown with its own sign: S = −E.';
  const bootstrap = { samples: 1000, seed: 1 };
  const told = { protocol: 'as-given' as const, statement, present: [], missing: [], left: [], score: 'energy', orientation, n: 1000 }; // prettier-ignore
  const arms = ARMS.map((arm): ArmResult => ({
    arm,
    label: LABELS[arm],
    models: SEEDS.map((seed) => ({
      seed,
      modelId: `m-${arm}-${seed}`,
      name: `fashion, ${LABELS[arm]}, seed ${seed}`,
      result: {
        ...told,
        threshold: { value: 6.2, validationImages: 900, idKept: 0.948 },
        sets: sets.map(({ name, ok }, set) => ({ name, paperSet: null, nearFar: null, n: ok, ...metrics(rate(arm, seed, set)), acceptedAtThreshold: rate(arm, seed, set) })), // prettier-ignore
        averages: [{ group: 'all', label, sets: names, ...metrics(meanOver(arm, seed)) }],
        bootstrap,
      },
      accuracy: around(0.917 - (arm === 'tuned' ? 0.006 : 0), 0.006),
      statistics: statistics(arm),
    })),
    averages: [{ group: 'all', label, ...summaries((seed) => meanOver(arm, seed)) }],
    sets: sets.map(({ name, ok }, set) => ({ name, n: ok, ...summaries((seed) => rate(arm, seed, set)) })), // prettier-ignore
    accuracy: summary(SEEDS.map((seed) => 0.917 - (arm === 'tuned' ? 0.006 : 0) + 0.001 * normal(seed, 7))), // prettier-ignore
    statistics: statistics(arm),
  }));
  const differences = ARMS.filter((arm) => arm !== 'tuned').map((against) => {
    const of = (seed: number): number => meanOver('tuned', seed) - meanOver(against, seed);
    const { mean, interval } = summary(SEEDS.map(of));
    return {
      against,
      mean: {
        fpr95: { value: mean, low: interval!.low - 0.01, high: interval!.high + 0.01 },
        auroc: around(-mean / 5, 0.004),
      },
      perSeed: SEEDS.map((seed) => ({ seed, fpr95: of(seed), auroc: -of(seed) / 5, accuracy: -0.006 })), // prettier-ignore
      sets: sets.map(({ name }, set) => ({
        name,
        fpr95: around(rate('tuned', 1, set) - rate(against, 1, set), 0.018),
        auroc: around(0.01, 0.004),
        perSeed: SEEDS.map((seed) => rate('tuned', seed, set) - rate(against, seed, set)),
      })),
      accuracy: around(-0.006, 0.004),
    };
  });
  const control = differences.find(({ against }) => against === 'control')!.mean.fpr95;
  return {
    ...told,
    seeds: SEEDS,
    intervals: 'Mean ± standard deviation over the seeds (divided by n − 1).',
    verdictSets: names,
    arms,
    differences,
    verdict: {
      outcome: 'improved',
      sentence: `Sparse fine-tuning lowered the mean FPR95 over ${sets.length} OOD sets and 5 seeds by ${(-100 * control.value).toFixed(1)} points against its control.`,
      rule: 'Compared is the mean FPR95 over the OOD sets: per seed the difference of sparse minus its own control, then the mean over the seeds.',
      againstControl: control,
      againstBefore: differences[0]!.mean.fpr95,
      accuracyChange: around(-0.006, 0.004),
      cautions: ['ID accuracy fell by 0.6 points against the model before fine-tuning.'],
    },
    leakage: [],
    bootstrap,
  };
}

export class Experiments {
  readonly all = new Map<string, { summary: ExperimentSummary; result: ExperimentResult | null }>();
  private minted = 0;

  add(
    given: Pick<ExperimentSummary, 'name' | 'seeds' | 'oodDatasetIds' | 'parentId' | 'lambda'>,
    result: ExperimentResult | null,
  ): ExperimentSummary {
    const id = `e-${++this.minted}`;
    const first = result?.arms[0]?.averages[0];
    const summary: ExperimentSummary = {
      ...given,
      id,
      state: result ? 'succeeded' : 'pending',
      createdAt: TIME,
      endedAt: result ? TIME : null,
      error: null,
      idDatasetId: 'fashion',
      protocol: 'as-given',
      detector: 'energy',
      preset: 'authors',
      network: 'WideResNet-16-2',
      objective: 'sparsity',
      steps: given.seeds.flatMap((seed) =>
        ARMS.map((arm) => ({
          seed,
          arm,
          runId: arm === 'batch-norm' || !result ? null : `run-${arm}-${seed}`,
          runState: arm === 'batch-norm' || !result ? null : ('succeeded' as const),
          modelId: result ? `m-${arm}-${seed}` : null,
        })),
      ),
      headline:
        result && first
          ? {
              average: first.label,
              arms: result.arms.map(({ arm, label, averages, accuracy }) => ({ arm, label, fpr95: averages[0]!.fpr95, accuracy })), // prettier-ignore
              outcome: result.verdict?.outcome ?? null,
            }
          : null,
    };
    this.all.set(id, { summary, result });
    return summary;
  }
}

export function experimentMethods(world: World, experiments: Experiments): Part<'experiments'> {
  const get = (id: string) => {
    const found = experiments.all.get(id);
    if (!found) throw new RemoteError('not-found', `Experiment ${id}: not there. Reload the list.`);
    return found;
  };
  const change = (id: string, changes: Partial<ExperimentSummary>): ExperimentSummary => {
    const found = get(id);
    const summary = { ...found.summary, ...changes };
    experiments.all.set(id, { ...found, summary });
    return summary;
  };
  return {
    'experiments.start': ({ name, seeds, oodDatasetIds, start, finetune }) =>
      experiments.add(
        {
          name: name ?? `${world.datasets.get('fashion')?.name ?? 'fashion'}, repeated`,
          seeds,
          oodDatasetIds,
          parentId: start.kind === 'finetune' ? start.parentId : null,
          lambda: finetune.lambda,
        },
        null,
      ),
    'experiments.list': () => [...experiments.all.values()].map(({ summary }) => summary).reverse(),
    'experiments.get': ({ experimentId }) => get(experimentId),
    'experiments.resume': ({ experimentId }) => change(experimentId, { state: 'pending', error: null }), // prettier-ignore
    'experiments.cancel': ({ experimentId }) => change(experimentId, { state: 'cancelled' }),
    'experiments.remove': ({ experimentId }) => {
      get(experimentId);
      experiments.all.delete(experimentId);
      return null;
    },
  };
}

/** One experiment of five seeds that is done. */
export function oneExperiment(experiments: Experiments, world: World): void {
  const ood = [...world.datasets.values()].filter(({ role }) => role === 'ood');
  experiments.add(
    { name: 'fashion, wrn-16-2', seeds: SEEDS, oodDatasetIds: ood.map(({ id }) => id), parentId: null, lambda: 0.02 }, // prettier-ignore
    fakeResult(ood),
  );
}
