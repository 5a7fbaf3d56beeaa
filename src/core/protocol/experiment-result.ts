/** From the scores of every seed's models to one result. Pure; runs in a worker thread. */
import { bootstrapAccuracy } from '../metrics/bootstrap.ts';
import type { ComparedRun } from '../metrics/control-check.ts';
import { pairedAccuracy } from '../metrics/paired-bootstrap.ts';
import { accuracyOverSeeds, pairedOverSeeds, SEED_INTERVAL, summariseRates, type SeedDifferences, type SeedSummary } from '../metrics/seeds.ts'; // prettier-ignore
import type { BootstrapOptions } from '../metrics/resample.ts';
import { decideVerdict } from '../metrics/verdict.ts';
import type { Audit, Estimate, Verdict } from '../report/audit.ts';
import {
  evaluateProtocol,
  type ProtocolMetrics,
  type ProtocolResult,
} from './evaluate-protocol.ts';
import type { Arm } from './experiment.ts';
import type { ProtocolId } from './protocols.ts';

/** Of the penultimate features and energies of one set under one model. */
export interface SetStatistics {
  readonly name: string;
  readonly n: number;
  /** Mean Σ|g| per image. */
  readonly meanL1: number;
  /** Mean Hoyer sparsity, 0 to 1. */
  readonly hoyer: number;
  /** Share of activations below 1e-3 of the set's largest; null when features were not kept. */
  readonly nearZeroUnits: number | null;
  /** Mean and spread of E, the paper's sign. */
  readonly meanEnergy: number;
  readonly stdEnergy: number;
}

/** One model on the experiment's images. */
export interface ArmScores {
  readonly modelId: string;
  readonly name: string;
  readonly run: ComparedRun;
  readonly id: Float64Array;
  readonly validation: Float64Array;
  /** Per ID test image 1 where the class is right. */
  readonly correct: Uint8Array;
  readonly ood: readonly {
    readonly name: string;
    readonly nearFar: 'near' | 'far' | null;
    readonly scores: Float64Array;
  }[];
  /** ID test images first, then the OOD sets. */
  readonly statistics: readonly SetStatistics[];
}

export interface ExperimentScores {
  readonly protocol: ProtocolId;
  readonly detector: string;
  readonly seeds: readonly number[];
  /** Per arm one model per seed, in the order of the seeds. */
  readonly arms: readonly {
    readonly arm: Arm;
    readonly label: string;
    readonly models: readonly ArmScores[];
  }[];
  /** All seeds fine-tuned one model. */
  readonly oneStart: boolean;
  readonly leakage: Audit['leakage'];
  readonly bootstrap: Required<BootstrapOptions>;
}

type MetricSummaries = Readonly<Record<keyof ProtocolMetrics, SeedSummary>>;

export interface ArmResult {
  readonly arm: Arm;
  readonly label: string;
  readonly models: readonly {
    readonly seed: number;
    readonly modelId: string;
    readonly name: string;
    readonly result: ProtocolResult;
    readonly accuracy: Estimate;
    readonly statistics: readonly SetStatistics[];
  }[];
  /** Per average of the protocol, over the seeds. */
  readonly averages: readonly ({
    readonly group: string;
    readonly label: string;
  } & MetricSummaries)[];
  /** Per OOD set, over the seeds. */
  readonly sets: readonly ({ readonly name: string; readonly n: number } & MetricSummaries)[];
  readonly accuracy: SeedSummary;
  /** Means over the seeds' models, ID test images first. */
  readonly statistics: readonly SetStatistics[];
}

/** `tuned` minus another arm, paired within each seed. */
export interface ArmDifference {
  readonly against: Arm;
  /** Mean over the sets of the protocol's first average. */
  readonly mean: { readonly fpr95: Estimate; readonly auroc: Estimate };
  /** The same per seed. */
  readonly perSeed: readonly { readonly seed: number; readonly fpr95: number; readonly auroc: number; readonly accuracy: number }[]; // prettier-ignore
  readonly sets: readonly {
    readonly name: string;
    readonly fpr95: Estimate;
    readonly auroc: Estimate;
    readonly perSeed: readonly number[];
  }[];
  readonly accuracy: Estimate;
}

export interface ExperimentResult extends Pick<
  ProtocolResult,
  'protocol' | 'statement' | 'present' | 'missing' | 'left' | 'orientation' | 'score' | 'n'
> {
  readonly seeds: readonly number[];
  /** How the intervals over seeds are made. */
  readonly intervals: string;
  /** The sets that verdict and mean differences are about. */
  readonly verdictSets: readonly string[];
  readonly arms: readonly ArmResult[];
  readonly differences: readonly ArmDifference[];
  /** Null when the objective has no control with λ = 0. */
  readonly verdict: Verdict | null;
  readonly leakage: Audit['leakage'];
  readonly bootstrap: Required<BootstrapOptions>;
}

/** @throws AppError when a column is empty or holds NaN, or models did not see the same images */
export function experimentResult(input: ExperimentScores): ExperimentResult {
  const { seeds, bootstrap } = input;
  const arms = input.arms.map(({ arm, label, models }): ArmResult => {
    const evaluated = models.map(({ id, validation, ood }) =>
      evaluateProtocol({
        protocol: input.protocol,
        score: input.detector,
        id,
        validation,
        ood,
        bootstrap,
      }),
    );
    const [first] = evaluated as [ProtocolResult];
    const accuracies = models.map(({ correct }) => bootstrapAccuracy(correct, bootstrap));
    return {
      arm,
      label,
      models: models.map(({ modelId, name, statistics }, i) => ({
        seed: seeds[i]!,
        modelId,
        name,
        result: evaluated[i]!,
        accuracy: accuracies[i]!,
        statistics,
      })),
      averages: first.averages.map(({ group, label: name }, g) => ({
        group,
        label: name,
        ...summaries(evaluated.map(({ averages }) => averages[g]!)),
      })),
      sets: first.sets.map(({ name, n }, s) => ({
        name,
        n,
        ...summaries(evaluated.map(({ sets }) => sets[s]!)),
      })),
      accuracy: summariseRates(accuracies.map(({ value }) => value)),
      statistics: meanStatistics(models.map(({ statistics }) => statistics)),
    };
  });
  const told = arms[0]!.models[0]!.result;
  const verdictSets = told.averages[0]?.sets ?? told.sets.map(({ name }) => name);
  const paired = input.arms
    .filter(({ arm }) => arm !== 'tuned')
    .map(({ arm }) => pairArms(input, arm, verdictSets));
  return {
    protocol: told.protocol,
    statement: told.statement,
    present: told.present,
    missing: told.missing,
    left: told.left,
    orientation: told.orientation,
    score: told.score,
    n: told.n,
    seeds,
    intervals: SEED_INTERVAL,
    verdictSets,
    arms,
    differences: paired.map(({ difference }) => difference),
    verdict: verdictOf(input, verdictSets, paired),
    leakage: input.leakage,
    bootstrap,
  };
}

function summaries(metrics: readonly ProtocolMetrics[]): MetricSummaries {
  const over = (pick: (metrics: ProtocolMetrics) => number) => summariseRates(metrics.map(pick));
  return {
    fpr95: over(({ fpr95 }) => fpr95.value),
    fpr95OodPositive: over(({ fpr95OodPositive }) => fpr95OodPositive),
    auroc: over(({ auroc }) => auroc.value),
    auprIn: over(({ auprIn }) => auprIn),
    auprOut: over(({ auprOut }) => auprOut),
  };
}

function meanStatistics(perModel: readonly (readonly SetStatistics[])[]): readonly SetStatistics[] {
  const mean = (values: readonly number[]): number =>
    values.reduce((sum, value) => sum + value, 0) / values.length;
  return perModel[0]!.map(({ name, n }, i) => {
    const of = (pick: (statistics: SetStatistics) => number) =>
      mean(perModel.map((model) => pick(model[i]!)));
    const near = perModel.map((model) => model[i]!.nearZeroUnits);
    return {
      name,
      n,
      meanL1: of(({ meanL1 }) => meanL1),
      hoyer: of(({ hoyer }) => hoyer),
      nearZeroUnits: near.includes(null) ? null : mean(near as number[]),
      meanEnergy: of(({ meanEnergy }) => meanEnergy),
      stdEnergy: of(({ stdEnergy }) => stdEnergy),
    };
  });
}

interface PairedArm {
  readonly difference: ArmDifference;
  /** Over the verdict's sets alone. */
  readonly ofVerdict: SeedDifferences;
}

const armNamed = ({ arms }: ExperimentScores, wanted: Arm) =>
  arms.find(({ arm }) => arm === wanted);

function pairArms(
  input: ExperimentScores,
  against: Arm,
  verdictSets: readonly string[],
): PairedArm {
  // prettier-ignore
  const { seeds, bootstrap } = input;
  const tuned = armNamed(input, 'tuned')!.models;
  const others = armNamed(input, against)!.models;
  const over = (wanted: (name: string) => boolean): SeedDifferences =>
    pairedOverSeeds(
      tuned.map((model, i) => ({
        idA: model.id,
        idB: others[i]!.id,
        oodA: model.ood.filter(({ name }) => wanted(name)).map(({ scores }) => scores),
        oodB: others[i]!.ood.filter(({ name }) => wanted(name)).map(({ scores }) => scores),
      })),
      bootstrap,
    );
  const all = over(() => true);
  const names = tuned[0]!.ood.map(({ name }) => name);
  const ofVerdict = names.length === verdictSets.length ? all : over((name) => verdictSets.includes(name)); // prettier-ignore
  const pairs = tuned.map(({ correct }, i) => ({ a: correct, b: others[i]!.correct }));
  const accuracy =
    pairs.length > 1
      ? accuracyOverSeeds(pairs, bootstrap)
      : onlyOne(pairedAccuracy(pairs[0]!.a, pairs[0]!.b, bootstrap));
  return {
    ofVerdict,
    difference: {
      against,
      mean: ofVerdict.estimates.mean,
      perSeed: seeds.map((seed, i) => ({
        seed,
        ...ofVerdict.mean[i]!,
        accuracy: accuracy.perSeed[i]!,
      })),
      sets: names.map((name, s) => ({
        name,
        ...all.estimates.perSet[s]!,
        perSeed: all.perSet.map((sets) => sets[s]!.fpr95),
      })),
      accuracy: accuracy.estimate,
    },
  };
}

const onlyOne = (estimate: Estimate) => ({ estimate, perSeed: [estimate.value] });

function verdictOf(
  input: ExperimentScores,
  verdictSets: readonly string[],
  paired: readonly PairedArm[],
): Verdict | null {
  const tuned = armNamed(input, 'tuned')!.models;
  const control = armNamed(input, 'control')?.models ?? null;
  const before = paired.find(({ difference }) => difference.against === 'before')!;
  const againstControl = paired.find(({ difference }) => difference.against === 'control') ?? null;
  const [first] = tuned as [ArmScores];
  if (first.run.training.lambda <= 0) return null;
  const { seeds } = input;
  return decideVerdict({
    sparse: first.run,
    control:
      control && againstControl
        ? { run: control[0]!.run, difference: againstControl.ofVerdict.estimates }
        : null,
    againstBefore: before.ofVerdict.estimates,
    accuracyChange: before.difference.accuracy,
    sets: first.ood
      .filter(({ name }) => verdictSets.includes(name))
      .map(({ name, scores }) => ({ name, n: scores.length })),
    idImages: first.id.length,
    seeds: seeds.length,
    leakage: input.leakage,
    repeats:
      seeds.length < 2
        ? null
        : {
            seeds,
            runs: tuned.map(({ run }, i) => ({ sparse: run, control: control?.[i]!.run ?? null })),
            againstControl: againstControl?.ofVerdict.mean.map(({ fpr95 }) => fpr95) ?? null,
            oneStart: input.oneStart,
          },
  });
}
