/** A plain convolutional network without shortcuts: three stages of two convolutions, each with batch norm and ReLU. */
import type { Network } from '../layers.ts';

/** @param width channels of the first stage; each later stage has twice as many */
export function plainCnn({ width, classes }: { width: number; classes: number }): Network {
  return (layers, image) => {
    let x = image;
    const stages: Array<typeof x> = [];
    for (let stage = 1; stage <= 3; stage++) {
      const filters = width * 2 ** (stage - 1);
      for (let i = 1; i <= 2; i++) {
        const name = `stage${stage}.${i}`;
        x = layers.conv(x, `${name}.conv`, { filters, kernel: 3, stride: 1 });
        x = layers.batchNormRelu(x, `${name}.bn`);
      }
      stages.push(x);
      if (stage < 3) x = layers.averagePool2(x);
    }
    const features = layers.globalAveragePool(x);
    return { features, stages, logits: layers.dense(features, 'fc', classes) };
  };
}
