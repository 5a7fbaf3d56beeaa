/** A session whose training step and forward pass are one TensorFlow function each. */
import { networkOf, summariseNetwork } from '../../model/architecture.ts';
import type { Parameter } from '../../model/layers.ts';
import { checkBatch, checkPixels, countCorrect, oneHot, weightedLoss } from '../batch.ts';
import type { HostTensor } from '../host-tensor.ts';
import { forwardPass, trainingStep, type ProgramContext } from '../programs/programs.ts';
import type { SessionSpec } from '../runtime.ts';
import type { ForwardResult, Session, StepResult, TrainingBatch } from '../session.ts';
import { valueFor } from '../weights.ts';
import { attribute, DataType, type HostArray, type NativeBinding } from './binding.ts';
import { EagerExecutor, type NativeTensor, type NativeVariable } from './executor.ts';
import { NativeKernels } from './native-kernels.ts';
import type { OpDef } from './op-defs.ts';
import { bytesField, intField, message } from './protobuf.ts';
import { Tracer, type TracedFunction } from './tracer.ts';

/** ConfigProto { graph_options { rewrite_options {} } allow_soft_placement }: TensorFlow's own graph rewrites. */
const CALL_CONFIG = message([bytesField(10, bytesField(10, message([]))), intField(7, 1)]);

/** Function and variable names are global to TensorFlow's context; this keeps sessions apart. */
let serial = 0;

export class NativeSession implements Session {
  private readonly binding: NativeBinding;
  private readonly opDefs: ReadonlyMap<string, OpDef>;
  private readonly spec: SessionSpec;
  private readonly context: ProgramContext;
  private readonly eager: EagerExecutor;
  private readonly variables = new Map<string, NativeVariable>();
  private readonly functions = new Map<string, TracedFunction>();
  private readonly prefix = `straylight_${serial++}`;

  constructor(binding: NativeBinding, opDefs: ReadonlyMap<string, OpDef>, spec: SessionSpec) {
    this.binding = binding;
    this.opDefs = opDefs;
    this.spec = spec;
    this.eager = new EagerExecutor(binding);
    const { parameters } = summariseNetwork(spec.architecture);
    for (const parameter of parameters) this.variables.set(parameter.name, this.create(parameter));
    this.context = {
      network: networkOf(spec.architecture),
      variables: this.variables,
      normalisation: spec.normalisation,
    };
    this.writeWeights(spec.weights);
  }

  async trainStep(batch: TrainingBatch): Promise<StepResult> {
    const { architecture, objective } = this.spec;
    const { classes, inputSize } = architecture;
    checkBatch(batch, objective, architecture);
    const { count } = batch;
    const step = this.trainingFunction(count);
    const scalars = objective.scalars.map((name) => batch.scalars[name]!);
    const { float32, int32, uint8 } = DataType;
    const results = await this.call(step, [
      [[count, inputSize, inputSize, 3], uint8, batch.pixels],
      [[count, classes], float32, oneHot(batch.labels, classes)],
      [[], float32, Float32Array.of(batch.learningRate)],
      [[2], int32, Int32Array.from(batch.dropoutSeed)],
      ...scalars.map((value): HostInput => [[], float32, Float32Array.of(value)]),
    ]);
    const logits = results.pop()!;
    const values = results.map((result) => result[0]!);
    const { terms, loss } = weightedLoss(objective, values, batch.scalars);
    return { loss, terms, correct: countCorrect(logits as Float32Array, batch.labels, classes) };
  }

  async forward(pixels: Uint8Array, count: number): Promise<ForwardResult> {
    const { inputSize } = this.spec.architecture;
    checkPixels(pixels, count, inputSize);
    const pass = this.forwardFunction(count);
    const shape = [count, inputSize, inputSize, 3];
    const [logits, features] = await this.call(pass, [[shape, DataType.uint8, pixels]]);
    return { logits: logits as Float32Array, features: features as Float32Array };
  }

  readWeights(): Map<string, HostTensor> {
    return this.readAll(({ handle }) => handle);
  }

  readVelocities(): Map<string, HostTensor> {
    return this.readAll(({ velocity }) => velocity);
  }

  writeWeights(values: ReadonlyMap<string, HostTensor>): void {
    this.writeAll(values, ({ handle }) => handle);
  }

  writeVelocities(values: ReadonlyMap<string, HostTensor>): void {
    this.writeAll(values, ({ velocity }) => velocity);
  }

  dispose(): void {
    for (const { name } of this.functions.values()) this.binding.removeFunction(name);
    this.functions.clear();
    for (const { handle, velocity } of this.variables.values())
      for (const resource of velocity ? [handle, velocity] : [handle]) {
        this.eager.execute('DestroyResourceOp', [], [resource], []);
        this.eager.free(resource);
      }
    this.variables.clear();
  }

  private trainingFunction(count: number): TracedFunction {
    const { objective, sgd, architecture } = this.spec;
    const { classes, inputSize } = architecture;
    return this.traced(`train_${count}`, (tracer) => {
      const { float32, int32, uint8 } = DataType;
      const inputs = {
        pixels: tracer.input({ shape: [count, inputSize, inputSize, 3], dtype: uint8 }),
        labels: tracer.input({ shape: [count, classes], dtype: float32 }),
        learningRate: tracer.input({ shape: [], dtype: float32 }),
        dropoutSeed: tracer.input({ shape: [2], dtype: int32 }),
        scalars: new Map(
          objective.scalars.map((name) => [name, tracer.input({ shape: [], dtype: float32 })]),
        ),
      };
      const kernels = new NativeKernels(tracer);
      const { terms, logits } = trainingStep(kernels, this.context, objective, sgd, inputs);
      return [...terms, logits];
    });
  }

  private forwardFunction(count: number): TracedFunction {
    const { inputSize } = this.spec.architecture;
    return this.traced(`forward_${count}`, (tracer) => {
      const shape = [count, inputSize, inputSize, 3];
      const pixels = tracer.input({ shape, dtype: DataType.uint8 });
      const { logits, features } = forwardPass(new NativeKernels(tracer), this.context, pixels);
      return [logits, features];
    });
  }

  /** Traces and registers a function once per batch size. */
  private traced(key: string, build: (tracer: Tracer) => NativeTensor[]): TracedFunction {
    const known = this.functions.get(key);
    if (known) return known;
    const tracer = new Tracer(`${this.prefix}_${key}`, this.opDefs);
    const traced = tracer.finish(build(tracer));
    this.binding.registerFunction(traced.definition);
    this.functions.set(key, traced);
    return traced;
  }

  private async call(traced: TracedFunction, values: readonly HostInput[]): Promise<HostArray[]> {
    const inputs = traced.inputs.slice();
    const given: number[] = [];
    try {
      traced.explicit.forEach(({ position }, i) => {
        const [shape, dtype, data] = values[i]!;
        given.push((inputs[position] = this.binding.tensorFromBytes(shape, dtype, data)));
      });
      const ids = await this.binding.callFunctionAsync(
        traced.name,
        CALL_CONFIG,
        inputs,
        traced.outputs,
      );
      const results = Array.from(ids, (id) => this.binding.tensorDataSync(id));
      for (const id of ids) this.binding.deleteTensor(id);
      return results;
    } finally {
      for (const id of given) this.binding.deleteTensor(id);
    }
  }

  private create({ name, shape, trainable }: Parameter): NativeVariable {
    const makeHandle = (role: string): NativeTensor => {
      const [handle] = this.eager.execute(
        'VarHandleOp',
        [
          attribute.type('dtype', DataType.float32),
          attribute.shape('shape', shape),
          attribute.string('shared_name', `${this.prefix}/${name}/${role}`),
          attribute.string('container', ''),
        ],
        [],
        [{ shape: [], dtype: DataType.resource }],
      );
      return handle!;
    };
    const size = shape.reduce((a, b) => a * b, 1);
    const variable = {
      name,
      shape,
      handle: makeHandle('value'),
      velocity: trainable ? makeHandle('velocity') : null,
    };
    if (variable.velocity) this.assign(variable.velocity, shape, new Float32Array(size));
    return variable;
  }

  private assign(handle: NativeTensor, shape: readonly number[], data: Float32Array): void {
    const value = this.eager.constant(shape, DataType.float32, data);
    const dtype = attribute.type('dtype', DataType.float32);
    this.eager.execute('AssignVariableOp', [dtype], [handle, value], []);
    this.eager.free(value);
  }

  private readAll(of: (variable: NativeVariable) => NativeTensor | null): Map<string, HostTensor> {
    const values = new Map<string, HostTensor>();
    for (const variable of this.variables.values()) {
      const handle = of(variable);
      if (!handle) continue;
      const [value] = this.eager.execute(
        'ReadVariableOp',
        [attribute.type('dtype', DataType.float32)],
        [handle],
        [{ shape: variable.shape, dtype: DataType.float32 }],
      );
      const data = this.binding.tensorDataSync(value!.ref as number) as Float32Array;
      this.eager.free(value!);
      values.set(variable.name, { shape: variable.shape, data });
    }
    return values;
  }

  private writeAll(
    values: ReadonlyMap<string, HostTensor>,
    to: (variable: NativeVariable) => NativeTensor | null,
  ): void {
    for (const variable of this.variables.values()) {
      const handle = to(variable);
      if (!handle) continue;
      this.assign(handle, variable.shape, valueFor(variable.name, variable.shape, values));
    }
  }
}

type HostInput = readonly [
  shape: readonly number[],
  dtype: (typeof DataType)[keyof typeof DataType],
  data: HostArray,
];
