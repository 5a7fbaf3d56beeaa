import { AppError } from '../errors.ts';
import type { Estimate, Verdict } from '../report/audit.ts';
import { cautionsOf, counted } from './cautions.ts';
import type { CautionInput } from './cautions.ts';
import { controlMismatches } from './control-check.ts';
import type { ComparedRun } from './control-check.ts';
import type { PairedEstimates } from './paired-bootstrap.ts';
import { signedPoints, sizeInPoints } from './points.ts';

/** With fewer images in a set, equal models are called different too often (docs/method.md). */
export const MINIMUM_IMAGES = 20;

/** The rule, as it is printed beside every verdict. */
export const VERDICT_RULE =
  'Compared is the mean FPR95 over the OOD sets (ID positive), by a paired bootstrap over the same images. ' +
  'Improved: the 95% interval of sparse minus control lies entirely below 0, and that of sparse minus before does not lie entirely above 0. ' +
  'Worse: the interval of sparse minus control lies entirely above 0; without a proper control, that of sparse minus before does. ' +
  'Not shown: everything else. Without a proper control (the same fine-tuning with λ = 0), or with fewer than ' +
  `${MINIMUM_IMAGES} images in the ID test set or in an OOD set, a gain is never claimed.`;

/** The rule when the whole comparison was repeated with other seeds; see docs/decisions/0009-verdict-over-seeds.md. */
export const VERDICT_RULE_OVER_SEEDS =
  'Compared is the mean FPR95 over the OOD sets (ID positive): per seed the difference of sparse minus its own control, then the mean over the seeds. ' +
  'Its 95% interval covers the chance in training and in the choice of test images: mean ± t · √(s² / n + b²), with s the standard deviation between the n seeds, ' +
  'b that of the mean over bootstrap resamples of the images that all seeds share, and Student’s t for n − 1 degrees of freedom. ' +
  'Improved: that interval of sparse minus control lies entirely below 0, and that of sparse minus before does not lie entirely above 0. ' +
  'Worse: the interval of sparse minus control lies entirely above 0; without a proper control, that of sparse minus before does. ' +
  'Not shown: everything else. Without a proper control in every seed, or with fewer than ' +
  `${MINIMUM_IMAGES} images in the ID test set or in an OOD set, a gain is never claimed.`;

/** What repeats with other seeds add; the paired differences of the verdict are then means over the seeds. */
export interface Repeats {
  /** One per repeat, at least two. */
  readonly seeds: readonly number[];
  /** The sparse run and its control of every seed. */
  readonly runs: readonly { readonly sparse: ComparedRun; readonly control: ComparedRun | null }[];
  /** Per seed the mean FPR95 over the sets, sparse minus control; null without controls. */
  readonly againstControl: readonly number[] | null;
  /** All seeds fine-tuned one pretrained model, so that its own chance is not seen. */
  readonly oneStart: boolean;
}

/** A `ModelResult` fits where a {@link ComparedRun} is asked for. */
export interface VerdictInput extends Omit<CautionInput, 'againstControl' | 'lambda'> {
  readonly sparse: ComparedRun;
  /** The control run and the paired differences sparse minus control; null when there is none. */
  readonly control: { readonly run: ComparedRun; readonly difference: PairedEstimates } | null;
  /** Given when the differences are means over seeds, with intervals of `pairedOverSeeds`. */
  readonly repeats?: Repeats | null;
}

/**
 * Decides whether sparse fine-tuning improved OOD detection, by {@link VERDICT_RULE}, and says so in words
 * that claim no more than the intervals allow.
 * @throws AppError `invalid-data` when a difference is not a number or sets and differences do not match
 */
export function decideVerdict(input: VerdictInput): Verdict {
  checkInput(input);
  const mismatches = mismatchesOf(input);
  const control = mismatches.length === 0 ? (input.control?.difference ?? null) : null;
  const againstControl = control?.mean.fpr95 ?? null;
  const againstBefore = input.againstBefore.mean.fpr95;
  const { outcome, sentence } = judge(input, againstControl, mismatches);
  return {
    outcome,
    sentence,
    rule: input.repeats ? VERDICT_RULE_OVER_SEEDS : VERDICT_RULE,
    againstControl,
    againstBefore,
    accuracyChange: input.accuracyChange,
    cautions: cautionsOf({
      ...input,
      againstControl: control,
      lambda: input.sparse.training.lambda,
      repeats: input.repeats ?? null,
    }),
  };
}

function mismatchesOf({ sparse, control, repeats }: VerdictInput): readonly string[] {
  if (!control) return [];
  if (!repeats) return controlMismatches(sparse, control.run);
  const perSeed = repeats.runs.map((run) =>
    run.control ? controlMismatches(run.sparse, run.control) : ['being there at all'],
  );
  return [...new Set(perSeed.flat())];
}

function judge(
  input: VerdictInput,
  againstControl: Estimate | null,
  mismatches: readonly string[],
): Pick<Verdict, 'outcome' | 'sentence'> {
  const { sets, accuracyChange } = input;
  const before = input.againstBefore.mean.fpr95;
  const over = input.repeats ? counted(input.repeats.seeds.length, 'seed') : '';
  const what =
    sets.length === 1
      ? `FPR95 on ${sets[0]!.name}${over && `, mean over ${over},`}`
      : `mean FPR95 over ${counted(sets.length, 'OOD set')}${over && ` and ${over}`}`;
  const accuracy =
    accuracyChange.high < 0 ? `; ID accuracy fell by ${sizeInPoints(accuracyChange)}` : '';
  const notShown = (why: string) => ({ outcome: 'not shown' as const, sentence: why });

  const few = tooFew(input);
  if (few)
    return notShown(`Nothing can be shown: ${few}, and at least ${MINIMUM_IMAGES} are needed.`);

  if (input.sparse.training.lambda <= 0) {
    return notShown(
      'Nothing can be shown about sparsity: the fine-tuned model was trained with λ = 0, so it is a control itself.',
    );
  }
  if (!againstControl) {
    if (before.low > 0) {
      return {
        outcome: 'worse',
        sentence: `Sparse fine-tuning raised the ${what} by ${sizeInPoints(before)} against the model before fine-tuning${accuracy}.`,
      };
    }
    const reason =
      mismatches.length === 0
        ? 'there is no control run (the same fine-tuning with λ = 0)'
        : `the control run differs from the sparse run in ${mismatches.join(', ')}`;
    return notShown(
      `No gain can be shown because ${reason}: against the model before fine-tuning the ${what} changed by ${signedPoints(before)}, but any part of that can come from the fine-tuning itself${accuracy}.`,
    );
  }
  if (againstControl.low > 0) {
    return {
      outcome: 'worse',
      sentence: `Sparse fine-tuning raised the ${what} by ${sizeInPoints(againstControl)} against its control${accuracy}.`,
    };
  }
  if (againstControl.high >= 0) {
    return notShown(
      `No gain over the control is shown: the ${what} changed by ${signedPoints(againstControl)}, an interval that includes 0${accuracy}.`,
    );
  }
  if (before.low > 0) {
    return notShown(
      `No gain is shown: the ${what} fell by ${sizeInPoints(againstControl)} against the control, but rose by ${sizeInPoints(before)} against the model before fine-tuning${accuracy}.`,
    );
  }
  return {
    outcome: 'improved',
    sentence: `Sparse fine-tuning lowered the ${what} by ${sizeInPoints(againstControl)} against its control${accuracy}.`,
  };
}

function tooFew({ sets, idImages }: VerdictInput): string | null {
  if (idImages < MINIMUM_IMAGES) return `the ID test set has ${counted(idImages, 'image')}`;
  const small = sets.filter(({ n }) => n < MINIMUM_IMAGES);
  if (small.length === 0) return null;
  return small.map(({ name, n }) => `${name} has ${counted(n, 'image')}`).join(', ');
}

function checkInput({ sets, control, againstBefore, accuracyChange, repeats }: VerdictInput): void {
  if (repeats && (repeats.seeds.length < 2 || new Set(repeats.seeds).size < repeats.seeds.length))
    throw new AppError(
      'invalid-data',
      `Verdict: ${repeats.seeds.join(', ')} are not two or more different seeds. A run that is counted twice has no spread.`,
    );
  const paired = control ? [control.difference, againstBefore] : [againstBefore];
  if (sets.length === 0 || paired.some(({ perSet }) => perSet.length !== sets.length)) {
    throw new AppError(
      'invalid-data',
      `Verdict: ${counted(sets.length, 'OOD set')} but differences for ${paired.map(({ perSet }) => perSet.length).join(' and ')}. Score all models on the same sets, at least one.`,
    );
  }
  const estimates = [
    accuracyChange,
    ...paired.flatMap(({ mean, perSet }) => [mean.fpr95, ...perSet.map(({ fpr95 }) => fpr95)]),
  ];
  if (estimates.every(({ value, low, high }) => Number.isFinite(value) && low <= high)) return;
  throw new AppError(
    'invalid-data',
    'Verdict: a difference or its interval is not a number. Score the images again; if it stays, a model is damaged.',
  );
}
