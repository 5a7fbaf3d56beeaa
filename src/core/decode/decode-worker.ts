/** Worker thread: reads, hashes and decodes one image at a time. Spoken to by `decode-pool.ts` only. */
import { closeSync, fstatSync, openSync, readFileSync } from 'node:fs';
import { parentPort } from 'node:worker_threads';
import { decodeImage, resizeRgb } from './decode-image.ts';
import { sha256Hex } from '../sha256.ts';
import { inspectImage, measureImage } from './inspect-image.ts';
import { MAX_FILE_BYTES } from './limits.ts';
import type { DecodeAnswer, DecodeJob, InspectAnswer } from './jobs.ts';
import { makeThumbnail, thumbnailOfFile } from './thumbnail.ts';
import { UnreadableImage } from './unreadable-image.ts';

parentPort!.on('message', (job: DecodeJob) => {
  void answer(job).then((result) => {
    const pixels = 'pixels' in result ? result.pixels : null;
    parentPort!.postMessage(result, pixels ? [pixels.buffer as ArrayBuffer] : []);
  });
});

async function answer(job: DecodeJob): Promise<DecodeAnswer> {
  try {
    if (job.kind === 'inspect') return await inspect(job.file, job.measure);
    if (job.kind === 'measure') return { kind: 'measured', measurement: await measureImage(job) };
    if (job.kind === 'thumbnail') {
      const webp =
        'file' in job.source
          ? await thumbnailOfFile(job.source, job.side)
          : await makeThumbnail(job.source, job.side);
      return { kind: 'thumbnail', webp };
    }
    const pixels =
      job.kind === 'resize'
        ? await resizeRgb(job.rgb, job.width, job.height, job.spec)
        : await decodeImage(readUnchanged(job.file, job.sha256), job.spec, job.size);
    return { kind: 'pixels', pixels: owned(pixels) };
  } catch (error) {
    return { kind: 'failed', reason: reasonOf(error) };
  }
}

async function inspect(file: string, measure = false): Promise<InspectAnswer | DecodeAnswer> {
  const bytes = readImageFile(file);
  const known = { bytes: bytes.length, sha256: sha256Hex(bytes) };
  try {
    return { kind: 'inspected', ...known, ...(await inspectImage(bytes, measure)), reason: '' };
  } catch (error) {
    return { kind: 'inspected', ...known, width: 0, height: 0, reason: reasonOf(error) };
  }
}

function readUnchanged(file: string, expected: string): Uint8Array {
  const bytes = readImageFile(file);
  if (sha256Hex(bytes) !== expected) throw new UnreadableImage('file has changed since the scan');
  return bytes;
}

/** Synchronous: this thread has nothing else to do, and asking another one takes longer than reading. */
function readImageFile(file: string): Uint8Array {
  const handle = openSync(file, 'r');
  try {
    const { size } = fstatSync(handle);
    if (size > MAX_FILE_BYTES)
      throw new UnreadableImage(`file is larger than ${MAX_FILE_BYTES / 1024 ** 2} MiB`);
    return readFileSync(handle);
  } finally {
    closeSync(handle);
  }
}

/** Small buffers of Node share one block of memory, which must not be transferred away. */
const owned = (pixels: Uint8Array): Uint8Array =>
  pixels.byteLength === pixels.buffer.byteLength && !Buffer.isBuffer(pixels)
    ? pixels
    : new Uint8Array(pixels);

const SYSTEM_REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'file is gone, or its name is not valid UTF-8',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EISDIR: 'is a folder',
  ENAMETOOLONG: 'path is too long for this system',
  EIO: 'the disk could not read it',
};

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { code } = error as NodeJS.ErrnoException;
  const system = code === undefined ? undefined : SYSTEM_REASONS[code];
  if (system !== undefined) return system;
  if (error instanceof UnreadableImage) return error.message;
  // libvips reports one complaint a line and repeats itself.
  const [first = 'unknown error'] = error.message.split('\n');
  return `damaged: ${first.trim()}`;
}
