/** A model's answers for the images of one dataset. */
import type { ImageRecord, Manifest, Split } from '../datasets/types.ts';
import type { DecodeFailure } from '../decode/types.ts';
import type { PixelBlock } from '../decode/pixel-block.ts';
import type { Model } from '../model/model-file.ts';
import { energiesOf, energy } from '../score/energy.ts';
import { predictions } from '../score/predictions.ts';
import { featureStatistics, type FeatureStatistics } from '../score/sparsity.ts';
import type { Logits } from '../score/types.ts';
import type { Workspace } from '../store/workspace.ts';
import { within } from '../progress.ts';
import type { Runtime } from '../tf/runtime.ts';
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

/** Scores several sets with one session. */
export async function scoreModel(
  runtime: Runtime,
  { info, weights }: Model,
  targets: readonly ScoreTarget[],
  options: LoadOptions,
): Promise<ScoredSet[]> {
  const session = runtime.createSession({
    architecture: info.architecture,
    normalisation: info.normalisation,
    objective: crossEntropy,
    sgd: { momentum: 0, nesterov: false, weightDecay: 0 },
    weights,
  });
  const { signal, onProgress } = options;
  const scored: ScoredSet[] = [];
  try {
    for (const [i, { manifest, split }] of targets.entries()) {
      const images = usableImages(manifest, split);
      const share = 1 / targets.length;
      const { block, records, failures } = await loadImages(manifest, images, info.decode, {
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
      scored.push({
        manifest,
        split,
        records,
        block,
        failures,
        logits,
        energies: energiesOf(energy.score({ logits })),
        ...predictions(logits),
        features: featureStatistics(features),
      });
    }
  } finally {
    session.dispose();
  }
  return scored;
}

/** Stores logits, energies and feature L1 of one dataset (its scored splits together). */
export function saveScoredSet(
  workspace: Workspace,
  modelId: string,
  datasetId: string,
  sets: readonly ScoredSet[],
): void {
  const { manifest, logits } = sets[0]!;
  const ordinals = new Map(manifest.images.map(({ path }, i) => [path, i]));
  const joined = <A extends Float32Array | Float64Array>(
    make: (size: number) => A,
    parts: A[],
  ): A => {
    const all = make(parts.reduce((sum, part) => sum + part.length, 0));
    let at = 0;
    for (const part of parts) {
      all.set(part, at);
      at += part.length;
    }
    return all;
  };
  workspace.saveScores(
    { modelId, datasetId, fingerprint: manifest.fingerprint },
    {
      rows: Uint32Array.from(
        sets.flatMap(({ records }) => records.map(({ path }) => ordinals.get(path)!)),
      ),
      classes: logits.classes,
      logits: joined(
        (n) => new Float32Array(n),
        sets.map((set) => set.logits.data),
      ),
      energies: joined(
        (n) => new Float64Array(n),
        sets.map((set) => set.energies),
      ),
      features: {
        l1: joined(
          (n) => new Float64Array(n),
          sets.map((set) => set.features.l1),
        ),
      },
    },
  );
}
