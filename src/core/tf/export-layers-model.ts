/**
 * Writes a model as a tfjs LayersModel (`model.json` and `weights.bin`) that plain tfjs loads with
 * `tf.loadLayersModel`. Input: RGB from 0 to 255, `[n, size, size, 3]`; the normalisation is part of the model.
 * Outputs: logits `[n, classes]` and penultimate features.
 */
import { createRequire } from 'node:module';
import type * as tfjs from '@tensorflow/tfjs';
import type { Normalisation } from '../decode/types.ts';
import { networkOf, type Architecture } from '../model/architecture.ts';
import {
  BATCH_NORM_EPSILON,
  BATCH_NORM_MOMENTUM,
  batchNormNames,
  type ConvOptions,
  type Layers,
  type PoolOptions,
} from '../model/layers.ts';
import type { HostTensor } from './host-tensor.ts';
import { channelPadding } from './programs/inference-layers.ts';
import type { Tfjs } from './tfjs/conv-gradients.ts';

type Symbolic = tfjs.SymbolicTensor;

/** Names of layers may not hold dots: tfjs uses them as graph scopes. */
const layerName = (name: string): string => name.replaceAll('.', '_');

class KerasLayers implements Layers<Symbolic> {
  /** Weights to set once the model exists: layer name -> arrays in the layer's own order. */
  readonly assignments = new Map<string, HostTensor[]>();
  private readonly tf: Tfjs;
  private readonly weights: ReadonlyMap<string, HostTensor>;

  constructor(tf: Tfjs, weights: ReadonlyMap<string, HostTensor>) {
    this.tf = tf;
    this.weights = weights;
  }

  normalise(x: Symbolic, { mean, std }: Normalisation): Symbolic {
    const vector = (values: number[]): HostTensor => ({
      shape: [values.length],
      data: Float32Array.from(values),
    });
    this.assignments.set('normalise', [
      vector(mean.map((value) => value * 255)),
      vector(std.map((value) => (value * 255) ** 2)),
    ]);
    const layer = this.tf.layers.batchNormalization({
      name: 'normalise',
      epsilon: 0,
      scale: false,
      center: false,
      trainable: false,
    });
    return layer.apply(x) as Symbolic;
  }

  conv(x: Symbolic, name: string, { filters, kernel, stride }: ConvOptions): Symbolic {
    // Keras's "same" pads only at the far edge when the stride is 2; this network pads both.
    const input = stride === 1 ? x : this.zeroPadded(x, kernel >> 1, layerName(`${name}.pad`));
    this.assignments.set(layerName(name), [this.weight(`${name}.weight`)]);
    const layer = this.tf.layers.conv2d({
      name: layerName(name),
      filters,
      kernelSize: kernel,
      strides: stride,
      padding: stride === 1 ? 'same' : 'valid',
      useBias: false,
    });
    return layer.apply(input) as Symbolic;
  }

  batchNorm(x: Symbolic, name: string): Symbolic {
    const { gamma, beta, mean, variance } = batchNormNames(name);
    this.assignments.set(
      layerName(name),
      [gamma, beta, mean, variance].map((n) => this.weight(n)),
    );
    const norm = this.tf.layers.batchNormalization({
      name: layerName(name),
      epsilon: BATCH_NORM_EPSILON,
      momentum: 1 - BATCH_NORM_MOMENTUM,
    });
    return norm.apply(x) as Symbolic;
  }

  batchNormRelu(x: Symbolic, name: string): Symbolic {
    return this.relu(this.batchNorm(x, name));
  }

  relu(x: Symbolic): Symbolic {
    return this.tf.layers.reLU().apply(x) as Symbolic;
  }

  concat(a: Symbolic, b: Symbolic): Symbolic {
    return this.tf.layers.concatenate({ axis: -1 }).apply([a, b]) as Symbolic;
  }

  maxPool(x: Symbolic, { kernel, stride }: PoolOptions): Symbolic {
    // Keras's "same" pads only at the far edge. Zeros are right here: what is pooled comes out of a ReLU.
    const padded = this.zeroPadded(x, kernel >> 1);
    const pool = this.tf.layers.maxPooling2d({ poolSize: kernel, strides: stride });
    return pool.apply(padded) as Symbolic;
  }

  averagePool2(x: Symbolic): Symbolic {
    return this.tf.layers.averagePooling2d({ poolSize: 2, strides: 2 }).apply(x) as Symbolic;
  }

  /** Keras has no such layer: a 1x1 convolution with stride 2 whose filter is a shifted identity does the same. */
  subsampleAndPad(x: Symbolic, channels: number): Symbolic {
    const inputs = x.shape[3]!;
    const [before] = channelPadding(inputs, channels);
    const filter = new Float32Array(inputs * channels);
    for (let c = 0; c < inputs; c++) filter[c * channels + before + c] = 1;
    const name = `shortcut_${this.assignments.size}`;
    this.assignments.set(name, [{ shape: [1, 1, inputs, channels], data: filter }]);
    const layer = this.tf.layers.conv2d({
      name,
      filters: channels,
      kernelSize: 1,
      strides: 2,
      padding: 'valid',
      useBias: false,
      trainable: false,
    });
    return layer.apply(x) as Symbolic;
  }

  add(a: Symbolic, b: Symbolic): Symbolic {
    return this.tf.layers.add().apply([a, b]) as Symbolic;
  }

  dropout(x: Symbolic, rate: number): Symbolic {
    return this.tf.layers.dropout({ rate }).apply(x) as Symbolic;
  }

  globalAveragePool(x: Symbolic): Symbolic {
    return this.tf.layers.globalAveragePooling2d({ name: 'features' }).apply(x) as Symbolic;
  }

  dense(x: Symbolic, name: string, units: number): Symbolic {
    this.assignments.set(layerName(name), [
      this.weight(`${name}.weight`),
      this.weight(`${name}.bias`),
    ]);
    return this.tf.layers.dense({ name: layerName(name), units }).apply(x) as Symbolic;
  }

  private zeroPadded(x: Symbolic, pad: number, name?: string): Symbolic {
    if (pad === 0) return x;
    const layer = this.tf.layers.zeroPadding2d({
      ...(name === undefined ? {} : { name }),
      padding: [
        [pad, pad],
        [pad, pad],
      ],
    });
    return layer.apply(x) as Symbolic;
  }

  private weight(name: string): HostTensor {
    const weight = this.weights.get(name);
    if (!weight) throw new Error(`The model has no weight ${name}`);
    return weight;
  }
}

/** File contents by name: `model.json` and `weights.bin`. */
export async function exportLayersModel(
  architecture: Architecture,
  normalisation: Normalisation,
  weights: ReadonlyMap<string, HostTensor>,
): Promise<Record<string, Uint8Array>> {
  const tf = createRequire(import.meta.url)('@tensorflow/tfjs') as Tfjs;
  const before = tf.getBackend() as string | undefined;
  await tf.setBackend('cpu');
  try {
    const { inputSize } = architecture;
    const input = tf.input({ shape: [inputSize, inputSize, 3], name: 'image' });
    const layers = new KerasLayers(tf, weights);
    const network = networkOf(architecture);
    const { features, logits } = network<Symbolic>(layers, layers.normalise(input, normalisation));
    const model = tf.model({ inputs: input, outputs: [logits, features], name: 'straylight' });
    for (const [name, values] of layers.assignments) {
      const tensors = values.map(({ shape, data }) => tf.tensor(data, [...shape]));
      model.getLayer(name).setWeights(tensors);
      tf.dispose(tensors);
    }
    let artifacts: tfjs.io.ModelArtifacts | null = null;
    await model.save(
      tf.io.withSaveHandler((made) => {
        artifacts = made;
        return Promise.resolve({
          modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: 'JSON' },
        });
      }),
    );
    model.dispose();
    return layersModelFiles(artifacts!);
  } finally {
    if (before) await tf.setBackend(before);
  }
}

function layersModelFiles(artifacts: tfjs.io.ModelArtifacts): Record<string, Uint8Array> {
  const { modelTopology, weightSpecs, weightData } = artifacts;
  const parts = Array.isArray(weightData) ? weightData : [weightData!];
  const manifest = {
    format: 'layers-model',
    generatedBy: 'straylight',
    modelTopology,
    weightsManifest: [{ paths: ['weights.bin'], weights: weightSpecs }],
  };
  return {
    'model.json': new TextEncoder().encode(JSON.stringify(manifest)),
    'weights.bin': Buffer.concat(parts.map((part) => new Uint8Array(part))),
  };
}
