/** Made-up features of the size that is asked for: ten classes, half of the units at 0 as after a ReLU. */
import fs from 'node:fs';
import path from 'node:path';
import { Random } from '../../src/core/random.ts';
import type { DetectorInputs, TrainingData } from '../../src/core/score/types.ts';

export const CLASSES = 10;

/** @returns `[count, units]`; image i is of class i mod 10 */
export function madeUpFeatures(count: number, units: number, seed: number): Float32Array {
  const random = new Random(seed);
  const data = new Float32Array(count * units);
  for (let i = 0; i < data.length; i++) {
    const ofClass = (i % units) % CLASSES === Math.floor(i / units) % CLASSES;
    data[i] = Math.max(0, random.uniform() * 2 - (ofClass ? 0.5 : 1));
  }
  return data;
}

/** @returns `[count, classes]` of a last layer on these features */
export function logitsOf(features: Float32Array, count: number, inputs: DetectorInputs) {
  const { weights, bias, units, classes } = inputs.lastLayer!;
  const data = new Float32Array(count * classes);
  for (let row = 0; row < count; row++)
    for (let k = 0; k < classes; k++) {
      let sum = bias[k]!;
      for (let j = 0; j < units; j++) sum += features[row * units + j]! * weights[j * classes + k]!;
      data[row * classes + k] = sum;
    }
  return { data, count, classes };
}

const BLOCK = 4096;

/** These features as an ID training split, in blocks of 4,096 images. */
export function trainingOf(
  features: Float32Array,
  units: number,
  lastLayer: NonNullable<DetectorInputs['lastLayer']>,
  extra: { readonly stages?: Float32Array; readonly stageWidths?: readonly number[] } = {},
): TrainingData {
  const count = features.length / units;
  const { stages, stageWidths = [] } = extra;
  const width = stageWidths.reduce((sum, channels) => sum + channels, 0);
  return {
    count,
    classNames: Array.from({ length: CLASSES }, (_, k) => `class ${k}`),
    lastLayer,
    stageWidths,
    // eslint-disable-next-line @typescript-eslint/require-await -- already in memory
    async *blocks() {
      for (let from = 0; from < count; from += BLOCK) {
        const rows = Math.min(BLOCK, count - from);
        const data = features.subarray(from * units, (from + rows) * units);
        yield {
          features: { data, count: rows, units },
          logits: logitsOf(data, rows, { lastLayer }),
          ...(stages
            ? {
                stages: {
                  data: stages.subarray(from * width, (from + rows) * width),
                  count: rows,
                  units: width,
                },
              }
            : {}),
          labels: Int32Array.from({ length: rows }, (_, i) => (from + i) % CLASSES),
        };
      }
    },
  };
}

export const fileOf = (folder: string, name: string): string => path.join(folder, `${name}.f32`);

export const writeFloats = (
  file: string,
  { buffer, byteOffset, byteLength }: Float32Array,
): void => {
  fs.writeFileSync(file, new Uint8Array(buffer, byteOffset, byteLength));
};

export function readFloats(file: string): Float32Array {
  return new Float32Array(new Uint8Array(fs.readFileSync(file)).buffer);
}
