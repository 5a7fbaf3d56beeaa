/** A public CIFAR-10 ResNet-20 and what PyTorch computed with it; skipped where these files are missing. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { beforeAll, describe, expect, it } from 'vitest';
import { architectureOf } from '../../../src/core/model/architecture.ts';
import { fromPytorch } from '../../../src/core/model/pytorch-weights.ts';
import { decodeSafetensors } from '../../../src/core/model/safetensors.ts';
import { energiesOf, energy } from '../../../src/core/score/energy.ts';
import type { Session } from '../../../src/core/tf/session.ts';
import { forwardAll, type Outputs } from '../../../src/core/train/evaluate.ts';
import { crossEntropy } from '../../../src/core/train/objectives/cross-entropy.ts';
import { goldenMissing, goldenPath } from '../metrics/golden.ts';
import { nativeRuntime } from '../../support/runtimes.ts';

interface GoldenSet {
  readonly files: readonly string[];
  readonly label: readonly number[];
  readonly energy: readonly number[];
  readonly logits: readonly (readonly number[])[];
  readonly feat_L1: readonly number[];
}

const native = nativeRuntime();
const skipped = 'missing' in native ? native.missing : goldenMissing ? 'no golden numbers' : null;
const dataFolder = fileURLToPath(new URL('../../../../shared/data/', import.meta.url));
const size = 32;

async function pixelsOf(files: readonly string[]): Promise<Uint8Array> {
  const images = await Promise.all(
    files.map((file) =>
      sharp(dataFolder + file)
        .removeAlpha()
        .toColourspace('srgb')
        .raw()
        .toBuffer(),
    ),
  );
  return Buffer.concat(images);
}

describe.skipIf(skipped !== null)(
  `PyTorch's ResNet-20${skipped === null ? '' : ` (skipped: ${skipped})`}`,
  () => {
    const json = (name: string): unknown => JSON.parse(readFileSync(goldenPath(name), 'utf8'));
    let session: Session;
    let outputs: Outputs;
    let pixels: Uint8Array;
    let golden: GoldenSet;

    beforeAll(async () => {
      if ('missing' in native) throw new Error(native.missing);
      golden = (json('golden.json') as { sets: Record<string, GoldenSet> }).sets['cifar10/test']!;
      const file = goldenPath('resnet20.safetensors');
      const architecture = architectureOf('resnet-20', { classes: 10, inputSize: size });
      session = native.runtime.createSession({
        architecture,
        normalisation: { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] },
        objective: crossEntropy,
        sgd: { momentum: 0, nesterov: false, weightDecay: 0 },
        weights: fromPytorch(architecture, decodeSafetensors(readFileSync(file), file).tensors),
      });
      pixels = await pixelsOf(golden.files);
      outputs = await forwardAll(session, { data: pixels, count: golden.files.length, size });
    });

    it('gives the golden logits to 1e-4', () => {
      const expected = golden.logits.flat();
      const worst = expected.reduce(
        (most, value, i) => Math.max(most, Math.abs(outputs.logits[i]! - value)),
        0,
      );
      expect(expected.length).toBe(2000);
      expect(worst).toBeLessThan(1e-4);
    });

    it('has the accuracy 0.918', () => {
      let correct = 0;
      golden.label.forEach((label, i) => {
        const row = outputs.logits.subarray(10 * i, 10 * i + 10);
        if (row.indexOf(Math.max(...row)) === label) correct++;
      });
      expect(correct / golden.label.length).toBe(0.918);
    });

    it('gives the golden energies and feature L1', () => {
      const { logits, count, classes, features, featureCount } = outputs;
      const energies = energiesOf(energy.score({ logits: { data: logits, count, classes } }));
      for (let i = 0; i < count; i++) {
        expect(Math.abs(energies[i]! - golden.energy[i]!)).toBeLessThan(1e-4);
      }
      expect(golden.feat_L1.length).toBeGreaterThan(0);
      for (let i = 0; i < golden.feat_L1.length; i++) {
        const row = features.subarray(i * featureCount, (i + 1) * featureCount);
        const l1 = row.reduce((sum, value) => sum + Math.abs(value), 0);
        expect(Math.abs(l1 - golden.feat_L1[i]!)).toBeLessThan(1e-3);
      }
    });

    it("gives ODIN's scores: temperature 1000, one step of 0.0014", async () => {
      const scores = (
        json('detectors.json') as { first_scores: Record<string, Record<string, number[]>> }
      ).first_scores['odin_T1000_eps0.0014']!['id']!;
      const bytes = size * size * 3;
      // Every fourth image, as the golden numbers were made.
      const chosen = scores.map((_, i) => pixels.subarray(4 * i * bytes, (4 * i + 1) * bytes));
      const { logits } = await session.forwardPerturbed(Buffer.concat(chosen), scores.length, {
        temperature: 1000,
        epsilon: 0.0014,
      });
      scores.forEach((expected, i) => {
        const row = Array.from(logits.subarray(10 * i, 10 * i + 10), (value) => value / 1000);
        const top = Math.max(...row);
        const confidence = 1 / row.reduce((sum, value) => sum + Math.exp(value - top), 0);
        // The sign of a gradient near 0 may differ between implementations: a pixel more or less moves.
        expect(Math.abs(confidence - expected)).toBeLessThan(2e-6);
      });
    });
  },
);
