import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { AppError } from '../../../src/core/errors.ts';
import {
  decodeSafetensors,
  encodeSafetensors,
  encodeSafetensorsPaced,
} from '../../../src/core/model/safetensors.ts';

const golden = new URL('../../../../shared/golden/resnet20.safetensors', import.meta.url);
const python = new URL('../../fixtures/safetensors/python-0.8.0.safetensors', import.meta.url);

/** A file put together by hand, so that a broken one can be made. */
function file(header: unknown, dataBytes: number, raw = false): Uint8Array {
  const text = new TextEncoder().encode(raw ? (header as string) : JSON.stringify(header));
  const bytes = new Uint8Array(8 + text.length + dataBytes);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(text.length), true);
  bytes.set(text, 8);
  return bytes;
}

const f32 = (shape: unknown, begin: number, end: number): unknown => ({
  dtype: 'F32',
  shape,
  data_offsets: [begin, end],
});

function refusal(bytes: Uint8Array): AppError {
  try {
    decodeSafetensors(bytes, 'weights.safetensors');
  } catch (error) {
    if (error instanceof AppError) return error;
    throw error;
  }
  throw new Error('was accepted');
}

describe('encodeSafetensors', () => {
  it('writes the layout of the format: length, JSON padded to 8 bytes, data in name order', () => {
    const bytes = encodeSafetensors(
      new Map([
        ['b', { shape: [2], data: new Float32Array([1, -2]) }],
        ['a', { shape: [], data: new Float32Array([0.5]) }],
      ]),
      { z: '1', k: '2' },
    );
    const length = Number(new DataView(bytes.buffer).getBigUint64(0, true));
    expect(length % 8).toBe(0);
    const text = new TextDecoder().decode(bytes.subarray(8, 8 + length));
    expect(text.trimEnd()).toBe(
      '{"__metadata__":{"k":"2","z":"1"},' +
        '"a":{"dtype":"F32","shape":[],"data_offsets":[0,4]},' +
        '"b":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}}',
    );
    // 0.5, 1 and -2 as IEEE 754 binary32, little-endian.
    expect([...bytes.subarray(8 + length)]).toEqual([
      0, 0, 0, 0x3f, 0, 0, 0x80, 0x3f, 0, 0, 0, 0xc0,
    ]);
  });

  it('gives the same bytes whatever the order of insertion', () => {
    const x = { shape: [1], data: new Float32Array([1]) };
    const y = { shape: [1], data: new Float32Array([2]) };
    const one = encodeSafetensors(new Map([['x', x], ['y', y], ['10', y]]), { a: '1', 2: '2' }); // prettier-ignore
    const two = encodeSafetensors(new Map([['10', y], ['y', y], ['x', x]]), { 2: '2', a: '1' }); // prettier-ignore
    expect(one).toEqual(two);
  });

  it('gives the same bytes over many turns as at once', async () => {
    const data = Float32Array.from({ length: 1000 }, (_, i) => i / 7);
    const tensors = new Map(
      Array.from({ length: 20 }, (_, i) => [`t${i}`, { shape: [50], data: data.subarray(i * 50, i * 50 + 50) }]), // prettier-ignore
    );
    const metadata = { a: 'b' };
    const paced = await encodeSafetensorsPaced(tensors, metadata);
    expect(Buffer.compare(paced, encodeSafetensors(tensors, metadata))).toBe(0);
  });

  it('writes the values of a view into a larger buffer, not the buffer', () => {
    const data = new Float32Array([9, 1, 2, 9]).subarray(1, 3);
    const { tensors } = decodeSafetensors(
      encodeSafetensors(new Map([['v', { shape: [2], data }]])),
    );
    expect(tensors.get('v')?.data).toEqual(new Float32Array([1, 2]));
  });

  it.each(['__metadata__', '__proto__'])('refuses the reserved name %s', (name) => {
    const tensor = { shape: [1], data: new Float32Array(1) };
    expect(() => encodeSafetensors(new Map([[name, tensor]]))).toThrow('reserved');
  });

  it('refuses a shape that does not fit the data', () => {
    const tensor = { shape: [2, 2], data: new Float32Array(3) };
    expect(() => encodeSafetensors(new Map([['w', tensor]]))).toThrow('does not fit its 3 values');
  });
});

describe('decodeSafetensors', () => {
  it('gives back every bit that was encoded, NaN, -0 and subnormals included', () => {
    const data = new Float32Array([NaN, -0, 1e-45, -Infinity, Math.PI, 3.4028234663852886e38]);
    const decoded = decodeSafetensors(
      encodeSafetensors(new Map([['block.0.weight', { shape: [3, 2], data }]]), { made: 'ü "x"' }),
    );
    expect(decoded.tensors.get('block.0.weight')).toEqual({ shape: [3, 2], data });
    expect(decoded.metadata).toEqual({ made: 'ü "x"' });
  });

  it('reads an empty file of tensors', () => {
    expect(decodeSafetensors(encodeSafetensors(new Map())).tensors.size).toBe(0);
  });

  it('reads what the Python package wrote: F32, F16, BF16, I64, U8, a scalar, an empty tensor', () => {
    const { tensors, integers, metadata } = decodeSafetensors(readFileSync(python));
    expect(metadata).toEqual({ format: 'pt', note: 'written by safetensors 0.8.0' });
    expect(tensors.get('block.f32')).toEqual({
      shape: [2, 3],
      data: new Float32Array([0, -0, 1.5, 3.4028234663852886e38, 1e-45, -2.25]),
    });
    // numpy: float16(6e-8) is the smallest subnormal 2^-24, float16(6.1e-5) = 1023 * 2^-24.
    expect(tensors.get('half')?.data).toEqual(
      new Float32Array([1.5, -2, 65504, 2 ** -24, Infinity, -Infinity, NaN, 1023 * 2 ** -24]),
    );
    // bfloat16 3f80, c0a0, 7f80, 0080.
    expect(tensors.get('brain')?.data).toEqual(new Float32Array([1, -5, Infinity, 2 ** -126]));
    expect(tensors.get('scalar')).toEqual({ shape: [], data: new Float32Array([7.5]) });
    expect(tensors.get('empty')).toEqual({ shape: [0, 3], data: new Float32Array() });
    expect(tensors.get('naïve ü')?.data).toEqual(new Float32Array([1]));
    expect(integers.get('count')?.data).toEqual(new BigInt64Array([-1n, 2n ** 53n + 1n]));
    expect(integers.get('mask')?.data).toEqual(new Uint8Array([0, 255]));
    expect(tensors.size + integers.size).toBe(8);
  });

  it.skipIf(!existsSync(golden))(
    'reads ../shared/golden/resnet20.safetensors with the names and shapes of ResNet-20',
    () => {
      const expected: Record<string, number[]> = {
        'conv1.weight': [16, 3, 3, 3],
        'linear.weight': [10, 64],
        'linear.bias': [10],
      };
      const norm = (name: string, channels: number): void => {
        for (const part of ['weight', 'bias', 'running_mean', 'running_var']) {
          expected[`${name}.${part}`] = [channels];
        }
      };
      norm('bn1', 16);
      for (const [stage, planes] of [16, 32, 64].entries()) {
        for (const block of [0, 1, 2]) {
          const name = `layer${stage + 1}.${block}`;
          const inputs = block === 0 && stage > 0 ? planes / 2 : planes;
          expected[`${name}.conv1.weight`] = [planes, inputs, 3, 3];
          expected[`${name}.conv2.weight`] = [planes, planes, 3, 3];
          norm(`${name}.bn1`, planes);
          norm(`${name}.bn2`, planes);
        }
      }
      const { tensors } = decodeSafetensors(readFileSync(golden));
      const shapes = Object.fromEntries([...tensors].map(([name, { shape }]) => [name, shape]));
      expect(shapes).toEqual(expected);
      for (const { data } of tensors.values()) expect(data.every(Number.isFinite)).toBe(true);
    },
  );
});

// A model file may come from anywhere: each rule of the format has a file that breaks only it.
describe('decodeSafetensors refuses', () => {
  const cases: [string, Uint8Array, string][] = [
    ['nothing', new Uint8Array(), 'only 0 bytes'],
    ['7 bytes', new Uint8Array(7), 'only 7 bytes'],
    ['no JSON', file('nope', 0, true), 'not UTF-8 JSON'],
    ['a header of length 0', file('', 0, true), 'not UTF-8 JSON'],
    ['an array', file([], 0), 'not a JSON object'],
    ['a header after white space', file(' {}', 0, true), 'not a JSON object'],
    ['a byte order mark', file('\ufeff{}', 0, true), 'not UTF-8 JSON'],
    ['overlap', file({ a: f32([2], 0, 8), b: f32([1], 4, 8) }, 8), 'overlaps'],
    ['a gap', file({ a: f32([1], 0, 4), b: f32([1], 8, 12) }, 12), 'gap before tensor "b"'],
    ['a first tensor not at 0', file({ a: f32([1], 4, 8) }, 8), 'gap before tensor "a"'],
    ['offsets out of range', file({ a: f32([4], 0, 16) }, 12), 'need 16 bytes and 12 are there'],
    ['bytes after the end', file({ a: f32([1], 0, 4) }, 5), '1 bytes follow'],
    ['end before begin', file({ a: f32([0], 4, 0) }, 4), 'ends before it begins'],
    ['shape x type other than the bytes', file({ a: f32([3], 0, 8) }, 8), 'needs 12 bytes, not 8'],
    ['a shape that overflows', file({ a: f32([2 ** 40, 2 ** 40], 0, 0) }, 0), 'needs'],
    ['a negative shape', file({ a: f32([-1, -1], 0, 4) }, 4), 'no valid shape'],
    ['a fractional shape', file({ a: f32([0.5, 2], 0, 4) }, 4), 'no valid shape'],
    ['a shape that is text', file({ a: f32('1', 0, 4) }, 4), 'no valid shape'],
    ['a fractional offset', file({ a: f32([1], 0, 4.5) }, 4), 'no valid offsets'],
    [
      'three offsets',
      file({ a: { dtype: 'U8', shape: [0], data_offsets: [0, 0, 0] } }, 0),
      'offsets',
    ],
    ['an unknown type', file({ a: { dtype: 'F7', shape: [], data_offsets: [0, 4] } }, 4), '"F7"'],
    ['a type named like a method', file({ a: { dtype: 'toString', shape: [], data_offsets: [0, 4] } }, 4), '"toString"'], // prettier-ignore
    ['an unknown field', file({ a: { dtype: 'F32', shape: [], data_offsets: [0, 4], x: 1 } }, 4), '"x"'], // prettier-ignore
    ['a tensor that is null', file({ a: null }, 0), 'not an object'],
    ['metadata that is not text', file({ __metadata__: { a: 1 } }, 0), 'metadata "a" is not text'],
    ['metadata that is a list', file({ __metadata__: [] }, 0), 'metadata is not an object'],
    [
      'a name that occurs twice',
      file('{"a":{"dtype":"U8","shape":[0],"data_offsets":[0,0]},"\\u0061":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}}', 0, true), // prettier-ignore
      '"a" is in the header twice',
    ],
    [
      'a field that occurs twice',
      file('{"a":{"dtype":"U8","dtype" : "U8","shape":[0],"data_offsets":[0,0]}}', 0, true),
      '"dtype" is in the header twice',
    ],
    [
      'a tensor named __proto__',
      file('{"__proto__":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}}', 0, true),
      '"__proto__" is not allowed',
    ],
    [
      'metadata named __proto__',
      file('{"__metadata__":{"__proto__":"x"}}', 0, true),
      '"__proto__" is not allowed',
    ],
  ];
  it.each(cases)('%s', (_, bytes, reason) => {
    const error = refusal(bytes);
    expect(error.code).toBe('invalid-model');
    expect(error.message).toContain(reason);
    expect(error.message).toMatch(/^weights\.safetensors: .*another checkpoint\.$/);
  });

  it.each([2n ** 60n, 2n ** 64n - 1n, 100_000_001n, 20n])(
    'a header that claims %s bytes, without allocating them',
    (length) => {
      const bytes = file({}, 4);
      new DataView(bytes.buffer).setBigUint64(0, length, true);
      expect(refusal(bytes).message).toContain(`claims ${length.toString()} bytes`);
    },
  );

  it('a header that is not UTF-8', () => {
    const bytes = file('{"\u00e9":1}', 0, true);
    bytes[10] = 0xff;
    expect(refusal(bytes).message).toContain('not UTF-8 JSON');
  });

  it('a file cut at any byte', () => {
    const whole = encodeSafetensors(
      new Map([['w', { shape: [4], data: new Float32Array([1, 2, 3, 4]) }]]),
    );
    for (let length = 0; length < whole.length; length++) {
      expect(refusal(whole.subarray(0, length)).code).toBe('invalid-model');
    }
  });

  it('deep nesting and very long strings, without overflowing the stack', () => {
    const deep = `{"a":${'['.repeat(200_000)}${']'.repeat(200_000)}}`;
    expect(refusal(file(deep, 0, true)).code).toBe('invalid-model');
    const long = JSON.stringify({ ['\\"'.repeat(500_000)]: 1 });
    expect(refusal(file(long, 0, true)).code).toBe('invalid-model');
  });
});
