/** A session that runs its programs op by op on a tfjs backend. */
import type * as tfjs from '@tensorflow/tfjs';
import { AppError } from '../../errors.ts';
import { networkOf, summariseNetwork } from '../../model/architecture.ts';
import {
  checkBatch,
  checkForwardOptions,
  checkPerturbation,
  checkPixels,
  checkSpec,
  countCorrect,
  joinColumns,
  featureMapsOf,
  targetsOf,
  weightedLoss,
} from '../batch.ts';
import type { HostTensor } from '../host-tensor.ts';
import { batchStatistics } from '../programs/batch-statistics.ts';
import { featureMapGradient, featureMapPass } from '../programs/feature-maps.ts';
import {
  forwardPass,
  inputGradient,
  perturbedForward,
  trainingStep,
  type PassOutputs,
  type ProgramContext,
} from '../programs/programs.ts';
import type { SessionSpec } from '../runtime.ts';
import type {
  FeatureMaps,
  ForwardOptions,
  ForwardResult,
  InputGradientOptions,
  PerturbationOptions,
  Session,
  StepResult,
  TrainingBatch,
} from '../session.ts';
import { checkWeights, valueFor } from '../weights.ts';
import type { Tfjs } from './conv-gradients.ts';
import { TfjsKernels, type TfjsTensor, type TfjsVariable } from './tfjs-kernels.ts';

export class TfjsSession implements Session {
  private readonly tf: Tfjs;
  private readonly spec: SessionSpec;
  private readonly kernels: TfjsKernels;
  private readonly variables = new Map<string, TfjsVariable>();
  private readonly context: ProgramContext;
  private readonly featureCount: number;

  constructor(tf: Tfjs, spec: SessionSpec) {
    if (spec.precision === 'bf16' || spec.forwardPrecision === 'bf16')
      throw new AppError(
        'usage',
        'bf16 needs TensorFlow (the cpu or cuda tier); WebAssembly computes in fp32. Use --precision fp32, or see `npm run doctor`.',
      );
    this.tf = tf;
    this.spec = spec;
    this.kernels = new TfjsKernels(tf);
    const { parameters, featureCount } = summariseNetwork(spec.architecture);
    this.featureCount = featureCount;
    checkSpec(spec);
    checkWeights(parameters, spec.weights);
    for (const { name, shape, trainable } of parameters)
      this.variables.set(name, {
        name,
        shape,
        value: this.upload(shape, valueFor(name, shape, spec.weights)),
        velocity: trainable ? tf.zeros([...shape]) : null,
      });
    this.context = {
      network: networkOf(spec.architecture),
      variables: this.variables,
      normalisation: spec.normalisation,
    };
  }

  async trainStep(batch: TrainingBatch): Promise<StepResult> {
    const { architecture, objective, sgd } = this.spec;
    const { classes } = architecture;
    checkBatch(batch, objective, architecture);
    const { tf } = this;
    const inputs = {
      pixels: this.pixels(batch.pixels, batch.count + (batch.outlierCount ?? 0)),
      labels: this.wrap(tf.tensor2d(targetsOf(batch, classes), [batch.count, classes])),
      learningRate: this.wrap(tf.scalar(batch.learningRate)),
      dropoutSeed: this.wrap(tf.tensor1d(Int32Array.from(batch.dropoutSeed), 'int32')),
      scalars: new Map(
        objective.scalars.map((name) => [name, this.wrap(tf.scalar(batch.scalars[name]!))]),
      ),
    };
    const step = trainingStep(this.kernels, this.context, objective, sgd, inputs);
    const values = await Promise.all(step.terms.map((term) => this.take(term)));
    const logits = await this.take(step.logits);
    const { pixels, labels, learningRate, dropoutSeed, scalars } = inputs;
    this.kernels.free(pixels, labels, learningRate, dropoutSeed, ...scalars.values());
    const scalarValues = values.map((value) => value[0]!);
    const { terms, loss } = weightedLoss(objective, scalarValues, batch.scalars);
    return { loss, terms, correct: countCorrect(logits, batch.labels, classes) };
  }

  async forward(
    pixels: Uint8Array,
    count: number,
    options: ForwardOptions = {},
  ): Promise<ForwardResult> {
    const { featureLimit, featureMask, stages = false } = options;
    checkForwardOptions(options, this.featureCount);
    return this.forwardWith(pixels, count, (image, own) =>
      forwardPass(this.kernels, this.context, image, {
        stages,
        ...(featureLimit === undefined ? {} : { limit: own(this.tf.scalar(featureLimit)) }),
        ...(featureMask ? { mask: own(this.tf.tensor1d(featureMask)) } : {}),
      }),
    );
  }

  async featureMaps(pixels: Uint8Array, count: number): Promise<FeatureMaps> {
    checkPixels(pixels, count, this.spec.architecture.inputSize);
    const input = this.pixels(pixels, count);
    const pass = featureMapPass(this.kernels, this.context, input);
    this.kernels.free(input);
    const logits = await this.take(pass.logits);
    const features = await this.take(pass.features);
    return featureMapsOf({ logits, features }, await this.take(pass.map));
  }

  async featureMapGradient(pixels: Uint8Array, count: number): Promise<Float32Array> {
    checkPixels(pixels, count, this.spec.architecture.inputSize);
    const input = this.pixels(pixels, count);
    const { gradient } = featureMapGradient(this.kernels, this.context, input);
    this.kernels.free(input);
    return this.take(gradient);
  }

  async inputGradient(
    pixels: Uint8Array,
    count: number,
    { score, temperature }: InputGradientOptions,
  ): Promise<Float32Array> {
    checkPerturbation({ temperature, epsilon: 0 });
    checkPixels(pixels, count, this.spec.architecture.inputSize);
    const input = this.pixels(pixels, count);
    const inverse = this.wrap(this.tf.scalar(1 / temperature));
    const result = inputGradient(this.kernels, this.context, input, score, inverse);
    this.kernels.free(input, inverse, result.image);
    return this.take(result.gradient);
  }

  async forwardPerturbed(
    pixels: Uint8Array,
    count: number,
    options: PerturbationOptions,
  ): Promise<ForwardResult> {
    checkPerturbation(options);
    const { temperature, epsilon } = options;
    const step = this.spec.normalisation.std.map((deviation) => epsilon / deviation);
    return this.forwardWith(pixels, count, (image, own) =>
      perturbedForward(
        this.kernels,
        this.context,
        image,
        own(this.tf.scalar(1 / temperature)),
        own(this.tf.tensor1d(step)),
      ),
    );
  }

  async batchStatistics(
    pixels: Uint8Array,
    count: number,
  ): Promise<ReadonlyMap<string, Float32Array>> {
    checkPixels(pixels, count, this.spec.architecture.inputSize);
    const input = this.pixels(pixels, count);
    const statistics = batchStatistics(this.kernels, this.context, input);
    this.kernels.free(input);
    const values = new Map<string, Float32Array>();
    for (const { name, value } of statistics) values.set(name, await this.take(value));
    return values;
  }

  private async forwardWith(
    pixels: Uint8Array,
    count: number,
    program: (
      image: TfjsTensor,
      own: (value: tfjs.Tensor) => TfjsTensor,
    ) => PassOutputs<TfjsTensor>,
  ): Promise<ForwardResult> {
    checkPixels(pixels, count, this.spec.architecture.inputSize);
    const inputs = [this.pixels(pixels, count)];
    const own = (value: tfjs.Tensor): TfjsTensor => {
      const tensor = this.wrap(value);
      inputs.push(tensor);
      return tensor;
    };
    const pass = program(inputs[0]!, own);
    this.kernels.free(...inputs);
    const parts = await Promise.all(pass.stages.map((stage) => this.take(stage)));
    return {
      logits: await this.take(pass.logits),
      features: await this.take(pass.features),
      ...(parts.length > 0 ? { stages: joinColumns(parts, count) } : {}),
    };
  }

  readWeights(): Map<string, HostTensor> {
    return this.readAll(({ value }) => value);
  }

  readVelocities(): Map<string, HostTensor> {
    return this.readAll(({ velocity }) => velocity);
  }

  // WebAssembly computes on this very thread and blocks it by the whole step; reading is the smaller part.
  readPaced(what: 'weights' | 'velocities'): Promise<Map<string, HostTensor>> {
    return Promise.resolve(what === 'weights' ? this.readWeights() : this.readVelocities());
  }

  writeWeights(values: ReadonlyMap<string, HostTensor>): void {
    checkWeights(this.variables.values(), values);
    for (const variable of this.variables.values()) {
      const data = valueFor(variable.name, variable.shape, values);
      variable.value.dispose();
      variable.value = this.upload(variable.shape, data);
    }
  }

  writeVelocities(values: ReadonlyMap<string, HostTensor>): void {
    checkWeights(
      [...this.variables.values()].filter(({ velocity }) => velocity),
      values,
    );
    for (const variable of this.variables.values()) {
      if (!variable.velocity) continue;
      const data = valueFor(variable.name, variable.shape, values);
      variable.velocity.dispose();
      variable.velocity = this.upload(variable.shape, data);
    }
  }

  dispose(): void {
    for (const { value, velocity } of this.variables.values()) {
      value.dispose();
      velocity?.dispose();
    }
    this.variables.clear();
  }

  private pixels(bytes: Uint8Array, count: number): TfjsTensor {
    const { inputSize } = this.spec.architecture;
    // tfjs has no uint8; int32 is what its cast to float32 takes without rounding.
    return this.wrap(
      this.tf.tensor4d(Int32Array.from(bytes), [count, inputSize, inputSize, 3], 'int32'),
    );
  }

  private wrap(value: tfjs.Tensor): TfjsTensor {
    return { shape: value.shape, value };
  }

  private upload(shape: readonly number[], data: Float32Array): tfjs.Tensor {
    return this.tf.tensor(Float32Array.from(data), [...shape], 'float32');
  }

  /** Reads a tensor and frees it. */
  private async take({ value }: TfjsTensor): Promise<Float32Array> {
    const data = Float32Array.from(await value.data());
    value.dispose();
    return data;
  }

  private readAll(of: (variable: TfjsVariable) => tfjs.Tensor | null): Map<string, HostTensor> {
    const values = new Map<string, HostTensor>();
    for (const variable of this.variables.values()) {
      const tensor = of(variable);
      if (tensor)
        values.set(variable.name, {
          shape: variable.shape,
          data: Float32Array.from(tensor.dataSync()),
        });
    }
    return values;
  }
}
