import { describe, expect, it } from 'vitest';
import { architectureOf, summariseNetwork } from '../../../src/core/model/architecture.ts';
import { fromPytorch } from '../../../src/core/model/pytorch-weights.ts';
import type { FloatTensor } from '../../../src/core/model/safetensors.ts';

const architecture = architectureOf('wrn-10-1', { classes: 3, inputSize: 16 });
const { parameters } = summariseNetwork(architecture);

/** Every parameter in PyTorch's layout, filled with its own running number. */
function stored(): Map<string, FloatTensor> {
  return new Map(
    parameters.map(({ name, shape }) => {
      const length = shape.reduce((a, b) => a * b, 1);
      // HWIO -> OIHW, [in, out] -> [out, in]: both are the reversed order of the last two before the rest.
      const turned =
        shape.length === 4 ? [shape[3]!, shape[2]!, shape[0]!, shape[1]!] : [...shape].reverse();
      return [name, { shape: turned, data: Float32Array.from({ length }, (_, i) => i) }];
    }),
  );
}
const renamed = (
  tensors: ReadonlyMap<string, FloatTensor>,
  rename: (name: string) => string,
): Map<string, FloatTensor> => new Map([...tensors].map(([name, t]) => [rename(name), t]));

describe("PyTorch's weights", () => {
  it('become HWIO filters and [in, out] matrices', () => {
    const weights = fromPytorch(architecture, stored());
    const conv = weights.get('conv1.weight')!;
    expect(conv.shape).toEqual([3, 3, 3, 16]);
    // Element (out 5, in 2, row 1, column 0) of the OIHW array 0, 1, 2, …
    const at = ((5 * 3 + 2) * 3 + 1) * 3;
    expect(conv.data[((1 * 3 + 0) * 3 + 2) * 16 + 5]).toBe(at);
    const dense = weights.get('fc.weight')!;
    expect(dense.shape).toEqual([64, 3]);
    expect(dense.data[10 * 3 + 2]).toBe(2 * 64 + 10);
    expect([...weights.keys()].sort()).toEqual(parameters.map(({ name }) => name).sort());
  });

  it.each([
    ['DataParallel', (name: string) => `module.${name}`],
    ['a compiled Lightning module', (name: string) => `model._orig_mod.${name}`],
    ['another name of the last layer', (name: string) => name.replace(/^fc\./, 'linear.')],
  ])('are found under the names of %s', (_, rename) => {
    expect(fromPytorch(architecture, renamed(stored(), rename))).toEqual(
      fromPytorch(architecture, stored()),
    );
  });

  it('counters of batches are left out', () => {
    const tensors = stored();
    tensors.set('bn1.num_batches_tracked', { shape: [], data: Float32Array.of(7) });
    expect(fromPytorch(architecture, tensors).size).toBe(parameters.length);
  });

  it('of another network are refused by name', () => {
    const other = architectureOf('wrn-16-2', { classes: 3, inputSize: 16 });
    expect(() => fromPytorch(other, stored())).toThrow(
      /missing are block1\.layer\.1\.bn1\.weight|does not fit WRN-16-2/,
    );
    const tensors = stored();
    tensors.delete('bn1.bias');
    tensors.set('extra', { shape: [1], data: Float32Array.of(1) });
    expect(() => fromPytorch(architecture, tensors)).toThrow(
      /missing are bn1\.bias; not known are extra/,
    );
  });

  it('of another number of classes are refused with both shapes', () => {
    const ten = architectureOf('wrn-10-1', { classes: 10, inputSize: 16 });
    expect(() => fromPytorch(ten, stored())).toThrow(/"fc\.weight" has the shape \[3, 64\]/);
  });

  it('with a value that is not a number are refused', () => {
    const tensors = stored();
    tensors.get('bn1.weight')!.data[3] = NaN;
    expect(() => fromPytorch(architecture, tensors)).toThrow(/"bn1\.weight" holds a value/);
  });

  it('of nothing are refused', () => {
    expect(() => fromPytorch(architecture, new Map())).toThrow(/missing are .* and \d+ more/);
  });
});
