/** What a window is told of a run whose log was written over several starts. */
import { describe, expect, it } from 'vitest';
import { replay } from '../../../src/engine/training/story.ts';

const started = (resumedAtStep: number) => ({ type: 'run-started', steps: 40, stepsPerEpoch: 10, resumedAtStep }); // prettier-ignore
const step = (n: number) => ({
  type: 'step-finished',
  step: n,
  loss: 1 / n,
  terms: {},
  learningRate: 0.1,
  imagesPerSecond: 100,
});
const record = (epoch: number) => ({
  epoch,
  learningRate: 0.1,
  trainLoss: 1,
  trainAccuracy: 0.5,
  valLoss: 1,
  valAccuracy: epoch / 10,
  featureL1: 1,
  meanEnergy: -1,
});
const epoch = (n: number) => ({ type: 'epoch-finished', ...record(n) });
const told = (events: readonly unknown[]) => replay({ events, cutOff: null, damagedLines: [] });

describe('a log', () => {
  it('tells steps and epochs in order', () => {
    const { standing, events } = told([started(0), step(5), step(10), epoch(1), step(15)]);
    expect(standing).toEqual({ step: 15, steps: 40, epochs: [record(1)] });
    expect(events.map(({ type }) => type)).toEqual(['step', 'step', 'epoch', 'step']);
  });

  it('tells only once what was trained again after a crash', () => {
    // Died at step 25; the newest checkpoint was that of step 15.
    const before = [started(0), step(10), epoch(1), step(20), epoch(2), step(25)];
    const { standing, events } = told([...before, started(15), step(20), epoch(2), step(30)]);
    expect(standing.epochs.map((e) => e.epoch)).toEqual([1, 2]);
    expect(events.map((e) => (e.type === 'step' ? e.step : e.type))).toEqual([
      10,
      'epoch',
      20,
      'epoch',
      30,
    ]);
  });

  it('leaves out lines that another version or a damaged disk wrote', () => {
    const odd = [null, 7, [], { type: 'step-finished' }, { type: 'sang', text: 'la' }, { ...step(3), loss: null }]; // prettier-ignore
    const { standing, events } = told([started(0), ...odd, step(4)]);
    expect(standing.step).toBe(4);
    expect(events).toHaveLength(1);
  });

  it('thins the steps of a long run, but no epoch', () => {
    const long = Array.from({ length: 10_000 }, (_, i) => (i % 100 === 99 ? epoch((i + 1) / 100) : step(i + 1))); // prettier-ignore
    const { events } = told([started(0), ...long]);
    expect(events.filter(({ type }) => type === 'epoch')).toHaveLength(100);
    expect(events.filter(({ type }) => type === 'step').length).toBeLessThanOrEqual(2000);
    expect(events.filter(({ type }) => type === 'step').length).toBeGreaterThan(900);
  });
});
