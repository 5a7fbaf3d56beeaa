/**
 * Weights as PyTorch stores them, in this project's layout: filters OIHW -> HWIO, dense weights `[out, in]` ->
 * `[in, out]`. Names are those of the networks' usual PyTorch implementations, see `networks/`.
 */
import { AppError } from '../errors.ts';
import type { HostTensor } from '../tf/host-tensor.ts';
import { architectureName, summariseNetwork, type Architecture } from './architecture.ts';
import type { FloatTensor } from './safetensors.ts';

/** What wrappers put before every name. */
const PREFIXES = ['module.', 'model.', 'state_dict.', '_orig_mod.'];
/** The last layer goes by several names. */
const HEADS = ['fc', 'linear', 'classifier'];

/**
 * @param tensors as decoded from a safetensors file; counters (`num_batches_tracked`) are no float tensors
 * @throws AppError `invalid-model` naming the parameters that are missing, left over or of another shape
 */
export function fromPytorch(
  architecture: Architecture,
  tensors: ReadonlyMap<string, FloatTensor>,
): Map<string, HostTensor> {
  const given = withoutPrefixes(tensors);
  const used = new Set<string>();
  const missing: string[] = [];
  const weights = new Map<string, HostTensor>();
  for (const { name, shape } of summariseNetwork(architecture).parameters) {
    const found = [name, ...otherHeads(name)].find((candidate) => given.has(candidate));
    if (found === undefined) {
      missing.push(name);
      continue;
    }
    used.add(found);
    const converted = transposed(given.get(found)!);
    if (converted.shape.join() !== shape.join())
      throw new AppError(
        'invalid-model',
        `"${found}" has the shape [${given.get(found)!.shape.join(', ')}], which does not fit ${architectureName(architecture)} (in this layout [${converted.shape.join(', ')}] instead of [${shape.join(', ')}]). Check the network and the number of classes.`,
      );
    const broken = converted.data.findIndex((value) => !Number.isFinite(value));
    if (broken >= 0)
      throw new AppError('invalid-model', `"${found}" holds a value that is not a number.`);
    weights.set(name, converted);
  }
  const unused = [...given.keys()].filter((name) => !used.has(name));
  if (missing.length > 0 || unused.length > 0)
    throw new AppError(
      'invalid-model',
      `The file does not hold the weights of ${architectureName(architecture)}: ${[
        ...(missing.length > 0 ? [`missing are ${someOf(missing)}`] : []),
        ...(unused.length > 0 ? [`not known are ${someOf(unused)}`] : []),
      ].join('; ')}. Choose the network that it was saved from.`,
      { details: { missing, unused } },
    );
  return weights;
}

function withoutPrefixes(
  tensors: ReadonlyMap<string, FloatTensor>,
): ReadonlyMap<string, FloatTensor> {
  let current = tensors;
  for (;;) {
    const prefix = PREFIXES.find((candidate) =>
      [...current.keys()].every((name) => name.startsWith(candidate)),
    );
    if (prefix === undefined || current.size === 0) break;
    current = new Map([...current].map(([name, tensor]) => [name.slice(prefix.length), tensor]));
  }
  // Saved as float by some exporters.
  return new Map([...current].filter(([name]) => !name.endsWith('.num_batches_tracked')));
}

function otherHeads(name: string): string[] {
  const [head, ...rest] = name.split('.');
  return HEADS.includes(head!) ? HEADS.map((other) => [other, ...rest].join('.')) : [];
}

const someOf = (names: readonly string[]): string =>
  names.length <= 4
    ? names.join(', ')
    : `${names.slice(0, 4).join(', ')} and ${names.length - 4} more`;

/** `[a, b, k, l]` -> `[k, l, b, a]`, `[a, b]` -> `[b, a]`, others as they are. */
function transposed({ shape, data }: FloatTensor): HostTensor {
  if (shape.length !== 4 && shape.length !== 2) return { shape, data };
  const [outputs, inputs, ...space] = shape as [number, number, ...number[]];
  const area = space.reduce((product, side) => product * side, 1);
  const result = new Float32Array(data.length);
  for (let o = 0; o < outputs; o++)
    for (let i = 0; i < inputs; i++)
      for (let p = 0; p < area; p++)
        result[(p * inputs + i) * outputs + o] = data[(o * inputs + i) * area + p]!;
  return { shape: [...space, inputs, outputs], data: result };
}
