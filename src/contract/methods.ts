/** The one table of methods. The engine serves it, every host and window calls it. */
import type { z } from 'zod';
import { appMethods, hostMethods } from './app.ts';
import { curationMethods } from './curation.ts';
import { datasetMethods } from './datasets.ts';
import { experimentMethods } from './experiments.ts';
import { reportMethods } from './reports.ts';
import { robustnessMethods } from './robustness.ts';
import { scoreMethods } from './scores.ts';
import { trainingMethods } from './training.ts';

/** What a window may call. */
export const windowContract = {
  ...appMethods,
  ...datasetMethods,
  ...trainingMethods,
  ...experimentMethods,
  ...scoreMethods,
  ...curationMethods,
  ...reportMethods,
  ...robustnessMethods,
};
export type WindowContract = typeof windowContract;

/** What the host process may call: everything. */
export const hostContract = { ...windowContract, ...hostMethods };
export type HostContract = typeof hostContract;

/** What a caller passes: defaults may be left out. */
export type Params<M extends { params: z.ZodType }> = z.input<M['params']>;
/** What a handler receives: defaults filled in. */
export type Received<M extends { params: z.ZodType }> = z.output<M['params']>;
export type Result<M extends { result: z.ZodType }> = z.output<M['result']>;
export type EventOf<M> = M extends { event: infer E extends z.ZodType } ? z.output<E> : never;
