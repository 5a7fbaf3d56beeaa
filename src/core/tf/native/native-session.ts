/** A session whose training step and forward pass are one TensorFlow function each. */
import { networkOf, summariseNetwork, type NetworkSummary } from '../../model/architecture.ts';
import {
  checkBatch,
  checkForwardOptions,
  checkPerturbation,
  checkPixels,
  checkSpec,
  countCorrect,
  joinColumns,
  joinRows,
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
import { checkWeights } from '../weights.ts';
import { DataType, type HostArray, type NativeBinding } from './binding.ts';
import { CALL_CONFIG } from './call-config.ts';
import { EagerExecutor, type Executor, type NativeTensor, type TensorSpec } from './executor.ts';
import { imagesPerPart } from './forward-parts.ts';
import { NativeKernels } from './native-kernels.ts';
import type { OpDef } from './op-defs.ts';
import { Tracer, type TracedFunction } from './tracer.ts';
import { NativeVariables } from './variables.ts';

/** Function and variable names are global to TensorFlow's context; this keeps sessions apart. */
let serial = 0;

/** Builds a program's outputs on an executor, asking for its inputs in order. */
type Input = (spec: TensorSpec) => NativeTensor;
type Build = (executor: Executor, input: Input) => NativeTensor[];

/** `traced` runs whole functions; `eager` the same program op by op, for debugging and checks. */
export type ExecutionMode = 'traced' | 'eager';

export class NativeSession implements Session {
  private readonly binding: NativeBinding;
  private readonly opDefs: ReadonlyMap<string, OpDef>;
  private readonly spec: SessionSpec;
  private readonly mode: ExecutionMode;
  private readonly context: ProgramContext;
  private readonly summary: NetworkSummary;
  private readonly variables: NativeVariables;
  private readonly functions = new Map<string, TracedFunction>();
  private readonly prefix = `straylight_${serial++}`;
  /** Names of what the statistics program returns; the same for every batch size. */
  private statisticNames: readonly string[] = [];

  constructor(
    binding: NativeBinding,
    opDefs: ReadonlyMap<string, OpDef>,
    spec: SessionSpec,
    mode: ExecutionMode = 'traced',
  ) {
    this.binding = binding;
    this.opDefs = opDefs;
    this.spec = spec;
    this.mode = mode;
    this.summary = summariseNetwork(spec.architecture);
    const { parameters } = this.summary;
    checkSpec(spec);
    checkWeights(parameters, spec.weights);
    this.variables = new NativeVariables(binding, parameters, this.prefix);
    this.context = {
      network: networkOf(spec.architecture),
      variables: this.variables.byName,
      normalisation: spec.normalisation,
    };
    this.writeWeights(spec.weights);
  }

  async trainStep(batch: TrainingBatch): Promise<StepResult> {
    const { architecture, objective, sgd } = this.spec;
    const { classes, inputSize } = architecture;
    checkBatch(batch, objective, architecture);
    const { count, outlierCount = 0 } = batch;
    const { float32, int32, uint8 } = DataType;
    const build: Build = (executor, input) => {
      const inputs = {
        pixels: input({ shape: [count + outlierCount, inputSize, inputSize, 3], dtype: uint8 }),
        labels: input({ shape: [count, classes], dtype: float32 }),
        learningRate: input({ shape: [], dtype: float32 }),
        dropoutSeed: input({ shape: [2], dtype: int32 }),
        scalars: new Map(
          objective.scalars.map((name) => [name, input({ shape: [], dtype: float32 })]),
        ),
      };
      const kernels = new NativeKernels(executor, this.spec.precision);
      const { terms, logits } = trainingStep(kernels, this.context, objective, sgd, inputs);
      return [...terms, logits];
    };
    const key = outlierCount === 0 ? `train_${count}` : `train_${count}_${outlierCount}`;
    const results = await this.run(key, build, [
      batch.pixels,
      targetsOf(batch, classes),
      Float32Array.of(batch.learningRate),
      Int32Array.from(batch.dropoutSeed),
      ...objective.scalars.map((name) => Float32Array.of(batch.scalars[name]!)),
    ]);
    const logits = results.pop() as Float32Array;
    const values = results.map((result) => result[0]!);
    const { terms, loss } = weightedLoss(objective, values, batch.scalars);
    return { loss, terms, correct: countCorrect(logits, batch.labels, classes) };
  }

  async forward(
    pixels: Uint8Array,
    count: number,
    options: ForwardOptions = {},
  ): Promise<ForwardResult> {
    const { featureLimit, featureMask, stages = false } = options;
    checkForwardOptions(options, this.summary.featureCount);
    const limited = featureLimit !== undefined;
    const masked = featureMask !== undefined;
    const key = `forward${limited ? '_limited' : ''}${masked ? '_masked' : ''}${stages ? '_stages' : ''}`;
    return this.forwardWith(
      key,
      pixels,
      count,
      [...(limited ? [Float32Array.of(featureLimit)] : []), ...(masked ? [featureMask] : [])],
      (kernels, image, input) =>
        forwardPass(kernels, this.context, image, {
          stages,
          ...(limited ? { limit: input({ shape: [], dtype: DataType.float32 }) } : {}),
          ...(masked
            ? { mask: input({ shape: [this.summary.featureCount], dtype: DataType.float32 }) }
            : {}),
        }),
    );
  }

  async featureMaps(pixels: Uint8Array, count: number): Promise<FeatureMaps> {
    const { inputSize } = this.spec.architecture;
    checkPixels(pixels, count, inputSize);
    const build: Build = (executor, input) => {
      const kernels = new NativeKernels(executor);
      const pass = featureMapPass(kernels, this.context, this.pixelInput(input, count));
      return [pass.logits, pass.features, pass.map];
    };
    const [logits, features, maps] = (await this.run(`maps_${count}`, build, [pixels])) as Float32Array[]; // prettier-ignore
    return featureMapsOf({ logits: logits!, features: features! }, maps!);
  }

  async featureMapGradient(pixels: Uint8Array, count: number): Promise<Float32Array> {
    checkPixels(pixels, count, this.spec.architecture.inputSize);
    const build: Build = (executor, input) => {
      const kernels = new NativeKernels(executor);
      const image = this.pixelInput(input, count);
      return [featureMapGradient(kernels, this.context, image).gradient];
    };
    const [gradient] = await this.run(`map_gradient_${count}`, build, [pixels]);
    return gradient as Float32Array;
  }

  async inputGradient(
    pixels: Uint8Array,
    count: number,
    { score, temperature }: InputGradientOptions,
  ): Promise<Float32Array> {
    checkPerturbation({ temperature, epsilon: 0 });
    const build: Build = (executor, input) => {
      const image = this.pixelInput(input, count);
      const inverseTemperature = input({ shape: [], dtype: DataType.float32 });
      const kernels = new NativeKernels(executor);
      const result = inputGradient(kernels, this.context, image, score, inverseTemperature);
      kernels.free(result.image);
      return [result.gradient];
    };
    checkPixels(pixels, count, this.spec.architecture.inputSize);
    const data = [pixels, Float32Array.of(1 / temperature)];
    const [gradient] = await this.run(`gradient_${score}_${count}`, build, data);
    return gradient as Float32Array;
  }

  async forwardPerturbed(
    pixels: Uint8Array,
    count: number,
    options: PerturbationOptions,
  ): Promise<ForwardResult> {
    checkPerturbation(options);
    const { temperature, epsilon } = options;
    const { std } = this.spec.normalisation;
    const data = [
      Float32Array.of(1 / temperature),
      Float32Array.from(std, (deviation) => epsilon / deviation),
    ];
    return this.forwardWith('perturbed', pixels, count, data, (kernels, image, input) =>
      perturbedForward(
        kernels,
        this.context,
        image,
        input({ shape: [], dtype: DataType.float32 }),
        input({ shape: [3], dtype: DataType.float32 }),
      ),
    );
  }

  async batchStatistics(
    pixels: Uint8Array,
    count: number,
  ): Promise<ReadonlyMap<string, Float32Array>> {
    checkPixels(pixels, count, this.spec.architecture.inputSize);
    const build: Build = (executor, input) => {
      const kernels = new NativeKernels(executor);
      const image = this.pixelInput(input, count);
      const statistics = batchStatistics(kernels, this.context, image);
      this.statisticNames = statistics.map(({ name }) => name);
      return statistics.map(({ value }) => value);
    };
    const values = await this.run(`statistics_${count}`, build, [pixels]);
    return new Map(this.statisticNames.map((name, i) => [name, values[i] as Float32Array]));
  }

  private pixelInput(input: Input, count: number): NativeTensor {
    const { inputSize } = this.spec.architecture;
    return input({ shape: [count, inputSize, inputSize, 3], dtype: DataType.uint8 });
  }

  private async forwardWith(
    key: string,
    pixels: Uint8Array,
    count: number,
    more: readonly HostArray[],
    program: (
      kernels: NativeKernels,
      image: NativeTensor,
      input: Input,
    ) => PassOutputs<NativeTensor>,
  ): Promise<ForwardResult> {
    const { classes, inputSize } = this.spec.architecture;
    checkPixels(pixels, count, inputSize);
    const { featureCount } = this.summary;
    const logits = new Float32Array(count * classes);
    const features = new Float32Array(count * featureCount);
    const stages: Float32Array[] = [];
    const most = this.binding.isUsingGpuDevice() ? count : imagesPerPart(this.summary, count);
    // The caller may use its buffer again once the call returns, which is before the second part starts.
    const own = most < count ? pixels.slice() : pixels;
    for (let start = 0; start < count; start += most) {
      const images = Math.min(most, count - start);
      const build: Build = (executor, input) => {
        const image = this.pixelInput(input, images);
        const kernels = new NativeKernels(executor, this.spec.forwardPrecision);
        const outputs = program(kernels, image, input);
        return [outputs.logits, outputs.features, ...outputs.stages];
      };
      const bytes = inputSize * inputSize * 3;
      const part = own.subarray(start * bytes, (start + images) * bytes);
      const results = await this.run(`${key}_${images}`, build, [part, ...more]);
      logits.set(results[0] as Float32Array, start * classes);
      features.set(results[1] as Float32Array, start * featureCount);
      if (results.length > 2) stages.push(joinColumns(results.slice(2) as Float32Array[], images));
    }
    return { logits, features, ...(stages.length > 0 ? { stages: joinRows(stages) } : {}) };
  }

  readWeights(): Map<string, HostTensor> {
    return this.variables.read('value');
  }

  readVelocities(): Map<string, HostTensor> {
    return this.variables.read('velocity');
  }

  readPaced(what: 'weights' | 'velocities'): Promise<Map<string, HostTensor>> {
    return this.variables.readPaced(what === 'weights' ? 'value' : 'velocity');
  }

  writeWeights(values: ReadonlyMap<string, HostTensor>): void {
    this.variables.write('value', values);
  }

  writeVelocities(values: ReadonlyMap<string, HostTensor>): void {
    this.variables.write('velocity', values);
  }

  dispose(): void {
    for (const { name } of this.functions.values()) this.binding.removeFunction(name);
    this.functions.clear();
    this.variables.dispose();
  }

  private run(key: string, build: Build, data: readonly HostArray[]): Promise<HostArray[]> {
    return this.mode === 'traced'
      ? this.call(this.traced(key, build), data)
      : Promise.resolve(this.runEagerly(build, data));
  }

  /** Traces and registers a function once per key, which names the program and its batch size. */
  private traced(key: string, build: Build): TracedFunction {
    const known = this.functions.get(key);
    if (known) return known;
    const tracer = new Tracer(`${this.prefix}_${key}`, this.opDefs);
    const traced = tracer.finish(build(tracer, (spec) => tracer.input(spec)));
    this.binding.registerFunction(traced.definition);
    this.functions.set(key, traced);
    return traced;
  }

  private async call(traced: TracedFunction, data: readonly HostArray[]): Promise<HostArray[]> {
    const inputs = traced.inputs.slice();
    const given: number[] = [];
    try {
      traced.explicit.forEach(({ position, spec }, i) => {
        const id = this.binding.tensorFromBytes(spec.shape, spec.dtype, data[i]!);
        inputs[position] = id;
        given.push(id);
      });
      const { name, outputs } = traced;
      const ids = await this.binding.callFunctionAsync(name, CALL_CONFIG, inputs, outputs);
      return Array.from(ids, (id) => this.take(id));
    } finally {
      for (const id of given) this.binding.deleteTensor(id);
    }
  }

  private runEagerly(build: Build, data: readonly HostArray[]): HostArray[] {
    const eager = new EagerExecutor(this.binding);
    const inputs: NativeTensor[] = [];
    const outputs = build(eager, ({ shape, dtype }) => {
      const tensor = eager.constant(shape, dtype, data[inputs.length]!);
      inputs.push(tensor);
      return tensor;
    });
    const results = outputs.map(({ ref }) => this.take(ref as number));
    for (const tensor of inputs) eager.free(tensor);
    return results;
  }

  /** Reads a tensor and frees it. */
  private take(id: number): HostArray {
    const data = this.binding.tensorDataSync(id);
    this.binding.deleteTensor(id);
    return data;
  }
}
