/**
 * The self-test's own process, so that a crashing library cannot take the caller with it:
 * `node probe.ts <device>` loads a tier, compares two operations with plain loops and prints a `SelfTest` as JSON.
 */
import { createRequire } from 'node:module';
import type * as tfjs from '@tensorflow/tfjs';
import { messageOf } from '../errors.ts';
import { loadRuntime, type Device } from '../tf/runtime.ts';
import {
  conv2dReference,
  matMulReference,
  maxAbsError,
  randomDense,
  type Dense,
} from './reference.ts';
import type { SelfTest, SelfTestCheck } from './report.ts';

/**
 * Rounding of a sum of `terms` products of values in [-1, 1], in any order: Higham's bound n·u/(1 - n·u) times the sum of
 * magnitudes, which is at most `terms` (u = 2^-24 for 32-bit floats). GPUs may multiply in TF32, with 10 bits.
 */
function toleranceOf(terms: number, unitRoundoff: number): number {
  return (terms * terms + terms) * unitRoundoff;
}

function check(
  name: string,
  actual: tfjs.Tensor,
  expected: Dense,
  tolerance: number,
): SelfTestCheck {
  const error = maxAbsError(actual.dataSync(), expected.values);
  return { name, maxAbsError: error, tolerance, passed: error <= tolerance };
}

async function probe(device: Device): Promise<SelfTest> {
  const started = performance.now();
  const { runtime, blocked } = await loadRuntime({ device });
  const loadMs = performance.now() - started;
  // The runtime has set tfjs's backend; plain operations go through the same library and kernels.
  const tf = createRequire(import.meta.url)('@tensorflow/tfjs') as typeof tfjs;
  const tensor = ({ values, shape }: Dense): tfjs.Tensor => tf.tensor(values, [...shape]);

  const a = randomDense([64, 48], 1);
  const b = randomDense([48, 80], 2);
  const x = randomDense([2, 12, 12, 8], 3);
  const kernel = randomDense([3, 3, 8, 16], 4);
  const product = tf.matMul(tensor(a), tensor(b));
  const convolved = tf.conv2d(
    tensor(x) as tfjs.Tensor4D,
    tensor(kernel) as tfjs.Tensor4D,
    1,
    'same',
  );
  const unitRoundoff = runtime.tier === 'cuda' ? 2 ** -11 : 2 ** -24;
  return {
    status: 'ran',
    tier: runtime.tier,
    tensorflowVersion: runtime.tensorflowVersion,
    tfjsVersion: runtime.tfjsVersion,
    threads: runtime.threads,
    interOpThreads: runtime.interOpThreads,
    threadSource: runtime.threadSource,
    binding: runtime.bindingKind,
    blocked,
    checks: [
      check('matmul 64x48x80', product, matMulReference(a, b), toleranceOf(48, unitRoundoff)),
      check('conv2d 3x3', convolved, conv2dReference(x, kernel), toleranceOf(72, unitRoundoff)),
    ],
    loadMs,
  };
}

const result = await probe((process.argv[2] ?? 'auto') as Device).catch(
  (error: unknown): SelfTest => ({ status: 'failed', reason: messageOf(error) }),
);
process.stdout.write(`\n${JSON.stringify(result)}\n`);
