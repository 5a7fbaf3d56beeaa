/** Types that the contract's schemas become at either end. */
import type { z } from 'zod';
import type { Contract, JobMethod, Method } from '../contract/method.ts';

/** Whatever memory a column lies in: what is sent is a copy. */
type Column<T extends ArrayBufferView> = T extends Uint8Array
  ? Uint8Array
  : T extends Uint16Array
    ? Uint16Array
    : T extends Uint32Array
      ? Uint32Array
      : T extends Int32Array
        ? Int32Array
        : T extends Float32Array
          ? Float32Array
          : T extends Float64Array
            ? Float64Array
            : T;

type Leaf = string | number | bigint | boolean | symbol | null | undefined | Error;

/** Values are handed over, never changed in place, so readonly data may be passed and returned. */
export type DeepReadonly<T> = T extends ArrayBufferView
  ? Column<T>
  : T extends Leaf
    ? T
    : T extends readonly (infer Item)[]
      ? readonly DeepReadonly<Item>[]
      : T extends object
        ? { readonly [K in keyof T]: DeepReadonly<T[K]> }
        : T;

/** What a caller passes: defaults may be left out. */
export type ParamsOf<M extends Method> = DeepReadonly<z.input<M['params']>>;
/** What a handler receives: defaults filled in. */
export type ReceivedOf<M extends Method> = z.output<M['params']>;
export type ResultOf<M extends Method> = z.output<M['result']>;
export type EventOf<M extends Method> = M extends JobMethod ? z.output<M['event']> : never;

export type CallName<C extends Contract> = {
  [K in keyof C]: C[K]['kind'] extends 'call' ? K : never;
}[keyof C] &
  string;
export type JobName<C extends Contract> = {
  [K in keyof C]: C[K]['kind'] extends 'job' ? K : never;
}[keyof C] &
  string;
