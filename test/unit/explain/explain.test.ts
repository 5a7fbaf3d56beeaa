/** Grad-CAM of the energy and the energy taken apart, against gradients, differences and sums. */
import { beforeAll, describe, expect, it } from 'vitest';
import { energyMap, heatOf, upsample } from '../../../src/core/explain/energy-map.ts';
import { energyParts, topLogitParts } from '../../../src/core/explain/energy-parts.ts';
import { explainImages, type Explanations } from '../../../src/core/explain/explain-images.ts';
import { headOf, type Head } from '../../../src/core/explain/head.ts';
import { networkOf, type Architecture } from '../../../src/core/model/architecture.ts';
import { initialiseWeights } from '../../../src/core/model/initialise.ts';
import type { ModelInfo } from '../../../src/core/model/model-file.ts';
import { featureMapGradient } from '../../../src/core/tf/programs/feature-maps.ts';
import type { Runtime, SessionSpec } from '../../../src/core/tf/runtime.ts';
import type { FeatureMaps, Session } from '../../../src/core/tf/session.ts';
import { relativeError } from '../../support/plain-tfjs.ts';
import { ReferenceKernels } from '../../support/reference-kernels.ts';
import { nativeRuntime, wasmRuntime } from '../../support/runtimes.ts';
import { randomPixels, tinySpec } from '../../support/sessions.ts';

const native = nativeRuntime();
const missing = 'missing' in native ? native.missing : null;
const tiers: [string, () => Promise<Runtime>][] = [
  ['wasm', wasmRuntime],
  [
    `TensorFlow${missing === null ? '' : ` (skipped: ${missing})`}`,
    () =>
      'missing' in native
        ? Promise.reject(new Error(native.missing))
        : Promise.resolve(native.runtime),
  ],
];
const COUNT = 3;

const headIn = ({ architecture, weights }: SessionSpec): Head =>
  headOf({ info: { architecture } as ModelInfo, weights });

/** −E of a feature map by definition: mean over space, dense layer, log of the sum of exponentials. */
function negativeEnergy(map: Float64Array, side: number, head: Head): number {
  const { units, classes, weight, bias } = head;
  const places = side * side;
  let sum = 0;
  for (let k = 0; k < classes; k++) {
    let logit = bias[k]!;
    for (let c = 0; c < units; c++) {
      let mean = 0;
      for (let p = 0; p < places; p++) mean += map[p * units + c]! / places;
      logit += mean * weight[c * classes + k]!;
    }
    sum += Math.exp(logit);
  }
  return Math.log(sum);
}

describe.each(tiers)('on %s', (name, load) => {
  const skip = name.startsWith('TensorFlow') && missing !== null;
  const it_ = it.skipIf(skip);
  const spec = tinySpec();
  const head = headIn(spec);
  const { units, classes } = head;
  const pixels = randomPixels(COUNT);
  let runtime: Runtime;
  let session: Session;
  let pass: FeatureMaps;
  let explained: Explanations;
  beforeAll(async () => {
    if (skip) return;
    runtime = await load();
    session = runtime.createSession(spec);
    pass = await session.featureMaps(pixels, COUNT);
    explained = await explainImages(session, head, pixels, COUNT, { topLogits: 2 });
  });

  it_('the map is what the features are the mean of; the pass is the plain one', async () => {
    const plain = await session.forward(pixels, COUNT);
    expect(relativeError(pass.logits, plain.logits)).toBeLessThan(1e-5);
    // 16 pixels, narrowed twice.
    expect(pass.side).toBe(4);
    const places = pass.side ** 2;
    const means = Float64Array.from({ length: COUNT * units }, (_, at) => {
      const [image, c] = [Math.floor(at / units), at % units];
      let sum = 0;
      for (let p = 0; p < places; p++) sum += pass.maps[(image * places + p) * units + c]!;
      return sum / places;
    });
    expect(relativeError(plain.features, means)).toBeLessThan(1e-5);
  });

  it_('the gradient to the map, by the backward pass, is that of central differences', async () => {
    const gradient = await session.featureMapGradient(pixels, COUNT);
    const length = pass.side ** 2 * units;
    const map = Float64Array.from(pass.maps.subarray(0, length));
    const step = 1e-3;
    const differences = Float64Array.from({ length: 200 }, (_, i) => {
      const at = (i * 37) % length;
      const moved = (by: number): number => {
        const other = map.slice();
        other[at] = other[at]! + by;
        return negativeEnergy(other, pass.side, head);
      };
      return (moved(step) - moved(-step)) / (2 * step);
    });
    const actual = differences.map((_, i) => gradient[(i * 37) % length]!);
    expect(relativeError(actual, differences)).toBeLessThan(1e-4);
  });

  it_('Grad-CAM from that gradient is the closed form', async () => {
    const gradient = await session.featureMapGradient(pixels, COUNT);
    const places = pass.side ** 2;
    for (const [image, { map }] of explained.images.entries()) {
      const at = (p: number, c: number): number => (image * places + p) * units + c;
      const alpha = Float64Array.from({ length: units }, (_, c) => {
        let sum = 0;
        for (let p = 0; p < places; p++) sum += gradient[at(p, c)]!;
        return sum / places;
      });
      const expected = Float64Array.from({ length: places }, (_, p) =>
        alpha.reduce((sum, weight, c) => sum + weight * pass.maps[at(p, c)]!, 0),
      );
      expect(relativeError(map, expected)).toBeLessThan(1e-4);
    }
  });

  it_('classes, features and places each add up to the energy', () => {
    for (const [i, parts] of explained.images.entries()) {
      const logits = pass.logits.subarray(i * classes, (i + 1) * classes);
      const negative = Math.log(logits.reduce((sum, f) => sum + Math.exp(f), 0));
      const total = (values: Iterable<number>): number => [...values].reduce((a, b) => a + b, 0);
      expect(parts.energy).toBeCloseTo(-negative, 5);
      expect(total(parts.shares)).toBeCloseTo(1, 12);
      const rest = parts.bias + parts.entropy;
      expect(total(parts.features) + rest).toBeCloseTo(negative, 4);
      expect(total(parts.map) + rest).toBeCloseTo(negative, 4);
      const sorted = [...logits].sort((a, b) => b - a);
      for (const [rank, top] of parts.topLogits.entries()) {
        expect(top.logit).toBe(sorted[rank]);
        expect(logits[top.classIndex]).toBe(top.logit);
        expect(top.bias + total(top.contributions)).toBeCloseTo(top.logit, 4);
      }
      expect(parts.topLogits).toHaveLength(2);
    }
  });

  it_('many images in batches are what they are one by one', async () => {
    const many = randomPixels(19, 16, 3);
    const all = await explainImages(session, head, many, 19);
    for (const i of [0, 15, 16, 18]) {
      const bytes = 16 * 16 * 3;
      const one = await explainImages(session, head, many.slice(i * bytes, (i + 1) * bytes), 1);
      expect(relativeError(all.images[i]!.map, one.images[0]!.map)).toBeLessThan(1e-4);
      expect(relativeError(all.heat.subarray(i * 256, (i + 1) * 256), one.heat)).toBeLessThan(1e-4);
    }
    expect(all.images).toHaveLength(19);
  });

  it_('heat is the positive part, over the whole input', () => {
    expect(explained.heat).toHaveLength(COUNT * 16 * 16);
    for (const value of explained.heat) expect(value).toBeGreaterThanOrEqual(0);
    for (const [i, { map }] of explained.images.entries())
      expect(Math.max(...explained.heat.subarray(i * 256, (i + 1) * 256))).toBeLessThanOrEqual(
        Math.max(0, ...map) + 1e-6,
      );
  });

  it_('nothing is left behind', async () => {
    const run = async (): Promise<void> => {
      await session.featureMaps(pixels, COUNT);
      await session.featureMapGradient(pixels, COUNT);
    };
    await run();
    const live = runtime.liveTensors();
    await run();
    expect(runtime.liveTensors()).toBe(live);
  });

  it_('refuses too few pixels', async () => {
    await expect(session.featureMaps(pixels.subarray(1), COUNT)).rejects.toThrow(/were given/);
  });
});

it.each<Architecture>([
  { family: 'resnet-cifar', depth: 8, dropout: 0, classes: 3, inputSize: 16 },
  { family: 'resnet-18', stem: 'small', dropout: 0, classes: 3, inputSize: 16 },
  { family: 'densenet-bc', depth: 10, growth: 4, dropout: 0.1, classes: 3, inputSize: 16 },
  { family: 'plain-cnn', width: 4, dropout: 0, classes: 3, inputSize: 12 },
])('$family: closed form and 64-bit gradients agree', async (architecture) => {
  const spec = tinySpec({}, { architecture, weights: initialiseWeights(architecture, 3) });
  const session = (await wasmRuntime()).createSession(spec);
  const size = architecture.inputSize;
  const pixels = randomPixels(2, size);
  const head = headIn(spec);
  const pass = await session.featureMaps(pixels, 2);
  const variables = new Map(
    [...spec.weights].map(([name, { shape, data }]) => [
      name,
      { name, shape, data: Float64Array.from(data) },
    ]),
  );
  const { gradient } = featureMapGradient(
    new ReferenceKernels(),
    { network: networkOf(architecture), variables, normalisation: spec.normalisation },
    { shape: [2, size, size, 3], data: Float64Array.from(pixels) },
  );
  const places = pass.side ** 2;
  for (let image = 0; image < 2; image++) {
    const logits = pass.logits.subarray(image * 3, (image + 1) * 3);
    const features = pass.features.subarray(image * head.units, (image + 1) * head.units);
    const { shares } = energyParts(logits, features, head);
    const map = energyMap(pass.maps, image, pass.side, shares, head);
    const expected = Float64Array.from({ length: places }, (_, p) => {
      let sum = 0;
      for (let c = 0; c < head.units; c++) {
        let alpha = 0;
        for (let q = 0; q < places; q++)
          alpha += gradient.data[(image * places + q) * head.units + c]! / places;
        sum += alpha * pass.maps[(image * places + p) * head.units + c]!;
      }
      return sum;
    });
    expect(relativeError(map, expected)).toBeLessThan(1e-4);
  }
  session.dispose();
});

describe('of numbers alone', () => {
  const head: Head = {
    units: 2,
    classes: 2,
    weight: Float32Array.of(1, 0, -2, 1),
    bias: Float32Array.of(0.5, -0.5),
  };

  it('an undecided image has log 2 from its entropy', () => {
    // f = (0.5 + 1·g₀ − 2·g₁, −0.5 + g₁) with g = (2, 1): both 0.5.
    const parts = energyParts([0.5, 0.5], [2, 1], head);
    expect(parts.entropy).toBeCloseTo(Math.LN2, 12);
    expect(parts.energy).toBeCloseTo(-(0.5 + Math.LN2), 12);
    expect([...parts.features]).toEqual([1, -0.5]);
    expect(parts.bias).toBe(0);
  });

  it('a class that is ruled out adds nothing', () => {
    const parts = energyParts([1, -Infinity], [1, 0], head);
    expect(parts.energy).toBe(-1);
    expect(parts.entropy).toBe(0);
  });

  it('equal logits keep the order of their classes', () => {
    expect(topLogitParts([0.5, 0.5], [2, 1], head, 2).map((part) => part.classIndex)).toEqual([0, 1]); // prettier-ignore
  });

  it('upsampling is bilinear with pixel centres at halves', () => {
    // The middle of [a b] at twice the size is a, 3a/4 + b/4, a/4 + 3b/4, b.
    const row = upsample(Float32Array.of(0, 4, 0, 4), 2, 4).subarray(0, 4);
    expect([...row]).toEqual([0, 1, 3, 4]);
    expect([...upsample(Float32Array.of(7), 1, 3)]).toEqual(new Array(9).fill(7));
  });

  it('heat has no negative part', () => {
    expect([...heatOf(Float32Array.of(-1, 0, 2))]).toEqual([0, 0, 2]);
  });
});
