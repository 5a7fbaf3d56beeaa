/**
 * Residual network for small images (He et al. 2016, arXiv:1512.03385, section 4.2) with parameter-free shortcuts
 * (option A). Layer names follow akamaster/pytorch_resnet_cifar10, so that its weights can be read.
 */
import type { Network } from '../layers.ts';

/** @param depth 6n + 2: 20, 32, 44, 56, 110 */
export function resNetCifar({ depth, classes }: { depth: number; classes: number }): Network {
  const blocksPerStage = (depth - 2) / 6;
  return (layers, image) => {
    let x = layers.conv(image, 'conv1', { filters: 16, kernel: 3, stride: 1 });
    x = layers.batchNormRelu(x, 'bn1');
    const stages: Array<typeof x> = [];
    for (const [stage, filters] of [16, 32, 64].entries()) {
      for (let i = 0; i < blocksPerStage; i++) {
        const name = `layer${stage + 1}.${i}`;
        const narrows = stage > 0 && i === 0;
        const stride = narrows ? 2 : 1;
        let y = layers.conv(x, `${name}.conv1`, { filters, kernel: 3, stride });
        y = layers.batchNormRelu(y, `${name}.bn1`);
        y = layers.conv(y, `${name}.conv2`, { filters, kernel: 3, stride: 1 });
        y = layers.batchNorm(y, `${name}.bn2`);
        const shortcut = narrows ? layers.subsampleAndPad(x, filters) : x;
        x = layers.relu(layers.add(y, shortcut));
      }
      stages.push(x);
    }
    const features = layers.globalAveragePool(x);
    return { features, stages, logits: layers.dense(features, 'linear', classes) };
  };
}
