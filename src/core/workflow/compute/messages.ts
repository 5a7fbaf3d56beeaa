/** What the computing thread and its owner say to each other. */
import type { ErrorCode } from '../../errors.ts';
import type { OperandShape } from '../../linalg/algebra.ts';
import type { TaskName } from './tasks.ts';

export type Values = Float32Array | Float64Array;

/** To the thread. */
export type OwnerMessage =
  | {
      readonly type: 'task';
      readonly name: TaskName;
      readonly input: unknown;
      /** True when the owner multiplies matrices for the thread. */
      readonly algebra: boolean;
    }
  /** The answer to `multiply` or `gram`. */
  | { readonly type: 'product'; readonly call: number; readonly data: Values }
  | { readonly type: 'product-failed'; readonly call: number; readonly message: string };

/** What the thread asks its owner to multiply. */
export type AlgebraMessage =
  | {
      readonly type: 'prepare';
      readonly operand: number;
      readonly b: Values;
      readonly shape: OperandShape;
      readonly transposed: boolean;
    }
  | {
      readonly type: 'multiply';
      readonly call: number;
      readonly operand: number;
      readonly a: Float32Array;
      readonly rows: number;
    }
  | { readonly type: 'dispose' }
  | {
      readonly type: 'gram';
      readonly call: number;
      readonly a: Float32Array;
      readonly rows: number;
      readonly columns: number;
    };

/** From the thread. */
export type TaskMessage =
  | { readonly type: 'progress'; readonly done: number; readonly total: number }
  | { readonly type: 'done'; readonly output: unknown }
  | {
      readonly type: 'failed';
      readonly code: ErrorCode;
      readonly message: string;
      readonly details: Readonly<Record<string, unknown>>;
    }
  | AlgebraMessage;
