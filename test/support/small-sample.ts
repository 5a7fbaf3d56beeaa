/** A few of the sample's real images as plain folders, so that a whole way takes seconds: clothing, digits, textures. */
import { copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import sharp from 'sharp';

const SAMPLE = fileURLToPath(new URL('../../resources/sample/', import.meta.url));
/** Of IDX, before the pixels and before the labels. */
const HEADER = { images: 16, labels: 8 } as const;
const SIDE = 28;
/** Label in the sample, and what its folder is called here. */
const CLASSES = { 1: 'trouser', 7: 'sneaker', 8: 'bag' } as const;

export interface SmallSample {
  readonly clothing: string;
  readonly digits: string;
  readonly textures: string;
  readonly all: readonly string[];
  /** Images that can be read, of all three. */
  readonly images: number;
}

/** Writes them below `root`. The clothing holds one file that is no image, as folders of real people do. */
export async function writeSmallSample(
  root: string,
  perClass = 60,
  perOod = 40,
): Promise<SmallSample> {
  const [clothing, digits, textures] = ['clothing', 'digits', 'textures'].map((name) =>
    join(root, name),
  ) as [string, string, string];
  const idx = (name: string): Buffer => gunzipSync(readFileSync(join(SAMPLE, 'fashion', name)));
  const pixels = idx('train-images-idx3-ubyte.gz').subarray(HEADER.images);
  const labels = idx('train-labels-idx1-ubyte.gz').subarray(HEADER.labels);
  for (const [label, name] of Object.entries(CLASSES)) {
    mkdirSync(join(clothing, name), { recursive: true });
    const chosen = [...labels.keys()].filter((i) => labels[i] === Number(label)).slice(0, perClass);
    for (const i of chosen)
      await sharp(pixels.subarray(i * SIDE * SIDE, (i + 1) * SIDE * SIDE), {
        raw: { width: SIDE, height: SIDE, channels: 1 },
      })
        .png()
        .toFile(join(clothing, name, `${i}.png`));
  }
  writeFileSync(join(clothing, 'bag', 'empty.png'), '');
  for (const folder of [digits, textures]) {
    mkdirSync(folder);
    const from = join(SAMPLE, 'ood', folder === digits ? 'digits' : 'textures');
    const names = readdirSync(from).filter((name) => name.endsWith('.png'));
    for (const name of names.slice(0, perOod)) copyFileSync(join(from, name), join(folder, name));
  }
  return {
    clothing,
    digits,
    textures,
    all: [clothing, digits, textures],
    images: Object.keys(CLASSES).length * perClass + 2 * perOod,
  };
}
