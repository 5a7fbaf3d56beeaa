/**
 * Chooses a detector's hyperparameters. Without OOD images only where a criterion on ID images is published; with a
 * named OOD validation set, which must not be among the sets that are reported, by how well it is told apart.
 */
import { AppError } from '../errors.ts';
import { auroc } from '../metrics/auroc.ts';
import { fprAtTpr } from '../metrics/fpr.ts';
import type { Detector, Hyperparameters } from './types.ts';

/** Scores of validation images under one choice of hyperparameters. */
export interface Candidate {
  readonly hyperparameters: Hyperparameters;
  /** S of the ID validation images. */
  readonly id: Float64Array;
  /** S of the images of the OOD validation set, where one was named. */
  readonly ood?: Float64Array;
}

/** What was tried, and how good it was. */
export interface TriedCandidate {
  readonly hyperparameters: Hyperparameters;
  /** Mean of S on ID validation images, or FPR95 on the OOD validation set; null where neither decides. */
  readonly value: number | null;
}

export interface Tuning {
  readonly hyperparameters: Hyperparameters;
  /** What the choice was made on. */
  readonly basis: 'defaults' | 'ID validation' | 'OOD validation';
  readonly tried: readonly TriedCandidate[];
  /** For the report: what was chosen, of what, on what. */
  readonly statement: string;
}

/** Every combination of the detector's grid; the defaults come first. A detector without a grid has its defaults only. */
export function candidatesOf({ grid = {}, hyperparameters }: Detector): readonly Hyperparameters[] {
  const defaults = Object.fromEntries(
    Object.keys(grid).map((name) => [name, hyperparameters[name]!.default]),
  );
  const combinations = Object.entries(grid).reduce<readonly Hyperparameters[]>(
    (rows, [name, values]) =>
      rows.flatMap((row) => values.map((value) => ({ ...row, [name]: value }))),
    [{}],
  );
  const others = combinations.filter((row) => !same(row, defaults));
  return [defaults, ...others];
}

const same = (a: Hyperparameters, b: Hyperparameters): boolean =>
  Object.keys(a).every((name) => a[name] === b[name]);

/**
 * The best of the candidates, the earliest of equals: the lowest FPR95 (ID positive) on the OOD validation set, then the
 * highest AUROC; or, without one, the largest mean score on ID validation images where the detector may be tuned so
 * (Hsu et al., Generalized ODIN, CVPR 2020), else the defaults.
 * @param candidates in the order of {@link candidatesOf}: the defaults first
 * @param oodSet name of the OOD validation set; null when none was named
 * @throws AppError `invalid-data` when there is no validation image, or a score is NaN
 */
export function tune(
  detector: Pick<Detector, 'label' | 'tunedOnId' | 'hyperparameters'>,
  candidates: readonly Candidate[],
  oodSet: string | null,
): Tuning {
  const [first] = candidates;
  if (!first) throw new AppError('internal', 'There are no hyperparameters to choose from.');
  if (first.id.length === 0)
    throw new AppError(
      'invalid-data',
      `${detector.label} cannot be tuned: there is no ID validation image. Give the ID dataset a validation split.`,
    );
  const images = first.id.length.toLocaleString('en-US');
  if (oodSet !== null) return onOod(detector, candidates, oodSet, images);
  const what = `of ${candidates.length} choices`;
  if (detector.tunedOnId === undefined || candidates.length === 1) {
    const { hyperparameters } = first;
    const why =
      candidates.length === 1
        ? 'it has nothing to tune'
        : 'no published criterion chooses between settings on ID images alone';
    return {
      hyperparameters,
      basis: 'defaults',
      tried: candidates.map((candidate) => ({
        hyperparameters: candidate.hyperparameters,
        value: null,
      })),
      statement: `${detector.label}: the literature's defaults (${settingsOf(detector, hyperparameters)}); ${why}. No OOD image was used.`,
    };
  }
  const tried = candidates.map(({ hyperparameters, id }) => ({ hyperparameters, value: mean(detector.label, id) })); // prettier-ignore
  const best = tried.reduce((a, b) => (b.value > a.value ? b : a));
  return {
    hyperparameters: best.hyperparameters,
    basis: 'ID validation',
    tried,
    statement: `${detector.label}: ${settingsOf(detector, best.hyperparameters)}, ${what}, by the largest mean score on ${images} ID validation images (Hsu et al. 2020). No OOD image was used.`,
  };
}

function onOod(
  detector: Pick<Detector, 'label' | 'hyperparameters'>,
  candidates: readonly Candidate[],
  oodSet: string,
  images: string,
): Tuning {
  const judged = candidates.map(({ hyperparameters, id, ood }) => {
    if (!ood)
      throw new AppError(
        'internal',
        `${detector.label}: not all settings were scored on ${oodSet}.`,
      );
    return { hyperparameters, value: fprAtTpr(id, ood), auroc: auroc(id, ood), count: ood.length };
  });
  const best = judged.reduce((a, b) =>
    b.value < a.value || (b.value === a.value && b.auroc > a.auroc) ? b : a,
  );
  return {
    hyperparameters: best.hyperparameters,
    basis: 'OOD validation',
    tried: judged.map(({ hyperparameters, value }) => ({ hyperparameters, value })),
    statement: `${detector.label}: ${settingsOf(detector, best.hyperparameters)}, of ${candidates.length} choices, by the lowest FPR95 on ${best.count.toLocaleString('en-US')} images of the OOD validation set ${oodSet} and ${images} ID validation images. It has seen OOD images; ${oodSet} is no test set for it.`,
  };
}

function mean(label: string, scores: Float64Array): number {
  const value = scores.reduce((sum, score) => sum + score, 0) / scores.length;
  if (Number.isFinite(value)) return value;
  throw new AppError(
    'invalid-data',
    `${label} cannot be tuned: a score of a validation image is NaN or infinite. Score the images again.`,
  );
}

function settingsOf(
  { hyperparameters: known }: Pick<Detector, 'hyperparameters'>,
  chosen: Hyperparameters,
): string {
  const names = Object.keys(chosen);
  if (names.length === 0) return 'no settings';
  return names.map((name) => `${known[name]?.label ?? name} = ${chosen[name]}`).join(', ');
}
