/** The functions that a session registers, read back, on a binding that computes nothing. */
import type { NativeBinding } from '../../src/core/tf/native/binding.ts';
import { readFields } from '../../src/core/tf/native/protobuf.ts';

export interface GraphNode {
  readonly name: string;
  readonly op: string;
  /** Names of nodes or arguments, without `:output:0`. */
  readonly inputs: readonly string[];
  /** Data types by attribute name. */
  readonly types: ReadonlyMap<string, number>;
}

export interface Graph {
  readonly name: string;
  readonly nodes: readonly GraphNode[];
  /** Data types of the arguments by name. */
  readonly arguments: ReadonlyMap<string, number>;
}

const text = (value: number | Uint8Array): string => Buffer.from(value as Uint8Array).toString();

function readNode(bytes: Uint8Array): GraphNode {
  let name = '';
  let op = '';
  const inputs: string[] = [];
  const types = new Map<string, number>();
  for (const [field, value] of readFields(bytes)) {
    if (field === 1) name = text(value);
    else if (field === 2) op = text(value);
    else if (field === 3) inputs.push(text(value).replace(/^\^|:.*$/g, ''));
    else if (field === 5) {
      let key = '';
      for (const [part, content] of readFields(value as Uint8Array)) {
        if (part === 1) key = text(content);
        else
          for (const [kind, type] of readFields(content as Uint8Array))
            if (kind === 6) types.set(key, type as number);
      }
    }
  }
  return { name, op, inputs, types };
}

/** @param definition a FunctionDef (tensorflow/core/framework/function.proto) */
export function readGraph(definition: Uint8Array): Graph {
  let name = '';
  const nodes: GraphNode[] = [];
  const types = new Map<string, number>();
  for (const [field, value] of readFields(definition)) {
    if (field === 3) nodes.push(readNode(value as Uint8Array));
    if (field !== 1) continue;
    for (const [part, content] of readFields(value as Uint8Array)) {
      if (part === 1) name = text(content);
      if (part !== 2) continue;
      let argument = '';
      for (const [kind, detail] of readFields(content as Uint8Array)) {
        if (kind === 1) argument = text(detail);
        if (kind === 3) types.set(argument, detail as number);
      }
    }
  }
  return { name, nodes, arguments: types };
}

/** A binding that says it has a GPU, keeps what is registered, and answers with one zero. */
export class RecordingBinding implements NativeBinding {
  readonly TF_Version = 'none';
  readonly graphs: Graph[] = [];
  private readonly live = new Set<number>();
  private nextId = 0;

  isUsingGpuDevice(): boolean {
    return true;
  }

  getNumOfTensors(): number {
    return this.live.size;
  }

  private made(count: number): number[] {
    return Array.from({ length: count }, () => {
      this.live.add(this.nextId);
      return this.nextId++;
    });
  }

  executeOp(
    _name: string,
    _attributes: unknown,
    _inputs: unknown,
    outputs: number,
  ): { readonly id: number; readonly dtype: number; readonly shape: readonly number[] }[] {
    return this.made(outputs).map((id) => ({ id, dtype: 1, shape: [] }));
  }

  deleteTensor(id: number): void {
    if (!this.live.delete(id)) throw new Error(`${id} is not there`);
  }

  tensorDataSync(): Float32Array {
    return new Float32Array(1);
  }

  opList(): Uint8Array {
    return new Uint8Array(0);
  }

  tensorFromBytes(): number {
    return this.made(1)[0]!;
  }

  registerFunction(functionDef: Uint8Array): void {
    this.graphs.push(readGraph(functionDef));
  }

  removeFunction(): void {
    // Nothing was registered but in `graphs`.
  }

  callFunction(_name: string, _config: unknown, _inputs: unknown, outputs: number): Int32Array {
    return Int32Array.from(this.made(outputs));
  }

  callFunctionAsync(
    name: string,
    config: Uint8Array,
    inputs: Int32Array,
    outputs: number,
  ): Promise<Int32Array> {
    return Promise.resolve(this.callFunction(name, config, inputs, outputs));
  }
}
