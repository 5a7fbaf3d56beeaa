/**
 * `npm run bench:detectors`: what the scores cost beside the forward pass, and KNN and Mahalanobis beside the Python
 * libraries.
 *
 *   --quick            smaller and fewer rounds; not for numbers that are quoted
 *   --no-peers         the first part only
 *   --no-pass          the second part only
 *   --threads n        of every library (2)
 *   --rounds n         (5)
 */
import os from 'node:os';
import { parseArgs } from 'node:util';
import { loadRuntime } from '../../src/core/tf/runtime.ts';
import { onePass } from './one-pass.ts';
import { comparePeers } from './peers.ts';

const { values: options } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    'no-peers': { type: 'boolean', default: false },
    'no-pass': { type: 'boolean', default: false },
    threads: { type: 'string', default: '2' },
    rounds: { type: 'string' },
  },
});
const { quick } = options;
const threads = Number(options.threads);
const rounds = Number(options.rounds ?? (quick ? 1 : 5));

const machine = `${os.cpus()[0]?.model.trim() ?? 'unknown processor'}, ${os.availableParallelism()} cores, ${Math.round(os.totalmem() / 2 ** 30)} GiB, ${os.platform()} ${os.arch()}, Node ${process.versions.node}`;
console.log(`${machine}; load at the start ${os.loadavg()[0]?.toFixed(1)}; ${rounds} rounds; ${threads} threads.`); // prettier-ignore

if (!options['no-pass']) {
  const { runtime } = await loadRuntime({ threads });
  // As many training images as the CIFAR-10 pack has, and as CIFAR-10 itself.
  for (const images of quick ? [5000] : [10_000, 50_000]) {
    console.log(
      `\n## All forward-only scores in one pass: WRN-40-2, 32x32, batch 128, ${images.toLocaleString('en-US')} training images, TensorFlow ${runtime.tensorflowVersion}\n`,
    );
    await onePass(runtime, images, 1, rounds);
  }
}
if (!options['no-peers']) {
  const size = quick
    ? { images: 5000, units: 128, queries: 1000, k: 50 }
    : { images: 50_000, units: 512, queries: 10_000, k: 50 };
  console.log(
    `\n## ${size.images.toLocaleString('en-US')} training images of ${size.units} features, ${size.queries.toLocaleString('en-US')} queries, k = ${size.k}`,
  );
  await comparePeers(size, threads, rounds);
}
