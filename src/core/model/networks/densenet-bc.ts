/**
 * DenseNet-BC (Huang et al. 2017, arXiv:1608.06993) for small images: bottlenecks of 4k channels, and transitions
 * that halve the channels. Layer names follow andreasveit/densenet-pytorch, which ODIN's and later OOD work use.
 */
import type { Network } from '../layers.ts';

interface DenseNetOptions {
  /** 6n + 4: 40, 100, 190. */
  readonly depth: number;
  /** Channels that each layer adds, k. */
  readonly growth: number;
  readonly dropout: number;
  readonly classes: number;
}

export function denseNetBc({ depth, growth, dropout, classes }: DenseNetOptions): Network {
  const layersPerBlock = (depth - 4) / 6;
  return (layers, image) => {
    let channels = 2 * growth;
    let x = layers.conv(image, 'conv1', { filters: channels, kernel: 3, stride: 1 });
    const stages: Array<typeof x> = [];
    for (let block = 1; block <= 3; block++) {
      for (let i = 0; i < layersPerBlock; i++) {
        const name = `block${block}.layer.${i}`;
        let y = layers.batchNormRelu(x, `${name}.bn1`);
        y = layers.conv(y, `${name}.conv1`, { filters: 4 * growth, kernel: 1, stride: 1 });
        if (dropout > 0) y = layers.dropout(y, dropout);
        y = layers.batchNormRelu(y, `${name}.bn2`);
        y = layers.conv(y, `${name}.conv2`, { filters: growth, kernel: 3, stride: 1 });
        if (dropout > 0) y = layers.dropout(y, dropout);
        x = layers.concat(x, y);
        channels += growth;
      }
      if (block === 3) break;
      channels = Math.floor(channels / 2);
      x = layers.batchNormRelu(x, `trans${block}.bn1`);
      x = layers.conv(x, `trans${block}.conv1`, { filters: channels, kernel: 1, stride: 1 });
      if (dropout > 0) x = layers.dropout(x, dropout);
      x = layers.averagePool2(x);
      stages.push(x);
    }
    x = layers.batchNormRelu(x, 'bn1');
    stages.push(x);
    const features = layers.globalAveragePool(x);
    return { features, stages, logits: layers.dense(features, 'fc', classes) };
  };
}
