/** This project's KNN and Mahalanobis as a peer of the benchmark. Usage: straylight-peer.ts THREADS */
import fs from 'node:fs';
import { detectorById } from '../../../src/core/score/registry.ts';
import type { ScoreContext } from '../../../src/core/score/types.ts';
import { loadRuntime } from '../../../src/core/tf/runtime.ts';
import { serve } from '../../engine/peers/serve.ts';
import { CLASSES, fileOf, readFloats, trainingOf } from '../data.ts';
import type { PeerCase } from '../peers.ts';

const { runtime } = await loadRuntime({ threads: Number(process.argv[2]) });

await serve(`TensorFlow ${runtime.tensorflowVersion}`, async (given) => {
  const { folder, units, k, what, check } = given as unknown as PeerCase;
  const algebra = runtime.algebra();
  const bank = readFloats(fileOf(folder, 'bank'));
  const queries = readFloats(fileOf(folder, 'queries'));
  const lastLayer = {
    weights: new Float32Array(units * CLASSES),
    bias: new Float32Array(CLASSES),
    units,
    classes: CLASSES,
  };
  const training = trainingOf(bank, units, lastLayer);
  const detector = detectorById(what === 'knn' ? 'knn' : 'mahalanobis');
  const settings: ScoreContext = { algebra, hyperparameters: what === 'knn' ? { k } : {} };
  if (what === 'mahalanobis fit') return () => detector.fit!(training, settings);
  const context = { ...settings, fitted: await detector.fit!(training, settings) };
  const features = { data: queries, count: queries.length / units, units };
  const step = async () => detector.score({ features }, context);
  const scores = await step();
  fs.writeFileSync(check, new Uint8Array(scores.slice(0, 1000).buffer));
  return step;
});
