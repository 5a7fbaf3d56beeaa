/** What is known of every image of a dataset without opening it, as columns: a million images take about 100 MB. */
import type { ImageRecord, ImageStatus, Split } from '../datasets/types.ts';

/** Codes in `ImageIndex.splits`; 0 = none. */
export const SPLIT_CODES: Readonly<Record<Split, number>> = { train: 1, val: 2, test: 3 };
/** Codes in `ImageIndex.statuses`. */
export const STATUS_CODES: Readonly<Record<ImageStatus, number>> = {
  ok: 0,
  failed: 1,
  excluded: 2,
};
const SPLITS: readonly (Split | null)[] = [null, 'train', 'val', 'test'];
const STATUSES: readonly ImageStatus[] = ['ok', 'failed', 'excluded'];

/** What is taken of a record. */
export type IndexedImage = Pick<ImageRecord, 'path' | 'classIndex' | 'split' | 'status'> &
  Partial<Pick<ImageRecord, 'sha256'>>;

const SHA256_BYTES = 32;

/** Letters of either case and of either way of writing accents are the same. */
const fold = (text: string): string => text.normalize('NFC').toLowerCase();

/** Columns over the rows of a manifest; the position in a column is the image's ordinal. */
export class ImageIndex {
  readonly count: number;
  /** Index into the dataset's classes; -1 = none. */
  readonly classIndices: Int32Array;
  readonly splits: Uint8Array;
  readonly statuses: Uint8Array;
  /** `[count, 32]`; zeros where a file could not be read. */
  private readonly sha256s: Buffer;
  private readonly paths: Texts;
  /** Made at the first search: it takes as long as reading the images. */
  private folded: Texts | null = null;

  constructor(builder: ImageIndexBuilder) {
    this.count = builder.count;
    this.classIndices = builder.classIndices.slice(0, this.count);
    this.splits = builder.splits.slice(0, this.count);
    this.statuses = builder.statuses.slice(0, this.count);
    this.sha256s = builder.sha256s.subarray(0, SHA256_BYTES * this.count);
    this.paths = builder.paths.done(this.count);
  }

  static of(images: readonly IndexedImage[]): ImageIndex {
    const builder = new ImageIndexBuilder(images.length);
    for (const image of images) builder.add(image);
    return builder.build();
  }

  path(ordinal: number): string {
    return this.paths.get(ordinal);
  }

  split(ordinal: number): Split | null {
    return SPLITS[this.splits[ordinal]!]!;
  }

  status(ordinal: number): ImageStatus {
    return STATUSES[this.statuses[ordinal]!]!;
  }

  /** Hex; '' where the file could not be read. */
  sha256(ordinal: number): string {
    const bytes = this.sha256s.subarray(SHA256_BYTES * ordinal, SHA256_BYTES * (ordinal + 1));
    return bytes.every((byte) => byte === 0) ? '' : bytes.toString('hex');
  }

  /** Copies the 32 bytes; zeros where the file could not be read. */
  copySha256(ordinal: number, into: Uint8Array, at: number): void {
    into.set(this.sha256s.subarray(SHA256_BYTES * ordinal, SHA256_BYTES * (ordinal + 1)), at);
  }

  /** Per image 1 where the path holds the text, whatever its case. */
  pathsWith(text: string): Uint8Array {
    if (this.folded === null) {
      const builder = new TextsBuilder(this.count);
      for (let i = 0; i < this.count; i++) builder.add(fold(this.paths.get(i)));
      this.folded = builder.done(this.count);
    }
    return this.folded.holding(fold(text));
  }
}

/** Takes images one by one, so that no list of all of them is needed. */
export class ImageIndexBuilder {
  count = 0;
  readonly classIndices: Int32Array;
  readonly splits: Uint8Array;
  readonly statuses: Uint8Array;
  readonly sha256s: Buffer;
  readonly paths: TextsBuilder;

  /** @param capacity as many images as will be added, at least */
  constructor(capacity: number) {
    this.classIndices = new Int32Array(capacity);
    this.splits = new Uint8Array(capacity);
    this.statuses = new Uint8Array(capacity);
    this.sha256s = Buffer.alloc(SHA256_BYTES * capacity);
    this.paths = new TextsBuilder(capacity);
  }

  add({ path, classIndex, split, status, sha256 = '' }: IndexedImage): void {
    const i = this.count++;
    this.classIndices[i] = classIndex ?? -1;
    this.splits[i] = split === null ? 0 : SPLIT_CODES[split];
    this.statuses[i] = STATUS_CODES[status];
    this.sha256s.write(sha256, SHA256_BYTES * i, 'hex');
    this.paths.add(path);
  }

  build(): ImageIndex {
    return new ImageIndex(this);
  }
}

/** Many texts as UTF-8 in one buffer: a fraction of the memory of as many strings, and searched at once. */
class Texts {
  private readonly bytes: Buffer;
  /** Where each text begins; one more entry than texts. A NUL follows each text. */
  private readonly starts: Float64Array;

  constructor(bytes: Buffer, starts: Float64Array) {
    this.bytes = bytes;
    this.starts = starts;
  }

  get(i: number): string {
    return this.bytes.toString('utf8', this.starts[i], this.starts[i + 1]! - 1);
  }

  holding(text: string): Uint8Array {
    const count = this.starts.length - 1;
    const found = new Uint8Array(count);
    if (text === '') return found.fill(1);
    // No path holds a NUL, but in the buffer it would be found between two of them.
    if (text.includes('\0')) return found;
    const needle = Buffer.from(text);
    let i = 0;
    for (let at = this.bytes.indexOf(needle); at >= 0;) {
      while (this.starts[i + 1]! <= at) i++;
      found[i] = 1;
      at = this.bytes.indexOf(needle, this.starts[i + 1]);
    }
    return found;
  }
}

class TextsBuilder {
  private bytes = Buffer.allocUnsafe(1 << 16);
  private length = 0;
  private count = 0;
  private readonly starts: Float64Array;

  constructor(capacity: number) {
    this.starts = new Float64Array(capacity + 1);
  }

  add(text: string): void {
    // At most three bytes per UTF-16 unit, and the NUL.
    const needed = this.length + 3 * text.length + 1;
    if (needed > this.bytes.length) {
      const larger = Buffer.allocUnsafe(Math.max(needed, 2 * this.bytes.length));
      this.bytes.copy(larger, 0, 0, this.length);
      this.bytes = larger;
    }
    this.length += this.bytes.write(text, this.length);
    this.bytes[this.length++] = 0;
    this.starts[++this.count] = this.length;
  }

  done(count: number): Texts {
    return new Texts(
      Buffer.from(this.bytes.subarray(0, this.length)),
      this.starts.slice(0, count + 1),
    );
  }
}
