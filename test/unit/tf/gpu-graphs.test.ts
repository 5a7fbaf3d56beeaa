/**
 * The cuda tier up to the first CUDA call. No GPU is needed: which kernels TensorFlow 2.21.0 has for GPUs, for which
 * data types, and which of their inputs must lie in host memory, was read from the library of its GPU wheel
 * (TF_GetAllRegisteredKernels), see test/fixtures/gpu-kernels/README.md.
 */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { architectureOf, summariseNetwork } from '../../../src/core/model/architecture.ts';
import { DataType } from '../../../src/core/tf/native/binding.ts';
import { NativeRuntime } from '../../../src/core/tf/native/native-runtime.ts';
import { NativeSession } from '../../../src/core/tf/native/native-session.ts';
import type { Precision } from '../../../src/core/tf/precision.ts';
import type { SessionSpec } from '../../../src/core/tf/runtime.ts';
import { OBJECTIVE_IDS, objectiveNamed } from '../../../src/core/train/objectives/registry.ts';
import { nativeRuntime } from '../../support/runtimes.ts';
import { randomPixels, tinySpec } from '../../support/sessions.ts';
import { RecordingBinding, type Graph, type GraphNode } from '../../support/traced-graphs.ts';

interface GpuKernel {
  readonly op: string;
  /** Allowed data types by attribute. */
  readonly types: readonly (readonly [attribute: string, allowed: readonly number[]])[];
  /** Arguments that lie in host memory. */
  readonly host: readonly string[];
}
const fixture = new URL('../../fixtures/gpu-kernels/tensorflow-2.21.0.txt', import.meta.url);
const kernels = readFileSync(fixture, 'utf8')
  .trimEnd()
  .split('\n')
  .map((line): GpuKernel => {
    const [op = '', types = '', host = ''] = line.split('|').map((part) => part.trim());
    return {
      op,
      types: types
        .split(' ')
        .filter(Boolean)
        .map((text) => {
          const [attribute = '', allowed = ''] = text.split('=');
          return [attribute, allowed.split(',').map(Number)];
        }),
      host: host.split(' '),
    };
  });

const native = nativeRuntime();
const missing = 'missing' in native;
const reason = missing ? ` (skipped: ${native.missing})` : '';

const kernelOf = ({ op, types }: GraphNode): GpuKernel | undefined =>
  kernels.find(
    (kernel) =>
      kernel.op === op &&
      kernel.types.every(([attribute, allowed]) => allowed.includes(types.get(attribute) ?? -1)),
  );

const known = new Map<string, Promise<readonly Graph[]>>();
function graphsOf(network: string, precision: Precision): Promise<readonly Graph[]> {
  const key = `${network} ${precision}`;
  const graphs = known.get(key) ?? trace(network, precision);
  known.set(key, graphs);
  return graphs;
}

/** Every function of a session: training, forward passes, detectors, feature maps. */
async function trace(network: string, precision: Precision): Promise<readonly Graph[]> {
  if ('missing' in native) return [];
  const binding = new RecordingBinding();
  const dropout = network.startsWith('wrn') ? 0.3 : 0;
  const inputSize = network.endsWith('224') ? 64 : 32;
  const architecture = architectureOf(network, { classes: 4, inputSize, dropout });
  // Values do not matter to a binding that computes nothing.
  const weights = new Map(
    summariseNetwork(architecture).parameters.map(({ name, shape }) => [
      name,
      { shape, data: new Float32Array(shape.reduce((product, size) => product * size, 1)) },
    ]),
  );
  const spec = tinySpec(
    {},
    {
      architecture,
      weights,
      precision,
      forwardPrecision: precision,
    },
  );
  const session = new NativeSession(binding, native.runtime.opDefs, spec);
  const count = 4;
  const pixels = randomPixels(count, inputSize);
  await session.trainStep({
    pixels,
    labels: Int32Array.of(0, 1, 2, 3),
    count,
    learningRate: 0.1,
    scalars: { lambda: 0.02 },
    dropoutSeed: [1, 2],
  });
  await session.forward(pixels, count);
  await session.forward(pixels, count, { featureLimit: 1 });
  await session.forwardPerturbed(pixels, count, { temperature: 10, epsilon: 0.01 });
  await session.inputGradient(pixels, count, { score: 'energy', temperature: 1 });
  await session.featureMaps(pixels, count);
  await session.featureMapGradient(pixels, count);
  session.dispose();
  // One network is enough for what objectives add behind it.
  if (network === 'wrn-10-1') await traceObjectives(binding, spec);
  expect(binding.getNumOfTensors()).toBe(0);
  return binding.graphs;
}

/** A training step of every objective, with outliers in the batch. */
async function traceObjectives(binding: RecordingBinding, spec: SessionSpec): Promise<void> {
  if ('missing' in native) return;
  for (const id of OBJECTIVE_IDS) {
    const objective = objectiveNamed(id);
    const session = new NativeSession(binding, native.runtime.opDefs, { ...spec, objective });
    await session.trainStep({
      pixels: randomPixels(6, spec.architecture.inputSize),
      labels: Int32Array.of(0, 1, 2, 3),
      count: 4,
      outlierCount: 2,
      learningRate: 0.1,
      scalars: Object.fromEntries(objective.scalars.map((name) => [name, 1])),
      dropoutSeed: [1, 2],
    });
    session.dispose();
  }
}

const CASES = [
  'wrn-10-1',
  'resnet-20',
  'resnet-18',
  'resnet-18-224',
  'densenet-bc-100',
  'cnn',
].flatMap((network) => (['fp32', 'bf16'] as const).map((precision) => ({ network, precision })));

describe.skipIf(missing)(`functions for a GPU${reason}`, () => {
  it.each(CASES)(
    '$network in $precision: every op has a GPU kernel for its data types',
    async ({ network, precision }) => {
      const graphs = await graphsOf(network, precision);
      expect(graphs.length).toBeGreaterThanOrEqual(7);
      const without = new Set(
        graphs.flatMap(({ nodes }) =>
          nodes
            .filter((node) => !kernelOf(node))
            .map(({ op, types }) => `${op} ${JSON.stringify([...types])}`),
        ),
      );
      expect([...without]).toEqual([]);
    },
  );

  it.each(CASES)(
    '$network in $precision: what kernels read in host memory is never computed on the GPU',
    async ({ network, precision }) => {
      if ('missing' in native) return;
      const { opDefs } = native.runtime;
      for (const { nodes, arguments: types } of await graphsOf(network, precision)) {
        const byName = new Map(nodes.map((node) => [node.name, node]));
        /** Arguments of int32 stay in host memory; kernels say which of their results they leave there. */
        const isHost = (name: string): boolean => {
          const node = byName.get(name);
          if (!node) return types.get(name) === DataType.int32;
          return kernelOf(node)!.host.includes(opDefs.get(node.op)!.outputs[0]!.name);
        };
        for (const node of nodes) {
          const defined = opDefs.get(node.op)!.inputs;
          // A list, of which no op here has two, stands for as many inputs as are left over.
          const listed = node.inputs.length - defined.length + 1;
          const names = defined.flatMap(({ name, countAttribute }) =>
            countAttribute ? Array<string>(listed).fill(name) : [name],
          );
          expect(names.length, node.op).toBe(node.inputs.length);
          names.forEach((name, i) => {
            if (!kernelOf(node)!.host.includes(name)) return;
            const isResource = types.get(node.inputs[i]!) === DataType.resource;
            expect(
              isResource || isHost(node.inputs[i]!),
              `${node.op}.${name} from ${node.inputs[i]!}`,
            ).toBe(true);
          });
        }
      }
    },
  );

  it('the tier is cuda when TensorFlow lists a GPU, and its memory is taken as it is needed', () => {
    const binding = new RecordingBinding();
    const threads = { intraOp: 2, interOp: 1, source: 'given' } as const;
    const runtime = new NativeRuntime({ binding, kind: 'addon', tfjsVersion: '4.22.0' }, threads);
    expect(runtime.tier).toBe('cuda');
    // Set before the library was loaded, so that TensorFlow takes memory as it needs it.
    expect(process.env['TF_FORCE_GPU_ALLOW_GROWTH']).toBe('true');
  });
});
