/** Variables in TensorFlow's resource manager. */
import type { Parameter } from '../../model/layers.ts';
import { Pacer } from '../../pace.ts';
import type { HostTensor } from '../host-tensor.ts';
import { checkWeights, valueFor } from '../weights.ts';
import { attribute, DataType, type NativeBinding } from './binding.ts';
import { EagerExecutor, type NativeTensor, type NativeVariable } from './executor.ts';

const float32 = attribute.type('dtype', DataType.float32);

/** Which of a variable's two arrays is meant. */
export type VariableRole = 'value' | 'velocity';

/** A network's variables; names are made unique in TensorFlow by a prefix. */
export class NativeVariables {
  readonly byName: ReadonlyMap<string, NativeVariable>;
  private readonly binding: NativeBinding;
  private readonly eager: EagerExecutor;

  /** Creates them without values; velocities are zero. */
  constructor(binding: NativeBinding, parameters: readonly Parameter[], prefix: string) {
    this.binding = binding;
    this.eager = new EagerExecutor(binding);
    const byName = new Map<string, NativeVariable>();
    for (const { name, shape, trainable } of parameters) {
      const handle = this.makeHandle(`${prefix}/${name}/value`, shape);
      const velocity = trainable ? this.makeHandle(`${prefix}/${name}/velocity`, shape) : null;
      if (velocity)
        this.assign(velocity, shape, new Float32Array(shape.reduce((a, b) => a * b, 1)));
      byName.set(name, { name, shape, handle, velocity });
    }
    this.byName = byName;
  }

  read(role: VariableRole): Map<string, HostTensor> {
    return new Map(this.readEach(role));
  }

  async readPaced(role: VariableRole): Promise<Map<string, HostTensor>> {
    const values = new Map<string, HostTensor>();
    const pacer = new Pacer();
    for (const [name, value] of this.readEach(role)) {
      values.set(name, value);
      await pacer.pause();
    }
    return values;
  }

  private *readEach(role: VariableRole): Generator<[name: string, value: HostTensor]> {
    for (const { name, shape, handle, velocity } of this.byName.values()) {
      const resource = role === 'value' ? handle : velocity;
      if (!resource) continue;
      const spec = { shape, dtype: DataType.float32 };
      const [value] = this.eager.execute('ReadVariableOp', [float32], [resource], [spec]);
      const data = this.binding.tensorDataSync(value!.ref as number) as Float32Array;
      this.eager.free(value!);
      yield [name, { shape, data }];
    }
  }

  /** @throws AppError `invalid-model` when a value is missing or has another shape */
  write(role: VariableRole, values: ReadonlyMap<string, HostTensor>): void {
    const wanted = [...this.byName.values()].filter((v) => role === 'value' || v.velocity);
    checkWeights(wanted, values);
    for (const { name, shape, handle, velocity } of wanted) {
      const resource = role === 'value' ? handle : velocity;
      if (resource) this.assign(resource, shape, valueFor(name, shape, values));
    }
  }

  dispose(): void {
    for (const { handle, velocity } of this.byName.values())
      for (const resource of velocity ? [handle, velocity] : [handle]) {
        this.eager.execute('DestroyResourceOp', [], [resource], []);
        this.eager.free(resource);
      }
  }

  private makeHandle(sharedName: string, shape: readonly number[]): NativeTensor {
    const attributes = [
      float32,
      attribute.shape('shape', shape),
      attribute.string('shared_name', sharedName),
      attribute.string('container', ''),
    ];
    const spec = { shape: [], dtype: DataType.resource };
    return this.eager.execute('VarHandleOp', attributes, [], [spec])[0]!;
  }

  private assign(handle: NativeTensor, shape: readonly number[], data: Float32Array): void {
    const value = this.eager.constant(shape, DataType.float32, data);
    this.eager.execute('AssignVariableOp', [float32], [handle, value], []);
    this.eager.free(value);
  }
}
