/** Takes chosen files out of a zip archive (a Python wheel): streaming, zip64, checksums; no Python and no unzip needed. */
import fs from 'node:fs';
import path from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import * as zlib from 'node:zlib';

const END_OF_DIRECTORY = 0x06054b50;
const ZIP64_LOCATOR = 0x07064b50;
const ZIP64_END_OF_DIRECTORY = 0x06064b50;
const DIRECTORY_ENTRY = 0x02014b50;
const LOCAL_HEADER = 0x04034b50;
const MAX_32 = 0xffffffff;

/**
 * @typedef {object} ZipEntry
 * @property {string} name
 * @property {number} method 0 stored, 8 deflated
 * @property {number} crc32
 * @property {number} compressedBytes
 * @property {number} bytes
 * @property {number} offset of the local header
 */

/**
 * Lists the files of an archive.
 * @param {string} archive
 * @returns {Promise<ZipEntry[]>}
 */
export async function readZipEntries(archive) {
  const file = await fs.promises.open(archive, 'r');
  try {
    const { offset, size } = await findDirectory(file);
    return parseDirectory(await readAt(file, offset, size));
  } finally {
    await file.close();
  }
}

/**
 * Writes the chosen files below `folder`, under their names in the archive, and checks sizes and checksums.
 * @param {string} archive
 * @param {string} folder
 * @param {(name: string) => boolean} wanted
 * @param {(bytes: number) => void} [onBytes] bytes written so far
 * @returns {Promise<ZipEntry[]>} what was written
 */
export async function extractZip(archive, folder, wanted, onBytes) {
  const entries = (await readZipEntries(archive)).filter(
    ({ name }) => !name.endsWith('/') && wanted(name),
  );
  const file = await fs.promises.open(archive, 'r');
  let written = 0;
  try {
    for (const entry of entries) {
      const target = path.resolve(folder, entry.name);
      if (!target.startsWith(path.resolve(folder) + path.sep))
        throw new Error(`${archive}: the entry "${entry.name}" points outside of the archive`);
      await fs.promises.mkdir(path.dirname(target), { recursive: true });
      await extractEntry(archive, file, entry, target, (bytes) => onBytes?.(written + bytes));
      written += entry.bytes;
    }
  } finally {
    await file.close();
  }
  return entries;
}

/**
 * @param {string} archive
 * @param {fs.promises.FileHandle} file
 * @param {ZipEntry} entry
 * @param {string} target
 * @param {(bytes: number) => void} onBytes
 */
async function extractEntry(archive, file, entry, target, onBytes) {
  const header = await readAt(file, entry.offset, 30);
  if (header.readUInt32LE(0) !== LOCAL_HEADER) throw damaged(archive, entry.name);
  const start = entry.offset + 30 + header.readUInt16LE(26) + header.readUInt16LE(28);
  if (entry.method !== 0 && entry.method !== 8)
    throw new Error(`${archive}: ${entry.name} is packed with method ${entry.method}, not deflate`);
  if (entry.compressedBytes === 0) {
    await fs.promises.writeFile(target, '');
    return;
  }
  const measure = new Measure(onBytes);
  const source = fs.createReadStream(archive, { start, end: start + entry.compressedBytes - 1 });
  const sink = fs.createWriteStream(target);
  try {
    if (entry.method === 8) await pipeline(source, zlib.createInflateRaw(), measure, sink);
    else await pipeline(source, measure, sink);
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code?.startsWith('Z_'))
      throw damaged(archive, entry.name);
    throw error;
  }
  const checked = measure.crc32 === null || measure.crc32 === entry.crc32;
  if (measure.bytes !== entry.bytes || !checked) throw damaged(archive, entry.name);
}

/** Counts and checksums what flows through. */
class Measure extends Transform {
  bytes = 0;
  /** @type {number | null} null where this Node cannot compute it (before 20.15); pip has checked the wheel's hash */
  crc32 = typeof zlib.crc32 === 'function' ? 0 : null;

  /** @param {(bytes: number) => void} onBytes */
  constructor(onBytes) {
    super();
    this.onBytes = onBytes;
  }

  /**
   * @override
   * @param {Buffer} chunk
   * @param {string} _encoding
   * @param {(error: Error | null, chunk: Buffer) => void} done
   */
  _transform(chunk, _encoding, done) {
    this.bytes += chunk.length;
    if (this.crc32 !== null) this.crc32 = zlib.crc32(chunk, this.crc32);
    this.onBytes(this.bytes);
    done(null, chunk);
  }
}

/**
 * @param {fs.promises.FileHandle} file
 * @returns {Promise<{ offset: number, size: number }>}
 */
async function findDirectory(file) {
  const { size: total } = await file.stat();
  // The end record is 22 bytes and a comment of at most 65,535.
  const tailBytes = Math.min(total, 22 + 0xffff);
  const tail = await readAt(file, total - tailBytes, tailBytes);
  for (let at = tail.length - 22; at >= 0; at--) {
    if (tail.readUInt32LE(at) !== END_OF_DIRECTORY) continue;
    // A comment may hold the same four bytes; the true record's comment ends with the file.
    if (at + 22 + tail.readUInt16LE(at + 20) !== tail.length) continue;
    const size = tail.readUInt32LE(at + 12);
    const offset = tail.readUInt32LE(at + 16);
    const locator = at - 20;
    if (locator >= 0 && tail.readUInt32LE(locator) === ZIP64_LOCATOR) {
      const record = await readAt(file, toNumber(tail.readBigUInt64LE(locator + 8)), 56);
      if (record.readUInt32LE(0) !== ZIP64_END_OF_DIRECTORY) break;
      return {
        size: toNumber(record.readBigUInt64LE(40)),
        offset: toNumber(record.readBigUInt64LE(48)),
      };
    }
    return { size, offset };
  }
  throw new Error('not a zip archive, or cut short');
}

/** @param {Buffer} directory @returns {ZipEntry[]} */
function parseDirectory(directory) {
  /** @type {ZipEntry[]} */
  const entries = [];
  for (let at = 0; at + 46 <= directory.length;) {
    if (directory.readUInt32LE(at) !== DIRECTORY_ENTRY) throw new Error('damaged zip directory');
    const nameEnd = at + 46 + directory.readUInt16LE(at + 28);
    const extraEnd = nameEnd + directory.readUInt16LE(at + 30);
    const wide = zip64Values(directory.subarray(nameEnd, extraEnd));
    // The 64-bit values are listed in this order, only for the fields that overflow.
    const field = (/** @type {number} */ value) =>
      value === MAX_32 ? (wide.shift() ?? value) : value;
    const bytes = field(directory.readUInt32LE(at + 24));
    const compressedBytes = field(directory.readUInt32LE(at + 20));
    const offset = field(directory.readUInt32LE(at + 42));
    entries.push({
      name: directory.toString('utf8', at + 46, nameEnd),
      method: directory.readUInt16LE(at + 10),
      crc32: directory.readUInt32LE(at + 16),
      compressedBytes,
      bytes,
      offset,
    });
    at = extraEnd + directory.readUInt16LE(at + 32);
  }
  return entries;
}

/** @param {Buffer} extra @returns {number[]} */
function zip64Values(extra) {
  for (let at = 0; at + 4 <= extra.length;) {
    const size = extra.readUInt16LE(at + 2);
    if (extra.readUInt16LE(at) === 1) {
      const values = [];
      for (let i = 0; i + 8 <= size; i += 8)
        values.push(toNumber(extra.readBigUInt64LE(at + 4 + i)));
      return values;
    }
    at += 4 + size;
  }
  return [];
}

/**
 * @param {fs.promises.FileHandle} file
 * @param {number} offset
 * @param {number} size
 * @returns {Promise<Buffer>}
 */
async function readAt(file, offset, size) {
  const buffer = Buffer.alloc(size);
  const { bytesRead } = await file.read(buffer, 0, size, offset);
  if (bytesRead !== size) throw new Error('zip archive cut short');
  return buffer;
}

/** @param {bigint} value @returns {number} */
function toNumber(value) {
  if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw new Error('damaged zip directory');
  return Number(value);
}

/** @param {string} archive @param {string} name */
function damaged(archive, name) {
  return new Error(`${archive}: ${name} is damaged (its size or checksum is wrong)`);
}
