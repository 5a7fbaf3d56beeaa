import { describe, expect, it } from 'vitest';
import { Random } from '../../../src/core/random.ts';
import {
  OBJECTIVE_IDS,
  objectiveNamed,
  type ObjectiveId,
} from '../../../src/core/train/objectives/registry.ts';
import { inputGradient, type DifferentiableScore } from '../../../src/core/tf/programs/programs.ts';
import {
  CLASSES,
  COUNT,
  gradientCases,
  gradientsOn,
  oneHotLabels,
  normalisation,
  pixelsOf,
  weightsOf,
  type GradientCase,
} from '../../support/gradient-cases.ts';
import {
  ReferenceKernels,
  type ReferenceTensor,
  type ReferenceVariable,
} from '../../support/reference-kernels.ts';

/**
 * In double precision a central difference with this step is right to about 1e-9 of its size (its error is
 * step² / 6 times the third derivative, plus rounding of 1e-16 / step), as long as no ReLU or maximum changes sides.
 */
const STEP = 1e-6;
const TOLERANCE = 1e-6;

const kernels = new ReferenceKernels();
const scalar = (value: number): ReferenceTensor => ({ shape: [], data: Float64Array.of(value) });
const random = new Random(23);

function prepared({ network, size, ...rest }: GradientCase) {
  const weights = weightsOf({ network, size, ...rest });
  const variables = new Map<string, ReferenceVariable>(
    [...weights].map(([name, { shape, data }]) => [
      name,
      { name, shape, data: Float64Array.from(data) },
    ]),
  );
  const trained = [...weights].filter(([, { trainable }]) => trainable).map(([name]) => name);
  const pixels = { shape: [COUNT, size, size, 3], data: Float64Array.from(pixelsOf(size)) };
  return { variables, trained, pixels };
}

/** Random, of length 1, so that the derivative along it is of the gradient's size. */
function direction(length: number): Float64Array {
  const values = Float64Array.from({ length }, () => random.normal());
  const norm = Math.hypot(...values);
  return values.map((value) => value / norm);
}

const dot = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
  Array.from(a).reduce((sum, value, i) => sum + value * b[i]!, 0);

/** Central difference of `loss` when the arrays move along their directions. */
function difference(
  arrays: readonly { readonly values: Float64Array; readonly along: Float64Array }[],
  loss: () => number,
): number {
  const move = (by: number): void => {
    for (const { values, along } of arrays)
      for (let i = 0; i < values.length; i++) values[i]! += by * along[i]!;
  };
  move(STEP);
  const above = loss();
  move(-2 * STEP);
  const below = loss();
  move(STEP);
  return (above - below) / (2 * STEP);
}

const close = (actual: number, expected: number): void => {
  expect(Math.abs(actual - expected)).toBeLessThan(TOLERANCE * Math.max(1, Math.abs(expected)));
};

describe.each(gradientCases)('finite differences of $name', (test) => {
  const { variables, trained, pixels } = prepared(test);
  const inputs = {
    pixels,
    labels: { shape: [COUNT, CLASSES], data: Float64Array.from(oneHotLabels()) },
    learningRate: scalar(0.1),
    dropoutSeed: scalar(0),
    scalars: new Map([['lambda', scalar(0.02)]]),
  };
  const step = () => gradientsOn(kernels, variables, test.network, inputs, ({ data }) => data);
  const whole = test.name.startsWith('a whole');

  it('agree with the gradient of the loss to every parameter', () => {
    const { gradients } = step();
    const moved = trained.map((name) => ({
      name,
      values: variables.get(name)!.data,
      along: direction(variables.get(name)!.data.length),
    }));
    const predicted = moved.map(({ name, along }) => dot(gradients.get(name)!, along));
    // Whole networks move in all parameters at once: one difference instead of dozens.
    if (whole)
      close(
        difference(moved, () => step().loss),
        predicted.reduce((a, b) => a + b, 0),
      );
    else
      moved.forEach((array, i) => {
        close(
          difference([array], () => step().loss),
          predicted[i]!,
        );
      });
  });

  it.each<DifferentiableScore>(['energy', 'confidence'])(
    'agree with the gradient of the %s to the image',
    (score) => {
      const temperature = 1.7;
      const context = { network: test.network, variables, normalisation };
      const logits = (): Float64Array[] => {
        // A frozen network's logits, by way of its gradient's own forward pass.
        const seen: Float64Array[] = [];
        const spy = new (class extends ReferenceKernels {
          override multiply(a: ReferenceTensor, b: ReferenceTensor): ReferenceTensor {
            if (b.shape.length === 0 && a.shape[1] === CLASSES) seen.push(a.data);
            return super.multiply(a, b);
          }
        })();
        inputGradient(spy, context, pixels, score, scalar(1 / temperature));
        const all = seen[0]!;
        return Array.from({ length: COUNT }, (_, i) =>
          all.subarray(i * CLASSES, (i + 1) * CLASSES),
        );
      };
      const scores = (): number =>
        logits().reduce((sum, row) => {
          const top = Math.max(...row);
          const logSum = Math.log(
            row.reduce((total, f) => total + Math.exp((f - top) / temperature), 0),
          );
          const ofRow = score === 'energy' ? top + temperature * logSum : -logSum;
          return sum + ofRow;
        }, 0);
      const { gradient } = inputGradient(kernels, context, pixels, score, scalar(1 / temperature));
      // What moves are values from 0 to 255; the gradient is to normalised ones.
      const along = direction(pixels.data.length).map((value) => 255 * value);
      const perValue = gradient.data.map((value, i) => value / (255 * normalisation.std[i % 3]!));
      close(difference([{ values: pixels.data, along }], scores), dot(perValue, along));
    },
  );
});

/** Objectives with settings under which every part of them is at work in these small networks. */
const OBJECTIVE_SETTINGS: Readonly<Record<ObjectiveId, Readonly<Record<string, number>>>> = {
  'cross-entropy': {},
  sparsity: { lambda: 0.02 },
  'sparsity-logits': { lambda: 0.02 },
  'logit-norm': { temperature: 0.4 },
  'energy-margin': { marginIn: -3, marginOut: 1, outlierWeight: 0.1 },
  'outlier-exposure': { outlierWeight: 0.5 },
  oecc: { trainingAccuracy: 0.95, confidenceWeight: 9, outlierWeight: 12.8 },
  'confidence-calibrated': { outlierWeight: 1 },
};
const OUTLIERS = 3;
const objectiveCases = gradientCases
  .filter(({ name }) => ['batch norm and ReLU', 'a whole CNN-4'].includes(name))
  .flatMap((test) => OBJECTIVE_IDS.map((id) => ({ id, test, name: test.name })));

describe.each(objectiveCases)('finite differences of $id through $name', ({ id, test }) => {
  const { variables, trained } = prepared(test);
  const objective = objectiveNamed(id);
  const { size } = test;
  const pixels = Float64Array.from({ length: (COUNT + OUTLIERS) * size * size * 3 }, () =>
    random.integer(256),
  );
  const inputs = {
    pixels: { shape: [COUNT + OUTLIERS, size, size, 3], data: pixels },
    labels: { shape: [COUNT, CLASSES], data: Float64Array.from(oneHotLabels()) },
    learningRate: scalar(0.1),
    dropoutSeed: scalar(0),
    scalars: new Map(
      objective.scalars.map((name) => [name, scalar(OBJECTIVE_SETTINGS[id][name]!)]),
    ),
  };
  const step = () =>
    gradientsOn(kernels, variables, test.network, inputs, ({ data }) => data, objective);

  it('agree with the gradient of the loss to every parameter, outliers in the batch', () => {
    const { gradients, terms } = step();
    for (const [name, value] of Object.entries(terms)) expect(value, name).toBeGreaterThan(0);
    const moved = trained.map((name) => ({
      name,
      values: variables.get(name)!.data,
      along: direction(variables.get(name)!.data.length),
    }));
    for (const array of moved)
      close(
        difference([array], () => step().loss),
        dot(gradients.get(array.name)!, array.along),
      );
  });
});
