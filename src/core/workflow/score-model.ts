/** A model's answers for the images of one dataset, in memory: what studies need. */
import type { ImageRecord, Manifest, Split } from '../datasets/types.ts';
import type { DecodeFailure } from '../decode/types.ts';
import type { PixelBlock } from '../decode/pixel-block.ts';
import type { Model } from '../model/model-file.ts';
import { energiesOf, energy } from '../score/energy.ts';
import { predictions } from '../score/predictions.ts';
import { featureStatistics, type FeatureStatistics } from '../score/sparsity.ts';
import type { Logits } from '../score/types.ts';
import { within } from '../progress.ts';
import type { Runtime } from '../tf/runtime.ts';
import type { Session } from '../tf/session.ts';
import { crossEntropy } from '../train/objectives/cross-entropy.ts';
import { forwardAll } from '../train/evaluate.ts';
import { loadImages, usableImages, type LoadOptions } from './images.ts';

/** One dataset (or one split of it) under one model; all arrays are aligned with `records`. */
export interface ScoredSet {
  readonly manifest: Manifest;
  readonly split: Split | null;
  readonly records: readonly ImageRecord[];
  readonly block: PixelBlock;
  readonly failures: readonly DecodeFailure[];
  readonly logits: Logits;
  /** E(x), the paper's sign. */
  readonly energies: Float64Array;
  readonly predicted: Int32Array;
  readonly confidence: Float64Array;
  readonly features: FeatureStatistics;
}

/** Which part of a dataset to score; null for all of it. */
export interface ScoreTarget {
  readonly manifest: Manifest;
  readonly split: Split | null;
}

/** A session that only looks. The caller disposes it. */
export const scoringSession = (runtime: Runtime, { info, weights }: Model): Session =>
  runtime.createSession({
    architecture: info.architecture,
    normalisation: info.normalisation,
    objective: crossEntropy,
    sgd: { momentum: 0, nesterov: false, weightDecay: 0 },
    weights,
  });

/** Scores several sets with one session. */
export async function scoreModel(
  runtime: Runtime,
  model: Model,
  targets: readonly ScoreTarget[],
  options: LoadOptions,
): Promise<ScoredSet[]> {
  const session = scoringSession(runtime, model);
  const { signal, onProgress } = options;
  const scored: ScoredSet[] = [];
  try {
    for (const [i, { manifest, split }] of targets.entries()) {
      const images = usableImages(manifest, split);
      const share = 1 / targets.length;
      const { block, records, failures } = await loadImages(manifest, images, model.info.decode, {
        ...options,
        onProgress: within(onProgress, i * share, (i + 0.5) * share),
      });
      const outputs = await forwardAll(session, block, {
        signal,
        phase: `Score ${manifest.name}`,
        onProgress: within(onProgress, (i + 0.5) * share, (i + 1) * share),
      });
      const { count, classes, featureCount } = outputs;
      const logits = { data: outputs.logits, count, classes };
      const features = { data: outputs.features, count, units: featureCount };
      const set: ScoredSet = {
        manifest,
        split,
        records,
        block,
        failures,
        logits,
        energies: energiesOf(energy.score({ logits })),
        ...predictions(logits),
        features: featureStatistics(features),
      };
      scored.push(set);
    }
  } finally {
    session.dispose();
  }
  return scored;
}
