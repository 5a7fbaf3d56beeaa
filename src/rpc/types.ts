/** Types that the contract's schemas become at either end. */
import type { z } from 'zod';
import type { Contract, JobMethod, Method } from '../contract/method.ts';

type Leaf =
  string | number | bigint | boolean | symbol | null | undefined | ArrayBufferView | Error;

/** Values are handed over, never changed in place, so readonly data may be passed and returned. */
export type DeepReadonly<T> = T extends Leaf
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
