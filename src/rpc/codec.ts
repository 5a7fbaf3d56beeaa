/**
 * Messages as bytes, for transports that carry nothing else.
 *
 * ```
 * u32 little-endian: length of the header    header: JSON, UTF-8    blobs, one after the other
 * ```
 *
 * Typed arrays and numbers that JSON has no word for are taken out of the value; the header lists the place of each, so
 * that no value of a caller can be mistaken for a stand-in.
 */
import { z } from 'zod';

const types = {
  Uint8Array,
  Int8Array,
  Uint8ClampedArray,
  Uint16Array,
  Int16Array,
  Uint32Array,
  Int32Array,
  Float32Array,
  Float64Array,
  BigInt64Array,
  BigUint64Array,
} as const;
type TypeName = keyof typeof types;
const typeNames = Object.keys(types) as [TypeName, ...TypeName[]];
const words = { NaN: Number.NaN, Infinity, '-Infinity': -Infinity, '-0': -0 } as const;
type Word = keyof typeof words;

const place = z.array(z.union([z.string(), z.int().nonnegative()]));
type Place = z.infer<typeof place>;
const header = z.strictObject({
  value: z.unknown(),
  arrays: z.array(
    z.strictObject({ at: place, type: z.enum(typeNames), bytes: z.int().nonnegative() }),
  ),
  numbers: z.array(
    z.strictObject({ at: place, word: z.enum(Object.keys(words) as [Word, ...Word[]]) }),
  ),
});

/** Messages nest far less; deeper ones are mistakes or attacks. */
const DEEPEST = 64;

/** @throws TypeError when the value holds something that cannot be carried, naming its place */
export function encodeMessage(value: unknown): Uint8Array<ArrayBuffer> {
  const arrays: { at: Place; type: TypeName; bytes: number }[] = [];
  const numbers: { at: Place; word: Word }[] = [];
  const blobs: Uint8Array[] = [];

  const plain = (part: unknown, at: Place): unknown => {
    if (at.length > DEEPEST) throw new TypeError(`The message is nested deeper than ${DEEPEST}.`);
    switch (typeof part) {
      case 'string':
      case 'boolean':
        return part;
      case 'number': {
        if (Number.isFinite(part) && !Object.is(part, -0)) return part;
        numbers.push({ at, word: Object.is(part, -0) ? '-0' : (String(part) as Word) });
        return null;
      }
      case 'object':
        return part === null ? null : plainObject(part, at);
      default:
        throw new TypeError(`Cannot send a ${typeof part} (at ${at.join('.') || 'the top'}).`);
    }
  };
  const plainObject = (part: object, at: Place): unknown => {
    if (ArrayBuffer.isView(part)) {
      const type = typeNames.find((name) => part instanceof types[name]);
      if (!type) throw new TypeError(`Cannot send a view of this type (at ${at.join('.')}).`);
      arrays.push({ at, type, bytes: part.byteLength });
      blobs.push(new Uint8Array(part.buffer, part.byteOffset, part.byteLength));
      return null;
    }
    if (Array.isArray(part)) return part.map((item, i) => plain(item, [...at, i]));
    const prototype: unknown = Object.getPrototypeOf(part);
    if (prototype !== Object.prototype && prototype !== null)
      throw new TypeError(`Cannot send a ${part.constructor.name} (at ${at.join('.')}).`);
    const copy: Record<string, unknown> = {};
    for (const [key, item] of Object.entries(part))
      if (item !== undefined) define(copy, key, plain(item, [...at, key]));
    return copy;
  };

  const text = JSON.stringify({ value: plain(value, []), arrays, numbers });
  const head = new TextEncoder().encode(text);
  const size = blobs.reduce((sum, { byteLength }) => sum + byteLength, 4 + head.byteLength);
  const bytes = new Uint8Array(size);
  new DataView(bytes.buffer).setUint32(0, head.byteLength, true);
  bytes.set(head, 4);
  let offset = 4 + head.byteLength;
  for (const blob of blobs) {
    bytes.set(blob, offset);
    offset += blob.byteLength;
  }
  return bytes;
}

/** @throws Error when the bytes are not a message */
export function decodeMessage(bytes: Uint8Array): unknown {
  if (bytes.byteLength < 4) throw new Error('The message is shorter than its length field.');
  const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
  if (length > bytes.byteLength - 4) throw new Error('The message was cut off.');
  const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(4, 4 + length));
  const { value, arrays, numbers } = header.parse(JSON.parse(text));
  const root: { value: unknown } = { value };
  for (const { at, word } of numbers) put(root, at, words[word]);
  let offset = 4 + length;
  for (const { at, type, bytes: size } of arrays) {
    const Type = types[type];
    if (size > bytes.byteLength - offset || size % Type.BYTES_PER_ELEMENT !== 0)
      throw new Error('The lengths in the message do not add up.');
    // A copy, because columns must be aligned and should not keep the whole message alive.
    put(root, at, new Type(bytes.slice(offset, offset + size).buffer));
    offset += size;
  }
  if (offset !== bytes.byteLength) throw new Error('The message has bytes that belong to nothing.');
  return root.value;
}

/** Replaces the null that stands at a place. */
function put(root: { value: unknown }, at: Place, value: unknown): void {
  let parent: unknown = root;
  let key: string | number = 'value';
  for (const next of at) {
    parent = own(parent, key);
    key = next;
  }
  if (own(parent, key) !== null) throw new Error('A place in the message is taken.');
  define(parent as object, key, value);
}

function own(parent: unknown, key: string | number): unknown {
  if (typeof parent !== 'object' || parent === null || !Object.hasOwn(parent, key))
    throw new Error('The message names a place that it does not have.');
  return (parent as Record<string | number, unknown>)[key];
}

/** Assignment to `__proto__` would change the prototype instead. */
function define(target: object, key: string | number, value: unknown): void {
  Object.defineProperty(target, key, {
    value,
    writable: true,
    enumerable: true,
    configurable: true,
  });
}
