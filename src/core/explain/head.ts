/** The last layer of a network: logits are the mean of its last feature map times these weights, plus a bias. */
import { summariseNetwork } from '../model/architecture.ts';
import type { Model } from '../model/model-file.ts';

export interface Head {
  readonly units: number;
  readonly classes: number;
  /** w, `[units, classes]`, row-major */
  readonly weight: Float32Array;
  /** b, `[classes]` */
  readonly bias: Float32Array;
}

/** Every network here ends in global average pooling and one dense layer, whose arrays are its last two. */
export function headOf({ info, weights }: Pick<Model, 'info' | 'weights'>): Head {
  const { parameters, featureCount } = summariseNetwork(info.architecture);
  const [weight, bias] = parameters.slice(-2).map(({ name }) => weights.get(name)!.data);
  return { units: featureCount, classes: bias!.length, weight: weight!, bias: bias! };
}
