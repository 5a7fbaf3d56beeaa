import { describe, expect, it } from 'vitest';
import { speedOf } from '../../../src/engine/training/estimate.ts';

const wanted = {
  tier: 'cpu',
  network: 'WRN-16-2',
  inputSize: 32,
  batchSize: 128,
  precision: 'fp32',
};
const seen = { ...wanted, imagesPerSecond: 300, multiplyAdds: 100e6 };

describe('the speed that an estimate goes by', () => {
  it('is the one seen for the same network, input, batch and precision on the same tier', () => {
    expect(speedOf([seen], 100e6, wanted)).toEqual({
      basis: 'measured-here',
      imagesPerSecond: 300,
    });
  });

  it('else follows from the most similar run: half the multiply-adds, twice the speed', () => {
    const far = { ...seen, network: 'WRN-28-10', imagesPerSecond: 5, multiplyAdds: 5000e6 };
    const other = { ...wanted, network: 'WRN-10-1' };
    expect(speedOf([far, seen], 50e6, other)).toEqual({
      basis: 'similar-run',
      imagesPerSecond: 600,
    });
  });

  it('is never that of another tier', () => {
    const unknown = { basis: 'unknown', imagesPerSecond: null };
    expect(speedOf([seen], 100e6, { ...wanted, tier: 'cuda' })).toEqual(unknown);
    expect(speedOf([], 100e6, wanted)).toEqual(unknown);
  });
});
