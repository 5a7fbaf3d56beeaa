/** What one model does on the test images, computed from the columns. */
import { bootstrapAccuracy } from '../../metrics/bootstrap.ts';
import { calibration } from '../../metrics/calibration.ts';
import { confusionOf } from '../../metrics/confusion.ts';
import { evaluateSets } from '../../metrics/evaluate.ts';
import { influenceMean } from '../../metrics/influence.ts';
import { moments } from '../../metrics/moments.ts';
import { imagesToKeep, shareAtLeast, thresholdAtTpr, type Rate } from '../../metrics/threshold.ts';
import type { Averages, Estimate, IdPerformance, ModelResult, OodMetrics, OperatingPoint, ScoreResult } from '../audit.ts'; // prettier-ignore
import { at } from '../columns.ts';
import { primaryId } from '../image-csv.ts';
import type { MeasureSettings } from './settings.ts';
import { correctOf, testedScores, type Tested, type TestedScores } from './tested.ts';

/** What follows from the columns alone. */
export type ModelNumbers = Pick<
  ModelResult,
  | 'idAccuracy'
  | 'ece'
  | 'idPerformance'
  | 'threshold'
  | 'thresholdImages'
  | 'idKeptAtThreshold'
  | 'operatingPoint'
  | 'meanEnergyId'
  | 'stdEnergyId'
  | 'featureL1'
  | 'hoyer'
> & { readonly scores: readonly ScoreNumbers[] };

type ScoreNumbers = Omit<ScoreResult, 'label' | 'hyperparameters' | 'notes'>;

/** Shares of the ID validation images whose thresholds are shown beside the operating point. */
const BAND: readonly Rate[] = [900, 925, 940, 950, 960, 975, 990].map((numerator) => ({
  numerator,
  denominator: 1000,
}));

export function modelNumbers(
  tested: Tested,
  model: number,
  settings: MeasureSettings,
): ModelNumbers {
  const { id, rows } = tested;
  const columns = id.models[model]!;
  const correct = correctOf(tested, model);
  const primary = testedScores(tested, model, primaryId)!;
  const operatingPoint = operatingPointOf(tested, model, primary, settings);
  const energies = moments(at(columns.energy, rows.test), 'ID energies');
  const { ece, bins } = calibration(at(columns.confidence, rows.test), correct);
  return {
    idAccuracy: accuracyOf(correct, settings),
    ece,
    idPerformance: { ...classesOf(tested, model), calibration: bins },
    threshold: operatingPoint.threshold,
    thresholdImages: rows.val.length,
    idKeptAtThreshold: operatingPoint.keptOfTest,
    operatingPoint,
    meanEnergyId: energies.mean,
    stdEnergyId: energies.std,
    featureL1: moments(at(columns.featureL1, rows.test), 'Feature L1').mean,
    hoyer: moments(at(columns.hoyer, rows.test), 'Hoyer sparsity').mean,
    scores: settings.detectors[model]!.map((detector) =>
      scoreNumbers(tested, model, detector, settings),
    ),
  };
}

function accuracyOf(correct: Uint8Array, { bootstrap, method }: MeasureSettings): Estimate {
  return method === 'influence'
    ? influenceMean(Float64Array.from(correct))
    : bootstrapAccuracy(correct, bootstrap);
}

function classesOf(
  { id, rows, columns }: Tested,
  model: number,
): Omit<IdPerformance, 'calibration'> {
  const { classes } = columns.models[model]!;
  const indexOf = new Map(classes.map((name, i) => [name, i]));
  // Images of a class that the model does not have are in the accuracy, but have no row here.
  const known = rows.test.filter((row) => indexOf.has(id.classes[id.labels[row]!] ?? ''));
  const { counts, perClass } = confusionOf(
    Int32Array.from(known, (row) => indexOf.get(id.classes[id.labels[row]!]!)!),
    Int32Array.from(known, (row) => id.models[model]!.predicted[row]!),
    classes.length,
  );
  return {
    confusion: [...counts],
    perClass: perClass.map(({ n, recall, precision }, c) => ({ class: classes[c]!, n, recall, precision })), // prettier-ignore
  };
}

function operatingPointOf(
  { id, rows, ood }: Tested,
  model: number,
  { val, test, ood: oodScores }: TestedScores,
  { decisions }: MeasureSettings,
): OperatingPoint {
  const decision = decisions[model] ?? null;
  const threshold = decision?.value ?? thresholdAtTpr(val);
  const perClass = id.classes.map((name) => ({ class: name, n: 0, rejected: 0 }));
  for (const [i, row] of rows.test.entries()) {
    const entry = perClass[id.labels[row]!];
    if (!entry) continue;
    entry.n++;
    if (test[i]! < threshold) entry.rejected++;
  }
  const accepted = (scores: Float64Array, limit: number): number =>
    scores.reduce((n, score) => (score >= limit ? n + 1 : n), 0);
  return {
    detector: primaryId,
    threshold,
    from: decision ? 'decision' : 'keeps 95% of ID validation',
    rationale: decision?.reason ?? `The largest threshold that keeps at least 95% (${imagesToKeep({ numerator: 95, denominator: 100 }, val.length).toLocaleString('en-US')} of ${val.length.toLocaleString('en-US')}) of the ID validation images.`, // prettier-ignore
    decidedBy: decision?.author ?? null,
    decidedAt: decision?.time ?? null,
    validationImages: val.length,
    keptOfValidation: shareAtLeast(val, threshold),
    keptOfTest: shareAtLeast(test, threshold),
    rejectedPerClass: perClass,
    acceptedPerSet: ood.map(({ name }, i) => ({
      dataset: name,
      n: oodScores[i]!.length,
      accepted: accepted(oodScores[i]!, threshold),
    })),
    band: BAND.map((rate) => {
      const limit = thresholdAtTpr(val, rate);
      return {
        target: rate.numerator / rate.denominator,
        threshold: limit,
        keptOfTest: shareAtLeast(test, limit),
        accepted: oodScores.map((scores) => accepted(scores, limit) / scores.length),
      };
    }),
  };
}

function scoreNumbers(
  tested: Tested,
  model: number,
  detector: string,
  { bootstrap, method, nearFar }: MeasureSettings,
): ScoreNumbers {
  const { val, test, ood } = testedScores(tested, model, detector)!;
  const threshold = thresholdAtTpr(val);
  const { perSet, average, averageIntervals } = evaluateSets({
    id: test,
    ood: tested.ood.map((set, i) => ({
      name: set.name,
      scores: ood[i]!,
      energies: at(set.models[model]!.energy, tested.rows.ood[i]!),
    })),
    threshold,
    bootstrap,
    method,
  });
  return {
    score: detector,
    threshold,
    idKeptAtThreshold: shareAtLeast(test, threshold),
    perSet,
    average,
    averageIntervals,
    near: averageOf(perSet.filter((_, i) => nearFar[i] === 'near')),
    far: averageOf(perSet.filter((_, i) => nearFar[i] === 'far')),
  };
}

function averageOf(sets: readonly OodMetrics[]): Averages | null {
  if (sets.length === 0) return null;
  const mean = (pick: (set: OodMetrics) => number): number =>
    sets.reduce((sum, set) => sum + pick(set), 0) / sets.length;
  return {
    fpr95: mean(({ fpr95 }) => fpr95.value),
    auroc: mean(({ auroc }) => auroc.value),
    auprIn: mean(({ auprIn }) => auprIn),
    auprOut: mean(({ auprOut }) => auprOut),
  };
}
