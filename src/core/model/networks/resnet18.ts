/**
 * ResNet-18 (He et al. 2016, arXiv:1512.03385) with 1x1 convolutions where a stage narrows (option B). Layer names
 * follow torchvision. The `large` stem is the paper's (7x7, stride 2, then pooling) for inputs of about 224 pixels;
 * the `small` one (3x3, no pooling) is what OpenOOD and others use for 32 pixels.
 */
import type { Network } from '../layers.ts';

export type ResNetStem = 'small' | 'large';

export function resNet18({ stem, classes }: { stem: ResNetStem; classes: number }): Network {
  return (layers, image) => {
    const large = stem === 'large';
    const first = large ? { kernel: 7, stride: 2 } : { kernel: 3, stride: 1 };
    let x = layers.conv(image, 'conv1', { filters: 64, ...first });
    x = layers.batchNormRelu(x, 'bn1');
    if (large) x = layers.maxPool(x, { kernel: 3, stride: 2 });
    let channels = 64;
    const stages: Array<typeof x> = [];
    for (const [stage, filters] of [64, 128, 256, 512].entries()) {
      for (let i = 0; i < 2; i++) {
        const name = `layer${stage + 1}.${i}`;
        const stride = stage > 0 && i === 0 ? 2 : 1;
        let y = layers.conv(x, `${name}.conv1`, { filters, kernel: 3, stride });
        y = layers.batchNormRelu(y, `${name}.bn1`);
        y = layers.conv(y, `${name}.conv2`, { filters, kernel: 3, stride: 1 });
        y = layers.batchNorm(y, `${name}.bn2`);
        let shortcut = x;
        if (stride !== 1 || channels !== filters) {
          shortcut = layers.conv(x, `${name}.downsample.0`, { filters, kernel: 1, stride });
          shortcut = layers.batchNorm(shortcut, `${name}.downsample.1`);
        }
        x = layers.relu(layers.add(y, shortcut));
        channels = filters;
      }
      stages.push(x);
    }
    const features = layers.globalAveragePool(x);
    return { features, stages, logits: layers.dense(features, 'fc', classes) };
  };
}
