/** Loss terms over the activations of a training pass: value out, gradient in. */
import type { Losses, LossTerm } from '../../train/objectives/objective.ts';
import type { Kernels, Tensor } from '../kernels.ts';
import type { Activation, TrainingLayers } from './training-layers.ts';

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
    const { kernels } = this;
    const { loss, gradient } = kernels.softmaxCrossEntropy(logits.value, this.labels);
    this.values.set(term.name, kernels.mean(loss));
    this.addGradient(term, logits, gradient);
    kernels.free(loss, gradient);
  }

  meanL1(term: LossTerm, rows: Activation<T>): void {
    const { kernels } = this;
    const sum = kernels.sumAbs(rows.value);
    this.values.set(term.name, kernels.scale(sum, 1 / rows.value.shape[0]!));
    const sign = kernels.sign(rows.value);
    this.addGradient(term, rows, sign);
    kernels.free(sum, sign);
  }

  /** Takes the gradient of the sum over rows, makes it that of the weighted mean. */
  private addGradient(term: LossTerm, to: Activation<T>, ofSum: T): void {
    const { kernels } = this;
    this.layers.flow(to, () => {
      const ofMean = kernels.scale(ofSum, 1 / to.value.shape[0]!);
      if (term.weight === null) return ofMean;
      const weight = this.scalars.get(term.weight);
      if (!weight) throw new Error(`The objective needs the scalar ${term.weight}`);
      const weighted = kernels.multiply(ofMean, weight);
      kernels.free(ofMean);
      return weighted;
    });
  }
}
