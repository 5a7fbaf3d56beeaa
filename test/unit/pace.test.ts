import { expect, it } from 'vitest';
import { Pacer } from '../../src/core/pace.ts';

it('long work in small pieces lets others have their turn', async () => {
  let turns = 0;
  const others = (): void => {
    if (++turns < 3) setImmediate(others);
  };
  setImmediate(others);
  const pacer = new Pacer();
  // Work without pauses would never see a turn, however long it takes.
  const startMs = performance.now();
  while (turns < 3 && performance.now() - startMs < 10_000) await pacer.pause();
  expect(turns).toBe(3);
});
