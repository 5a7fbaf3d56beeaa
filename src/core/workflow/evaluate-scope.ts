/** Every number of a score overview; runs in a worker thread, because the bootstrap takes seconds on large sets. */
import { bootstrapAccuracy } from '../metrics/bootstrap.ts';
import { calibration } from '../metrics/calibration.ts';
import { evaluateSets, type Evaluation } from '../metrics/evaluate.ts';
import { moments, type Moments } from '../metrics/moments.ts';
import { DEFAULT_BOOTSTRAP_SAMPLES } from '../metrics/resample.ts';
import { thresholdAtTpr } from '../metrics/threshold.ts';
import { argsort } from '../query/argsort.ts';
import type { Estimate } from '../report/audit.ts';
import type { IdColumns, ScopeColumns, SetColumns } from './scope-columns.ts';

/** Scores of one set, ascending. */
export interface SortedScores extends Moments {
  readonly datasetId: string;
  readonly name: string;
  readonly nearFar: 'near' | 'far' | null;
  readonly sorted: Float64Array;
  /** ID only: of the images from the end of `sorted` down to i, how many are classified correctly. */
  readonly correctFrom: Uint32Array | null;
}

/** What is drawn first, in a fraction of the time that intervals take. */
export interface ScopeDistributions {
  readonly id: SortedScores;
  readonly validation: SortedScores;
  readonly ood: readonly SortedScores[];
  /** Keeps 95% of the ID validation images. */
  readonly defaultThreshold: number;
}

export interface ScopeMetrics {
  /** Null without OOD sets. */
  readonly evaluation: Evaluation | null;
  readonly idAccuracy: Estimate;
  readonly ece: number;
  /** Mean Σ|g| over the ID images. */
  readonly featureL1: number;
  readonly hoyer: number;
}

export interface ScopeEvaluation extends ScopeDistributions, ScopeMetrics {}

/** So many random draws take one to two seconds on an idle core. */
const MOST_DRAWS = 5e7;
const FEWEST_SAMPLES = 100;

/** Resamples of the bootstrap: 1,000, and fewer, down to 100, for more than 50,000 images, whose intervals are narrow anyway. */
export const bootstrapSamples = (images: number): number =>
  Math.min(DEFAULT_BOOTSTRAP_SAMPLES, Math.max(FEWEST_SAMPLES, Math.floor(MOST_DRAWS / images)));

/** Same intervals every time. */
const SEED = 1;

export const bootstrapOf = ({ id, ood }: Pick<ScopeColumns, 'id' | 'ood'>) => ({
  samples: bootstrapSamples([id, ...ood].reduce((sum, { scores }) => sum + scores.length, 0)),
  seed: SEED,
});

/** The columns that distributions are made of. */
export interface ScoreColumnsOnly {
  readonly id: Pick<IdColumns, keyof Naming | 'scores' | 'correct'>;
  readonly validation: Pick<IdColumns, keyof Naming | 'scores' | 'correct'>;
  readonly ood: readonly Pick<SetColumns, keyof Naming | 'scores'>[];
}
type Naming = Pick<SetColumns, 'datasetId' | 'name' | 'nearFar'>;

/** @throws AppError when a score is NaN */
export function distributionsOf({ id, validation, ood }: ScoreColumnsOnly): ScopeDistributions {
  return {
    id: sortedId(id),
    validation: sortedId(validation),
    ood: ood.map((set) => sortedScores(set)),
    defaultThreshold: thresholdAtTpr(validation.scores),
  };
}

/** @throws AppError when a score is NaN */
export const evaluateScope = (columns: ScopeColumns): ScopeEvaluation => ({
  ...distributionsOf(columns),
  ...metricsOf(columns),
});

/** @throws AppError when a score is NaN */
export function metricsOf(columns: ScopeColumns): ScopeMetrics {
  const { id, validation, ood } = columns;
  const bootstrap = bootstrapOf(columns);
  const threshold = thresholdAtTpr(validation.scores);
  return {
    evaluation:
      ood.length === 0
        ? null
        : evaluateSets({
            id: id.scores,
            // Only their mean and spread would be used, and those are told of the scores.
            ood: ood.map(({ name, scores }) => ({ name, scores, energies: scores })),
            threshold,
            bootstrap,
          }),
    idAccuracy: bootstrapAccuracy(id.correct, bootstrap),
    ece: calibration(id.confidence, id.correct).ece,
    featureL1: moments(id.l1, 'Feature L1').mean,
    hoyer: moments(id.hoyer, 'Hoyer sparsity').mean,
  };
}

function sortedScores({
  datasetId,
  name,
  nearFar,
  scores,
}: ScoreColumnsOnly['ood'][number]): SortedScores {
  // prettier-ignore
  const { mean, std } = moments(scores, `Scores of ${name}`);
  return { datasetId, name, nearFar, mean, std, sorted: scores.slice().sort(), correctFrom: null };
}

function sortedId(set: ScoreColumnsOnly['id']): SortedScores {
  const order = argsort(set.scores);
  const correctFrom = new Uint32Array(order.length);
  let correct = 0;
  for (let i = order.length - 1; i >= 0; i--) {
    correct += set.correct[order[i]!]!;
    correctFrom[i] = correct;
  }
  return { ...sortedScores(set), correctFrom };
}
