/** The last feature map of a network: what its final pooling averages, and the energy's gradient to it. */
import type { Kernels, Tensor, Variable } from '../kernels.ts';
import { InferenceLayers } from './inference-layers.ts';
import { normalise, type ProgramContext } from './programs.ts';
import { type Activation, TrainingLayers } from './training-layers.ts';

/** A forward pass that keeps what goes into the global pooling. */
class MapKeepingLayers<T extends Tensor> extends InferenceLayers<T> {
  map: T | null = null;

  override globalAveragePool(x: T): T {
    this.map = x;
    return super.globalAveragePool(x);
  }
}

/** A frozen network cut in two at the global pooling: gradients reach the map and stop there. */
class CutLayers<T extends Tensor> extends TrainingLayers<T> {
  map: Activation<T> | null = null;
  private readonly tensors: Kernels<T>;

  constructor(kernels: Kernels<T>, variables: ReadonlyMap<string, Variable>) {
    super(kernels, variables, null);
    this.tensors = kernels;
  }

  override globalAveragePool(x: Activation<T>): Activation<T> {
    this.map = this.input(this.tensors.share(x.value));
    return super.globalAveragePool(this.map);
  }
}

/**
 * Logits `[n, classes]`, penultimate features `[n, featureCount]` and the map whose mean over space they are,
 * `[n, h, w, featureCount]`, of uint8 pixels.
 */
export function featureMapPass<T extends Tensor>(
  kernels: Kernels<T>,
  { network, variables, normalisation }: ProgramContext,
  pixels: T,
): { readonly logits: T; readonly features: T; readonly map: T } {
  const image = normalise(kernels, pixels, normalisation);
  const layers = new MapKeepingLayers(kernels, variables);
  const { logits, features } = network<T>(layers, image);
  const { map } = layers;
  if (!map) throw new Error('The network has no global pooling');
  layers.end([logits, features, map]);
  kernels.free(image);
  return { logits, features, map };
}

/** Gradient of each image's −E = log Σ exp(f) to the last feature map, `[n, h, w, featureCount]`. */
export function featureMapGradient<T extends Tensor>(
  kernels: Kernels<T>,
  { network, variables, normalisation }: ProgramContext,
  pixels: T,
): { readonly gradient: T } {
  const image = normalise(kernels, pixels, normalisation);
  const layers = new CutLayers(kernels, variables);
  const { logits } = network<Activation<T>>(layers, layers.input(image));
  layers.flow(logits, () => {
    const { value, gradient } = kernels.logSumExp(logits.value);
    kernels.free(value);
    return gradient;
  });
  layers.backward([]);
  const { map } = layers;
  if (!map?.gradient) throw new Error('No gradient reached the feature map');
  kernels.free(map.value, image);
  return { gradient: map.gradient };
}
