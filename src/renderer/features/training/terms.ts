/** Terms of the loss over a run, from its steps. */
import type { EpochRecord } from '../../../contract/training.ts';
import type { StepPoint } from './use-run.ts';

type Point = readonly [epoch: number, value: number];

/** Every step's value of a term, at its share of the epochs. */
export const termPoints = (
  steps: readonly StepPoint[],
  name: string,
  stepsPerEpoch: number,
): Point[] =>
  steps.flatMap(({ step, terms }) => {
    const value = terms[name];
    return value === undefined ? [] : [[step / stepsPerEpoch, value] as const];
  });

/** Mean over the steps that are known of each finished epoch; an epoch without any is left out. */
export const termMeans = (points: readonly Point[], epochs: readonly EpochRecord[]): Point[] =>
  epochs.flatMap(({ epoch }) => {
    const own = points.filter(([at]) => at > epoch - 1 && at <= epoch);
    const sum = own.reduce((total, [, value]) => total + value, 0);
    return own.length === 0 ? [] : [[epoch, sum / own.length] as const];
  });
