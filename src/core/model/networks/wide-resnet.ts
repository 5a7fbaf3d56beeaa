/**
 * Wide residual network (Zagoruyko & Komodakis 2016, arXiv:1605.07146), pre-activation, for small images.
 * Layer names and details (no bias in convolutions, first block of a stage applies its shortcut after
 * batch norm and ReLU) follow xternalz/WideResNet-pytorch, which energy_ood and the authors' code use.
 */
import type { Network } from '../layers.ts';

interface WideResNetOptions {
  readonly depth: number;
  readonly width: number;
  readonly dropout: number;
  readonly classes: number;
}

export function wideResNet({ depth, width, dropout, classes }: WideResNetOptions): Network {
  const blocksPerStage = (depth - 4) / 6;
  return (layers, image) => {
    let x = layers.conv(image, 'conv1', { filters: 16, kernel: 3, stride: 1 });
    let channels = 16;
    const stages: Array<typeof x> = [];
    for (const [stage, base] of [16, 32, 64].entries()) {
      const filters = base * width;
      for (let i = 0; i < blocksPerStage; i++) {
        const name = `block${stage + 1}.layer.${i}`;
        const stride = stage > 0 && i === 0 ? 2 : 1;
        const activated = layers.batchNormRelu(x, `${name}.bn1`);
        let y = layers.conv(activated, `${name}.conv1`, { filters, kernel: 3, stride });
        y = layers.batchNormRelu(y, `${name}.bn2`);
        if (dropout > 0) y = layers.dropout(y, dropout);
        y = layers.conv(y, `${name}.conv2`, { filters, kernel: 3, stride: 1 });
        const shortcut =
          channels === filters
            ? x
            : layers.conv(activated, `${name}.convShortcut`, { filters, kernel: 1, stride });
        x = layers.add(y, shortcut);
        channels = filters;
      }
      // What a later stage gets is not activated yet; the last one's activation belongs to it.
      if (stage === 2) x = layers.batchNormRelu(x, 'bn1');
      stages.push(x);
    }
    const features = layers.globalAveragePool(x);
    return { features, stages, logits: layers.dense(features, 'fc', classes) };
  };
}
