/**
 * Weights as safetensors: 8 bytes header length (little-endian), a JSON header, then raw tensor bytes.
 * Format: https://github.com/huggingface/safetensors#format. Reading is at least as strict as the
 * reference implementation, because a model file may come from anywhere.
 */
import { AppError, messageOf } from '../errors.ts';
import { Pacer } from '../pace.ts';
import { duplicateKey } from './json-keys.ts';

/** Values in row-major order; `data.length` is the product of `shape` (1 for a scalar, shape `[]`). */
export interface FloatTensor {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** Counters and masks, e.g. PyTorch's `num_batches_tracked`. */
export type IntegerTensor =
  | { readonly dtype: 'I64'; readonly shape: readonly number[]; readonly data: BigInt64Array }
  | { readonly dtype: 'U8'; readonly shape: readonly number[]; readonly data: Uint8Array };

/** A decoded file. Every tensor of the file is in exactly one of the two maps; nothing aliases the input. */
export interface SafetensorsFile {
  /** F32 as stored; F16 and BF16 widened, which is exact. */
  readonly tensors: ReadonlyMap<string, FloatTensor>;
  readonly integers: ReadonlyMap<string, IntegerTensor>;
  readonly metadata: Readonly<Record<string, string>>;
}

const dtypeBytes = { F32: 4, F16: 2, BF16: 2, I64: 8, U8: 1 } as const;
type Dtype = keyof typeof dtypeBytes;

interface Entry {
  readonly name: string;
  readonly dtype: Dtype;
  readonly shape: readonly number[];
  readonly begin: number;
  readonly end: number;
}

/** The reference implementation's bound on the header. */
const maxHeaderBytes = 100_000_000;
const forbiddenNames: ReadonlySet<string> = new Set(['__metadata__', '__proto__']);

const product = (shape: readonly number[]): number => shape.reduce((total, n) => total * n, 1);
const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/**
 * Encodes F32 tensors. Same tensors and metadata, same bytes: names and metadata keys are sorted,
 * and the header is padded with spaces so that the data begins at a multiple of 8.
 * @throws AppError('internal') when a shape does not fit its data or a name is reserved
 */
export function encodeSafetensors(
  tensors: ReadonlyMap<string, FloatTensor>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array {
  const { bytes, places } = layOut(tensors, metadata);
  for (const { data, begin } of places) bytes.set(asBytes(data), begin);
  return bytes;
}

/** `encodeSafetensors` over as many turns of the event loop as it takes. The tensors must not change meanwhile. */
export async function encodeSafetensorsPaced(
  tensors: ReadonlyMap<string, FloatTensor>,
  metadata: Readonly<Record<string, string>> = {},
): Promise<Uint8Array> {
  const { bytes, places } = layOut(tensors, metadata);
  const pacer = new Pacer();
  for (const { data, begin } of places) {
    bytes.set(asBytes(data), begin);
    await pacer.pause();
  }
  return bytes;
}

/** Every platform TensorFlow and V8 run on here is little-endian, as the format is. */
const asBytes = ({ buffer, byteOffset, byteLength }: Float32Array): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength);

/** The file with its header, and where in it each tensor's data goes. */
function layOut(
  tensors: ReadonlyMap<string, FloatTensor>,
  metadata: Readonly<Record<string, string>>,
): { bytes: Uint8Array; places: { readonly data: Float32Array; readonly begin: number }[] } {
  const sorted = [...tensors].sort(([a], [b]) => byText(a, b));
  const fields: string[] = [];
  const notes = Object.entries(metadata).sort(([a], [b]) => byText(a, b));
  if (notes.length > 0) {
    const members = notes.map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`);
    fields.push(`"__metadata__":{${members.join(',')}}`);
  }
  let offset = 0;
  for (const [name, { shape, data }] of sorted) {
    if (forbiddenNames.has(name)) {
      throw new AppError('internal', `Tensor ${name}: this name is reserved; rename the layer.`);
    }
    if (product(shape) !== data.length) {
      throw new AppError(
        'internal',
        `Tensor ${name}: shape [${shape.join(', ')}] does not fit its ${data.length} values.`,
      );
    }
    const end = offset + data.byteLength;
    const entry = { dtype: 'F32', shape, data_offsets: [offset, end] };
    fields.push(`${JSON.stringify(name)}:${JSON.stringify(entry)}`);
    offset = end;
  }
  const header = new TextEncoder().encode(`{${fields.join(',')}}`);
  const headerBytes = Math.ceil(header.length / 8) * 8;
  const bytes = new Uint8Array(8 + headerBytes + offset);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(headerBytes), true);
  bytes.set(header, 8);
  bytes.fill(0x20, 8 + header.length, 8 + headerBytes);
  let begin = 8 + headerBytes;
  const places = sorted.map(([, { data }]) => {
    const place = { data, begin };
    begin += data.byteLength;
    return place;
  });
  return { bytes, places };
}

/**
 * Decodes and validates a whole file.
 * @param source what to call the file in messages, usually its path
 * @throws AppError('invalid-model') naming the first rule that is broken
 */
export function decodeSafetensors(bytes: Uint8Array, source = 'Weights'): SafetensorsFile {
  const broken = (what: string): AppError =>
    new AppError(
      'invalid-model',
      `${source}: ${what}. The file is damaged or not a safetensors file; ` +
        'copy or download it again, or use another checkpoint.',
    );
  const { entries, metadata, dataStart } = readHeader(bytes, broken);
  const tensors = new Map<string, FloatTensor>();
  const integers = new Map<string, IntegerTensor>();
  for (const { name, dtype, shape, begin, end } of entries) {
    // Copied, because typed arrays need alignment and the caller may reuse its buffer.
    const raw = new Uint8Array(end - begin);
    raw.set(bytes.subarray(dataStart + begin, dataStart + end));
    switch (dtype) {
      case 'F32':
        tensors.set(name, { shape, data: new Float32Array(raw.buffer) });
        break;
      case 'F16':
        tensors.set(name, { shape, data: widenF16(new Uint16Array(raw.buffer)) });
        break;
      case 'BF16':
        tensors.set(name, { shape, data: widenBF16(new Uint16Array(raw.buffer)) });
        break;
      case 'I64':
        integers.set(name, { dtype, shape, data: new BigInt64Array(raw.buffer) });
        break;
      case 'U8':
        integers.set(name, { dtype, shape, data: raw });
        break;
    }
  }
  return { tensors, integers, metadata };
}

type Broken = (what: string) => AppError;

function readHeader(
  bytes: Uint8Array,
  broken: Broken,
): { entries: Entry[]; metadata: Record<string, string>; dataStart: number } {
  if (bytes.length < 8) throw broken(`only ${bytes.length} bytes long`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const declared = view.getBigUint64(0, true);
  // Compared as a bigint before anything is allocated: the field can claim 2^64 - 1 bytes.
  if (declared > BigInt(Math.min(maxHeaderBytes, bytes.length - 8))) {
    throw broken(`its header claims ${declared.toString()} bytes, more than the file holds`);
  }
  const dataStart = 8 + Number(declared);
  let text: string;
  let header: unknown;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(
      bytes.subarray(8, dataStart),
    );
    header = JSON.parse(text);
  } catch (error) {
    throw broken(`its header is not UTF-8 JSON (${messageOf(error).slice(0, 80)})`);
  }
  if (!text.startsWith('{') || !isObject(header)) throw broken('its header is not a JSON object');
  const twice = duplicateKey(text);
  if (twice !== null) throw broken(`${JSON.stringify(twice)} is in the header twice`);

  let metadata: Record<string, string> = {};
  const entries: Entry[] = [];
  for (const [name, value] of Object.entries(header)) {
    if (name === '__metadata__') metadata = readMetadata(value, broken);
    else entries.push(readEntry(name, value, broken));
  }
  entries.sort((a, b) => a.begin - b.begin || a.end - b.end);
  let expected = 0;
  for (const { name, begin, end } of entries) {
    const label = JSON.stringify(name);
    if (begin < expected) throw broken(`tensor ${label} overlaps the one before it`);
    if (begin > expected) throw broken(`there is a gap before tensor ${label}`);
    expected = end;
  }
  const held = bytes.length - dataStart;
  if (expected > held) {
    throw broken(`cut off: its tensors need ${expected} bytes and ${held} are there`);
  }
  if (expected < held) throw broken(`${held - expected} bytes follow its last tensor`);
  return { entries, metadata, dataStart };
}

function readMetadata(value: unknown, broken: Broken): Record<string, string> {
  if (!isObject(value)) throw broken('its metadata is not an object');
  const metadata: Record<string, string> = {};
  for (const [key, text] of Object.entries(value)) {
    if (key === '__proto__') throw broken('"__proto__" is not allowed as a name');
    if (typeof text !== 'string') throw broken(`metadata ${JSON.stringify(key)} is not text`);
    metadata[key] = text;
  }
  return metadata;
}

function readEntry(name: string, value: unknown, broken: Broken): Entry {
  const label = `tensor ${JSON.stringify(name)}`;
  if (name === '__proto__') throw broken('"__proto__" is not allowed as a name');
  if (!isObject(value)) throw broken(`${label} is not an object`);
  const unknown = Object.keys(value).find((k) => !['dtype', 'shape', 'data_offsets'].includes(k));
  if (unknown !== undefined)
    throw broken(`${label} has an unknown field ${JSON.stringify(unknown)}`);
  const { dtype, shape, data_offsets: offsets } = value;
  if (typeof dtype !== 'string' || !Object.hasOwn(dtypeBytes, dtype)) {
    const known = Object.keys(dtypeBytes).join(', ');
    throw broken(`${label} has type ${JSON.stringify(dtype)}; ${known} can be read`);
  }
  if (!isCounts(shape)) throw broken(`${label} has no valid shape`);
  if (!isCounts(offsets) || offsets.length !== 2) throw broken(`${label} has no valid offsets`);
  const [begin, end] = offsets as [number, number];
  if (begin > end) throw broken(`${label} ends before it begins`);
  const needed = product(shape) * dtypeBytes[dtype as Dtype];
  if (!Number.isSafeInteger(needed) || needed !== end - begin) {
    throw broken(
      `${label} of shape [${shape.join(', ')}] and type ${dtype} needs ${needed} bytes, not ${end - begin}`,
    );
  }
  return { name, dtype: dtype as Dtype, shape, begin, end };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isCounts(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((n) => Number.isSafeInteger(n) && n >= 0);
}

/** IEEE 754 binary16 -> binary32, exact. */
function widenF16(halves: Uint16Array): Float32Array {
  return Float32Array.from(halves, (half) => {
    const sign = half & 0x8000 ? -1 : 1;
    const exponent = (half >>> 10) & 0x1f;
    const fraction = half & 0x3ff;
    if (exponent === 0x1f) return fraction === 0 ? sign * Infinity : NaN;
    if (exponent === 0) return sign * fraction * 2 ** -24;
    return sign * (1024 + fraction) * 2 ** (exponent - 25);
  });
}

/** bfloat16 is the upper half of a binary32. */
function widenBF16(halves: Uint16Array): Float32Array {
  return new Float32Array(Uint32Array.from(halves, (half) => half << 16).buffer);
}
