/** onnxruntime-node as a peer of the benchmark. Usage: onnxruntime-peer.ts THREADS FOLDER (where it is installed) */
import { createRequire } from 'node:module';
import path from 'node:path';
import { initialiseWeights } from '../../../src/core/model/initialise.ts';
import { architectureFor } from '../cases.ts';
import { onnxModel } from '../onnx.ts';
import { serve } from './serve.ts';

/** The part of onnxruntime-node that is used; the package is no dependency of this project. */
interface OnnxRuntime {
  readonly env: { readonly versions: { readonly node?: string } };
  readonly Tensor: new (type: 'float32', data: Float32Array, dims: readonly number[]) => object;
  readonly InferenceSession: {
    create(
      model: Uint8Array,
      options: {
        readonly intraOpNumThreads: number;
        readonly interOpNumThreads: number;
        readonly executionProviders: readonly string[];
        readonly graphOptimizationLevel: 'all';
      },
    ): Promise<{ run(feeds: Readonly<Record<string, object>>): Promise<unknown> }>;
  };
}

const threads = Number(process.argv[2]);
const folder = process.argv[3]!;
const require = createRequire(path.join(folder, 'package.json'));
const ort = require('onnxruntime-node') as OnnxRuntime;

await serve(ort.env.versions.node ?? 'unknown', async (what) => {
  const { batch, size } = what;
  const architecture = architectureFor(what);
  const { bytes, input } = onnxModel(architecture, initialiseWeights(architecture, 1), batch);
  const session = await ort.InferenceSession.create(bytes, {
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    executionProviders: ['cpu'],
    graphOptimizationLevel: 'all',
  });
  const pixels = Float32Array.from(
    { length: batch * size * size * 3 },
    (_, i) => ((i * 37) % 255) / 255,
  );
  const image = new ort.Tensor('float32', pixels, [batch, 3, size, size]);
  return () => session.run({ [input]: image });
});
