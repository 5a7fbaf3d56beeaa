import { describe, expect, it } from 'vitest';
import { architectureOf, summariseNetwork } from '../../../src/core/model/architecture.ts';
import { initialiseWeights } from '../../../src/core/model/initialise.ts';

const summary = (name: string, classes: number, inputSize = 32) =>
  summariseNetwork(architectureOf(name, { classes, inputSize }));

describe('networks', () => {
  // Trained parameters counted in PyTorch: WRN-40-2 and WRN-16-2 for CIFAR-100 as the RepDistiller repository
  // (Tian, Krishnan, Isola 2020) has them, WRN-28-10 for CIFAR-10 as Zagoruyko & Komodakis' code has it.
  it.each([
    ['wrn-40-2', 100, 2_255_156],
    ['wrn-16-2', 100, 703_284],
    ['wrn-28-10', 10, 36_479_194],
  ])('%s with %d classes has %d trained parameters', (name, classes, count) => {
    expect(summary(name, classes).trainableCount).toBe(count);
  });

  // As akamaster/pytorch_resnet_cifar10 prints them, as torchvision documents them (resnet18), and as
  // andreasveit/densenet-pytorch prints them (DenseNet-BC, depth 100, growth 12).
  it.each([
    ['resnet-20', 10, 32, 269_722],
    ['resnet-56', 10, 32, 853_018],
    ['resnet-110', 10, 32, 1_727_962],
    ['resnet-18-224', 1000, 224, 11_689_512],
    ['densenet-bc-100', 10, 32, 769_162],
  ])('%s with %d classes at %d pixels has %d trained parameters', (name, classes, size, count) => {
    expect(summary(name, classes, size).trainableCount).toBe(count);
  });

  // torchvision documents 1.81 GFLOPS (multiply-adds) for resnet18 at 224 pixels.
  it('multiply-adds of ResNet-18 at 224 pixels', () => {
    expect(summary('resnet-18-224', 1000, 224).multiplyAdds / 1e9).toBeCloseTo(1.81, 2);
  });

  it.each([28, 33, 64, 224])('every family takes inputs of %d pixels', (size) => {
    for (const name of ['resnet-20', 'resnet-18', 'resnet-18-224', 'densenet-bc-100', 'cnn'])
      expect(summary(name, 10, size).featureCount).toBeGreaterThan(0);
  });

  it('multiply-adds of WRN-10-1 follow from its layers', () => {
    const conv = (side: number, kernel: number, from: number, to: number): number =>
      side ** 2 * kernel ** 2 * from * to;
    const first = conv(32, 3, 3, 16);
    const stages =
      conv(32, 3, 16, 16) * 2 +
      (conv(16, 3, 16, 32) + conv(16, 3, 32, 32) + conv(16, 1, 16, 32)) +
      (conv(8, 3, 32, 64) + conv(8, 3, 64, 64) + conv(8, 1, 32, 64));
    expect(summary('wrn-10-1', 10).multiplyAdds).toBe(first + stages + 64 * 10);
  });

  it.each([28, 33, 224])('takes inputs of %d pixels', (size) => {
    expect(summary('wrn-16-2', 10, size).featureCount).toBe(128);
  });

  it.each([
    [{ depth: 12 }, /depth must be 6n \+ 4/],
    [{ classes: 1 }, /at least 2 classes/],
    [{ inputSize: 4 }, /at least 8 pixels/],
    [{ dropout: 1 }, /dropout/],
    [{ width: 0 }, /width/],
  ])('%o is refused', (changes, message) => {
    const architecture = architectureOf('wrn-10-1', { classes: 10, inputSize: 32 });
    expect(() => summariseNetwork({ ...architecture, ...changes })).toThrow(message);
  });

  it('convolutions start with the variance of He et al. 2015, fan-out', () => {
    const weights = initialiseWeights(
      architectureOf('wrn-16-2', { classes: 10, inputSize: 32 }),
      1,
    );
    const { shape, data } = weights.get('block3.layer.1.conv2.weight')!;
    const [kernel, , , out] = shape as [number, number, number, number];
    const mean = data.reduce((sum, v) => sum + v, 0) / data.length;
    const variance = data.reduce((sum, v) => sum + (v - mean) ** 2, 0) / data.length;
    const expected = 2 / (kernel ** 2 * out);
    // Standard error of a variance over n normal values: its size times sqrt(2 / n); five of them.
    expect(Math.abs(variance / expected - 1)).toBeLessThan(5 * Math.sqrt(2 / data.length));
    expect(Math.abs(mean)).toBeLessThan(5 * Math.sqrt(expected / data.length));
  });
});
