/** Loss terms over the activations of a training pass: value out, gradient in. */
import type { Losses, LossTerm } from '../../train/objectives/objective.ts';
import type { Kernels, Tensor } from '../kernels.ts';
import type { Activation, TrainingLayers } from './training-layers.ts';

/** Added to squared lengths, so that logits that are all 0 have a gradient. */
const LEAST_SQUARED_LENGTH = 1e-14;

export class TrainingLosses<T extends Tensor> implements Losses<Activation<T>> {
  /** Unweighted value of each term, a scalar, by name. */
  readonly values = new Map<string, T>();
  private readonly kernels: Kernels<T>;
  private readonly layers: TrainingLayers<T>;
  private readonly labels: T;
  private readonly scalars: ReadonlyMap<string, T>;

  constructor(
    kernels: Kernels<T>,
    layers: TrainingLayers<T>,
    labels: T,
    scalars: ReadonlyMap<string, T>,
  ) {
    this.kernels = kernels;
    this.layers = layers;
    this.labels = labels;
    this.scalars = scalars;
  }

  crossEntropy(term: LossTerm, logits: Activation<T>): void {
    this.compute(term, logits, (own) => {
      const { loss, gradient } = this.kernels.softmaxCrossEntropy(logits.value, this.labels);
      return { value: this.kernels.mean(own(loss)), gradient: own(gradient) };
    });
  }

  normalisedCrossEntropy(term: LossTerm, logits: Activation<T>, temperature: string): void {
    const { kernels } = this;
    this.compute(term, logits, (own) => {
      const tau = this.scalar(temperature);
      const tauSquared = own(kernels.multiply(tau, tau));
      const squares = own(kernels.multiply(logits.value, logits.value));
      const least = own(kernels.constant([], Float32Array.of(LEAST_SQUARED_LENGTH)));
      const lengths = own(kernels.add(own(kernels.sumOfEachRow(squares)), least));
      const factors = own(kernels.rsqrt(own(kernels.multiply(lengths, tauSquared))));
      const scaled = own(kernels.scaleRows(logits.value, factors));
      const { loss, gradient } = kernels.softmaxCrossEntropy(scaled, this.labels);
      own(loss);
      own(gradient);
      // With u = f / (τ‖f‖) and g = dL/du: dL/df = (g - τ² u (u·g)) / (τ‖f‖).
      const along = own(kernels.sumOfEachRow(own(kernels.multiply(scaled, gradient))));
      const radial = own(kernels.multiply(own(kernels.scaleRows(scaled, along)), tauSquared));
      const tangential = own(kernels.add(gradient, own(kernels.scale(radial, -1))));
      return { value: kernels.mean(loss), gradient: own(kernels.scaleRows(tangential, factors)) };
    });
  }

  meanL1(term: LossTerm, rows: Activation<T>): void {
    const { kernels } = this;
    this.compute(term, rows, (own) => ({
      value: kernels.scale(own(kernels.sumAbs(rows.value)), 1 / rows.value.shape[0]!),
      gradient: own(kernels.sign(rows.value)),
    }));
  }

  energyAbove(term: LossTerm, logits: Activation<T>, margin: string): void {
    const { kernels } = this;
    this.energyHinge(term, logits, -1, (negativeEnergy, own) =>
      // E - m = -(-E + m)
      kernels.scale(own(kernels.add(negativeEnergy, this.scalar(margin))), -1),
    );
  }

  energyBelow(term: LossTerm, logits: Activation<T>, margin: string): void {
    this.energyHinge(term, logits, 1, (negativeEnergy) =>
      this.kernels.add(negativeEnergy, this.scalar(margin)),
    );
  }

  uniformCrossEntropy(term: LossTerm, logits: Activation<T>): void {
    this.compute(term, logits, (own) => {
      const { loss, gradient } = this.toUniform(logits.value, own);
      return { value: this.kernels.mean(loss), gradient };
    });
  }

  uniformDivergence(term: LossTerm, logits: Activation<T>): void {
    const { kernels } = this;
    this.compute(term, logits, (own) => {
      const { loss, gradient } = this.toUniform(logits.value, own);
      const entropy = own(kernels.constant([], Float32Array.of(-Math.log(logits.value.shape[1]!))));
      return { value: kernels.add(own(kernels.mean(loss)), entropy), gradient };
    });
  }

  distanceToUniform(term: LossTerm, logits: Activation<T>): void {
    const { kernels } = this;
    this.compute(term, logits, (own) => {
      const [rows, classes] = logits.value.shape as [number, number];
      const probabilities = this.softmax(logits.value, own);
      const uniform = own(kernels.constant([], Float32Array.of(-1 / classes)));
      const gaps = own(kernels.add(probabilities, uniform));
      // d Σ_k |p_k - 1/K| / df_j = p_j (s_j - Σ_k s_k p_k), s the signs of the gaps.
      const signed = own(kernels.multiply(own(kernels.sign(gaps)), probabilities));
      const sums = own(kernels.sumOfEachRow(signed));
      const shared = own(kernels.scaleRows(probabilities, sums));
      return {
        value: kernels.scale(own(kernels.sumAbs(gaps)), 1 / rows),
        gradient: own(kernels.add(signed, own(kernels.scale(shared, -1)))),
      };
    });
  }

  confidenceGap(term: LossTerm, logits: Activation<T>, target: string): void {
    const { kernels } = this;
    this.compute(term, logits, (own) => {
      const probabilities = this.softmax(logits.value, own);
      const largest = own(kernels.oneHotOfLargest(logits.value));
      const atLargest = own(kernels.multiply(probabilities, largest));
      const confidences = own(kernels.sumOfEachRow(atLargest));
      const negative = own(kernels.scale(own(kernels.mean(confidences)), -1));
      const gap = own(kernels.add(negative, this.scalar(target)));
      // d max_k p_k / df_j = max p · ([j = arg max] - p_j); the gap's square contributes -2 gap / n.
      const shared = own(kernels.scaleRows(probabilities, confidences));
      const ofConfidence = own(kernels.add(atLargest, own(kernels.scale(shared, -1))));
      const factor = own(kernels.scale(gap, -2));
      return {
        value: kernels.multiply(gap, gap),
        gradient: own(kernels.multiply(ofConfidence, factor)),
      };
    });
  }

  /** Mean of max(0, x)², where x changes with -E by `slope`. */
  private energyHinge(
    term: LossTerm,
    logits: Activation<T>,
    slope: 1 | -1,
    excessOf: (negativeEnergy: T, own: Own<T>) => T,
  ): void {
    const { kernels } = this;
    this.compute(term, logits, (own) => {
      const { value: negativeEnergy, gradient: softmax } = kernels.logSumExp(logits.value);
      own(negativeEnergy);
      own(softmax);
      const excess = own(kernels.relu(own(excessOf(negativeEnergy, own))));
      const factors = own(kernels.scale(excess, 2 * slope));
      return {
        value: kernels.mean(own(kernels.multiply(excess, excess))),
        gradient: own(kernels.scaleRows(softmax, factors)),
      };
    });
  }

  /** Cross-entropy of each row to the uniform distribution. */
  private toUniform(logits: T, own: Own<T>): { readonly loss: T; readonly gradient: T } {
    const [rows, classes] = logits.shape as [number, number];
    const shares = new Float32Array(rows * classes).fill(1 / classes);
    const uniform = own(this.kernels.constant(logits.shape, shares));
    const { loss, gradient } = this.kernels.softmaxCrossEntropy(logits, uniform);
    return { loss: own(loss), gradient: own(gradient) };
  }

  private softmax(logits: T, own: Own<T>): T {
    const { value, gradient } = this.kernels.logSumExp(logits);
    own(value);
    return own(gradient);
  }

  private scalar(name: string): T {
    const scalar = this.scalars.get(name);
    if (!scalar) throw new Error(`The objective needs the scalar ${name}`);
    return scalar;
  }

  /**
   * Runs one term: keeps its value, gives its gradient on, and frees all it owned on the way.
   * @param term whose `gradient` is that of the sum over rows; the weighted mean's is made from it
   */
  private compute(
    term: LossTerm,
    to: Activation<T>,
    run: (own: Own<T>) => { readonly value: T; readonly gradient: T },
  ): void {
    const { kernels } = this;
    const temporary: T[] = [];
    const { value, gradient } = run((x) => {
      temporary.push(x);
      return x;
    });
    this.values.set(term.name, value);
    this.layers.flow(to, () => {
      const ofMean = kernels.scale(gradient, 1 / to.value.shape[0]!);
      if (term.weight === null) return ofMean;
      const weighted = kernels.multiply(ofMean, this.scalar(term.weight));
      kernels.free(ofMean);
      return weighted;
    });
    kernels.free(...temporary);
  }
}

/** Takes note of a value that is freed once its term is done. */
type Own<T> = (x: T) => T;
