/** Just enough of the protocol-buffer wire format to write a FunctionDef and read an OpList. */

const concat = (parts: readonly Uint8Array[]): Uint8Array => Buffer.concat(parts);

function varint(value: number | bigint): Uint8Array {
  let rest = BigInt.asUintN(64, BigInt(value));
  const bytes: number[] = [];
  while (rest > 127n) {
    bytes.push(Number(rest & 127n) | 128);
    rest >>= 7n;
  }
  bytes.push(Number(rest));
  return Uint8Array.from(bytes);
}

const tag = (field: number, wireType: number): Uint8Array => varint(field * 8 + wireType);

/** Field of an integer, enum or bool. */
export const intField = (field: number, value: number | bigint): Uint8Array =>
  concat([tag(field, 0), varint(value)]);

/** Field of a string, bytes or nested message. */
export function bytesField(field: number, value: string | Uint8Array): Uint8Array {
  const bytes = typeof value === 'string' ? Buffer.from(value) : value;
  return concat([tag(field, 2), varint(bytes.length), bytes]);
}

/** Field of a 32-bit float. */
export function floatField(field: number, value: number): Uint8Array {
  const bytes = Buffer.alloc(4);
  bytes.writeFloatLE(value);
  return concat([tag(field, 5), bytes]);
}

/** One entry of a `map<string, Message>` field. */
export const mapEntry = (field: number, key: string, value: Uint8Array): Uint8Array =>
  bytesField(field, concat([bytesField(1, key), bytesField(2, value)]));

export const message = concat;

/** A field read from the wire: an integer, or bytes for everything else. */
export type WireField = readonly [number: number, value: number | Uint8Array];

/** Iterates over the fields of one message. Integers beyond 2^53 lose precision; none is met here. */
export function* readFields(bytes: Uint8Array): Generator<WireField> {
  let at = 0;
  const readVarint = (): number => {
    let value = 0;
    let unit = 1;
    for (;;) {
      const byte = bytes[at++];
      if (byte === undefined) throw new Error('protobuf: message ends inside a number');
      value += (byte & 127) * unit;
      if (byte < 128) return value;
      unit *= 128;
    }
  };
  while (at < bytes.length) {
    const key = readVarint();
    const field = Math.floor(key / 8);
    const wireType = key & 7;
    if (wireType === 0) {
      yield [field, readVarint()];
      continue;
    }
    const length = wireType === 2 ? readVarint() : wireType === 5 ? 4 : 8;
    if (at + length > bytes.length) throw new Error('protobuf: message ends inside a field');
    yield [field, bytes.subarray(at, at + length)];
    at += length;
  }
}
