import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { watchParent } from '../../../src/engine/watch-parent.ts';

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

it('calls back once, within five seconds, when another process has become the parent', () => {
  let parent = 100;
  const onGone = vi.fn();
  watchParent(onGone, () => parent);
  vi.advanceTimersByTime(60_000);
  expect(onGone).not.toHaveBeenCalled();
  parent = 1;
  vi.advanceTimersByTime(5000);
  expect(onGone).toHaveBeenCalledTimes(1);
  vi.advanceTimersByTime(60_000);
  expect(onGone).toHaveBeenCalledTimes(1);
});

it('does not call back once it was stopped', () => {
  let parent = 100;
  const onGone = vi.fn();
  const stop = watchParent(onGone, () => parent);
  stop();
  parent = 1;
  vi.advanceTimersByTime(60_000);
  expect(onGone).not.toHaveBeenCalled();
});
