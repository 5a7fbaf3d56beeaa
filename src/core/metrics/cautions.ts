import type { Audit, Estimate } from '../report/audit.ts';
import type { PairedEstimates } from './paired-bootstrap.ts';
import { signedPoints, sizeInPoints } from './points.ts';

/** Below this many images a set's interval is wide and its ends are uncertain. */
export const SMALL_SET_IMAGES = 500;
/** With fewer seeds than the paper uses, their spread is known poorly. */
export const FEW_SEEDS = 5;
/** With fewer OOD sets the mean says little about other kinds of images. */
export const FEW_SETS = 3;
/** From here on λ made FPR95 and accuracy worse (docs/method.md). */
export const LARGE_LAMBDA = 0.1;
/** Up to here λ had no measurable effect (docs/method.md). */
export const WEAK_LAMBDA = 0.001;

export interface CautionInput {
  readonly againstControl: PairedEstimates | null;
  readonly againstBefore: PairedEstimates;
  /** ID accuracy, sparse minus before. */
  readonly accuracyChange: Estimate;
  /** OOD sets in the order of the paired differences. */
  readonly sets: readonly { readonly name: string; readonly n: number }[];
  /** ID test images. */
  readonly idImages: number;
  readonly lambda: number;
  /** Seeds with which the whole comparison was repeated. */
  readonly seeds: number;
  readonly leakage: Audit['leakage'];
  /** Given when the differences are means over seeds. */
  readonly repeats?: {
    readonly seeds: readonly number[];
    readonly againstControl: readonly number[] | null;
    readonly oneStart: boolean;
  } | null;
}

/**
 * What a reader must know before acting on a verdict, in whole sentences, most important first.
 * Empty only when nothing applies.
 */
export function cautionsOf(input: CautionInput): readonly string[] {
  const { sets, accuracyChange, lambda, leakage } = input;
  const small = [
    ...(input.idImages < SMALL_SET_IMAGES ? [{ name: 'the ID test set', n: input.idImages }] : []),
    ...sets.filter(({ n }) => n < SMALL_SET_IMAGES),
  ];
  return [
    ...leakage
      .filter(({ images }) => images > 0)
      .map(
        ({ between, images }) =>
          `${counted(images, 'identical image')} in ${between}: results on shared images say nothing. Exclude them and audit again.`,
      ),
    ...(input.againstControl ? worseSets(sets, input.againstControl, 'the control') : []),
    ...worseSets(sets, input.againstBefore, 'the model before fine-tuning'),
    ...(accuracyChange.high < 0
      ? [
          `ID accuracy fell by ${sizeInPoints(accuracyChange)} against the model before fine-tuning.`,
        ]
      : []),
    ...(lambda >= LARGE_LAMBDA
      ? [
          `λ = ${lambda} is large: from λ = ${LARGE_LAMBDA} on, FPR95 and accuracy got worse in our runs. The recommended value is 0.02.`,
        ]
      : []),
    ...(lambda > 0 && lambda <= WEAK_LAMBDA
      ? [`λ = ${lambda} had no measurable effect in our runs. The recommended value is 0.02.`]
      : []),
    ...(input.seeds < 2
      ? [
          'One seed only: the intervals cover the choice of test images, not the chance in training. Repeat with other seeds before relying on a small difference.',
        ]
      : []),
    ...(input.repeats ? repeatCautions(input.repeats) : []),
    ...(sets.length < FEW_SETS
      ? [
          `Only ${counted(sets.length, 'OOD set')}: the mean says little about other kinds of images.`,
        ]
      : []),
    ...(small.length > 0
      ? [
          `Fewer than ${SMALL_SET_IMAGES} images: ${small.map(({ name, n }) => `${name} (${n.toLocaleString('en-US')})`).join(', ')}. Their intervals are wide and the ends uncertain.`,
        ]
      : []),
  ];
}

function repeatCautions({
  seeds,
  againstControl,
  oneStart,
}: NonNullable<CautionInput['repeats']>): readonly string[] {
  const differences = againstControl ?? [];
  const signs = new Set(differences.map(Math.sign));
  const rose = differences.filter((difference) => difference > 0).length;
  return [
    ...(signs.has(1) && signs.has(-1)
      ? [`The seeds do not agree: against the control the mean FPR95 rose in ${rose} of ${seeds.length} and fell in ${differences.filter((difference) => difference < 0).length}.`] // prettier-ignore
      : []),
    ...(oneStart
      ? ['All seeds fine-tune one pretrained model: the chance in pretraining is not covered.']
      : []),
    ...(seeds.length < FEW_SEEDS
      ? [`${counted(seeds.length, 'seed')}: the spread between seeds is known poorly, and the intervals are wide for it. The paper uses 5.`] // prettier-ignore
      : []),
  ];
}

function worseSets(
  sets: CautionInput['sets'],
  paired: PairedEstimates,
  against: string,
): readonly string[] {
  const worse = sets.flatMap(({ name }, i) => {
    const { fpr95 } = paired.perSet[i]!;
    return fpr95.low > 0 ? [`${name} ${signedPoints(fpr95)}`] : [];
  });
  if (worse.length === 0) return [];
  return [
    `FPR95 got worse on ${worse.length} of ${counted(sets.length, 'OOD set')} against ${against}: ${worse.join('; ')}.`,
  ];
}

/** `1 image`, `2,000 images`. */
export const counted = (n: number, word: string): string =>
  `${n.toLocaleString('en-US')} ${word}${n === 1 ? '' : 's'}`;
