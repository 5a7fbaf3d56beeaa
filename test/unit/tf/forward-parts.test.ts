import { describe, expect, it } from 'vitest';
import { architectureOf, summariseNetwork } from '../../../src/core/model/architecture.ts';
import { imagesPerPart } from '../../../src/core/tf/native/forward-parts.ts';

/** Expected sizes are those that were fastest when measured: see docs/benchmarks.md. */
describe('parts of a forward pass', () => {
  const partsOf = (network: string, count: number): number =>
    imagesPerPart(summariseNetwork(architectureOf(network, { classes: 10, inputSize: 32 })), count);

  it('are small for wide activations and few weights', () => {
    expect(partsOf('wrn-40-2', 128)).toBe(32);
    expect(partsOf('resnet-20', 128)).toBe(32);
  });

  it('are the whole where weights outweigh activations', () =>
    expect(partsOf('resnet-18', 128)).toBe(128));

  it.each([1, 31, 63])('are the whole for %i images', (count) =>
    expect(partsOf('wrn-40-2', count)).toBe(count),
  );
});
