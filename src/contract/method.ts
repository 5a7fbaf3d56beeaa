/** What a method of the contract is. The tables of methods are in `methods.ts`. */
import { z } from 'zod';

// Compiling validators with `new Function` would break the window's content security policy.
z.config({ jitless: true });

/** Request and reply. */
export interface CallMethod<
  Params extends z.ZodType = z.ZodType,
  Result extends z.ZodType = z.ZodType,
> {
  readonly kind: 'call';
  readonly params: Params;
  readonly result: Result;
}

/** Request, any number of events, result. Can be cancelled. */
export interface JobMethod<
  Params extends z.ZodType = z.ZodType,
  Event extends z.ZodType = z.ZodType,
  Result extends z.ZodType = z.ZodType,
> {
  readonly kind: 'job';
  readonly params: Params;
  readonly event: Event;
  readonly result: Result;
}

export type Method = CallMethod | JobMethod;
/** Method names to methods. */
export type Contract = Readonly<Record<string, Method>>;

export const call = <Params extends z.ZodType, Result extends z.ZodType>(
  params: Params,
  result: Result,
): CallMethod<Params, Result> => ({ kind: 'call', params, result });

export const job = <Params extends z.ZodType, Event extends z.ZodType, Result extends z.ZodType>(
  params: Params,
  event: Event,
  result: Result,
): JobMethod<Params, Event, Result> => ({ kind: 'job', params, event, result });

/** Params of methods that take none. */
export const nothing = z.strictObject({});
/** Result of methods that answer only by succeeding. */
export const done = z.null();
