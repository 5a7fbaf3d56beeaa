/** Where native kernels send their ops: straight to TensorFlow, or into a function being traced. */
import type { Shape, Variable } from '../kernels.ts';
import {
  attribute,
  type Attribute,
  type DataTypeId,
  type HostArray,
  type NativeBinding,
} from './binding.ts';

/** A tensor of the native tiers: an id in the addon's handle table, or a symbol of a traced function. */
export interface NativeTensor {
  readonly shape: Shape;
  readonly dtype: DataTypeId;
  readonly ref: number | string;
}

export interface TensorSpec {
  readonly shape: Shape;
  readonly dtype: DataTypeId;
}

/** A variable in TensorFlow's resource manager, with its momentum buffer when it is trained. */
export interface NativeVariable extends Variable {
  readonly handle: NativeTensor;
  readonly velocity: NativeTensor | null;
}

export interface Executor {
  execute(
    op: string,
    attributes: readonly Attribute[],
    inputs: readonly NativeTensor[],
    outputs: readonly TensorSpec[],
  ): NativeTensor[];
  constant(shape: Shape, dtype: DataTypeId, data: HostArray): NativeTensor;
  /** The variable (or its velocity) as an input of ops. */
  resource(handle: NativeTensor, variableShape: Shape): NativeTensor;
  share(x: NativeTensor): NativeTensor;
  free(x: NativeTensor): void;
}

/** Runs each op at once. For debugging and for the gradient checks; training uses traced functions. */
export class EagerExecutor implements Executor {
  private readonly binding: NativeBinding;

  constructor(binding: NativeBinding) {
    this.binding = binding;
  }

  execute(
    op: string,
    attributes: readonly Attribute[],
    inputs: readonly NativeTensor[],
    outputs: readonly TensorSpec[],
  ): NativeTensor[] {
    const results = this.binding.executeOp(
      op,
      attributes,
      inputs.map((x) => x.ref as number),
      outputs.length,
    );
    return outputs.map((spec, i) => ({ ...spec, ref: results[i]!.id }));
  }

  constant(shape: Shape, dtype: DataTypeId, data: HostArray): NativeTensor {
    return { shape, dtype, ref: this.binding.tensorFromBytes(shape, dtype, data) };
  }

  resource(handle: NativeTensor): NativeTensor {
    return handle;
  }

  share(x: NativeTensor): NativeTensor {
    return this.execute('Identity', [attribute.type('T', x.dtype)], [x], [x])[0]!;
  }

  free(x: NativeTensor): void {
    this.binding.deleteTensor(x.ref as number);
  }
}
