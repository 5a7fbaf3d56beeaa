/** Messages as bytes: what goes in comes out, and bytes that are no message are refused. */
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeMessage, encodeMessage } from '../../../src/rpc/codec.ts';

const column = fc.oneof(
  fc.uint8Array(),
  fc.uint16Array(),
  fc.uint32Array(),
  fc.int32Array(),
  fc.float32Array(),
  fc.float64Array(),
  fc.int8Array(),
  fc.uint8ClampedArray(),
  fc.int16Array(),
);
const key = fc.oneof(fc.string(), fc.constantFrom('__proto__', 'constructor', 'length', '0', ''));
const { value } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.string(),
    fc.boolean(),
    fc.constant(null),
    fc.double(),
    column,
    fc.array(tie('value')),
    fc
      .array(fc.tuple(key, tie('value')))
      // `fromEntries` defines properties, so that `__proto__` is one.
      .map((entries) => Object.fromEntries(entries)),
  ),
}));

const roundTrip = (message: unknown): unknown => decodeMessage(encodeMessage(message));

describe('encode, then decode', () => {
  it('gives back every value: numbers to the bit, columns with their type', () => {
    fc.assert(
      fc.property(value, (message) => {
        // Vitest's own comparison trips over properties called `constructor`.
        expect(isDeepStrictEqual(roundTrip(message), message)).toBe(true);
      }),
    );
  });

  it('carries only the part of a buffer that a view shows, aligned anew', () => {
    const whole = Float64Array.from({ length: 1000 }, (_, i) => i);
    const bytes = encodeMessage({ odd: 'x', part: whole.subarray(3, 5) });
    expect(bytes.length).toBeLessThan(200);
    expect(decodeMessage(bytes)).toEqual({ odd: 'x', part: Float64Array.of(3, 4) });
  });

  it('carries Node buffers as bytes, and leaves absent properties out', () => {
    expect(roundTrip({ bytes: Buffer.from('ab'), absent: undefined })).toStrictEqual({
      bytes: Uint8Array.of(97, 98),
    });
  });

  it('carries 16 MB', () => {
    const large = new Float32Array(4 * 1024 * 1024).fill(0.5);
    const { scores } = roundTrip({ scores: large }) as { scores: Float32Array };
    expect(scores.length).toBe(large.length);
    expect(scores.every((score) => score === 0.5)).toBe(true);
  });

  it.each([
    ['a function', () => 1],
    ['a symbol', Symbol('x')],
    ['undefined', undefined],
    ['undefined in a list', [undefined]],
    ['a date', new Date(0)],
    ['a map', new Map()],
    ['a bare view', new DataView(new ArrayBuffer(2))],
  ])('refuses %s', (_name, message) => {
    expect(() => encodeMessage({ message: [message] })).toThrow(TypeError);
  });

  it('refuses what is nested without end', () => {
    const loop: { self?: unknown } = {};
    loop.self = loop;
    expect(() => encodeMessage(loop)).toThrow(TypeError);
  });
});

describe('bytes that are no message', () => {
  const frame = (header: unknown, ...blobs: number[]): Uint8Array => {
    const text = new TextEncoder().encode(
      typeof header === 'string' ? header : JSON.stringify(header),
    );
    const bytes = new Uint8Array(4 + text.length + blobs.length);
    new DataView(bytes.buffer).setUint32(0, text.length, true);
    bytes.set(text, 4);
    bytes.set(blobs, 4 + text.length);
    return bytes;
  };
  const array = (at: unknown[], bytes: number, type = 'Uint8Array') => ({ at, bytes, type });

  it('are understood when they are one', () => {
    const header = { value: { a: null }, arrays: [array(['a'], 2)], numbers: [] };
    expect(decodeMessage(frame(header, 1, 2))).toEqual({ a: Uint8Array.of(1, 2) });
  });

  it.each([
    ['nothing', new Uint8Array()],
    ['half a length', Uint8Array.of(1, 0)],
    ['a length beyond the end', Uint8Array.of(255, 255, 255, 255, 123)],
    ['no JSON', frame('{')],
    ['no UTF-8', Uint8Array.of(2, 0, 0, 0, 0xc3, 0x28)],
    ['no header', frame({})],
    ['an unknown type', frame({ value: null, arrays: [array([], 0, 'Function')], numbers: [] })],
    ['a blob beyond the end', frame({ value: null, arrays: [array([], 9)], numbers: [] }, 1)],
    ['bytes left over', frame({ value: null, arrays: [], numbers: [] }, 1)],
    ['part of an element', frame({ value: null, arrays: [array([], 3, 'Float64Array')], numbers: [] }, 1, 2, 3)], // prettier-ignore
    ['a place that is not there', frame({ value: {}, arrays: [array(['a'], 0)], numbers: [] })],
    ['a place in the prototype', frame({ value: {}, arrays: [array(['__proto__', 'x'], 0)], numbers: [] })], // prettier-ignore
    ['a place that is taken', frame({ value: { a: 1 }, arrays: [array(['a'], 0)], numbers: [] })],
    ['an unknown number', frame({ value: null, arrays: [], numbers: [{ at: [], word: '7' }] })],
  ])('are refused: %s', (_name, bytes) => {
    expect(() => decodeMessage(bytes)).toThrow();
    expect(({} as Record<string, unknown>)['x']).toBeUndefined();
  });

  it('never bring the reader down, whatever they are', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), fc.boolean(), (noise, framed) => {
        const bytes = framed ? frame(new TextDecoder().decode(noise)) : noise;
        try {
          decodeMessage(bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(Error);
        }
      }),
    );
  });
});
