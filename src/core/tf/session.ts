/** A network's variables on one tier, and the programs that run on them. */
import type { HostTensor } from './host-tensor.ts';
import type { DifferentiableScore } from './programs/programs.ts';

/** One batch for training. */
export interface TrainingBatch {
  /**
   * `[count + outlierCount, size, size, 3]`, in-distribution images first; copied before the call returns. Batch norm
   * takes its statistics over all of them.
   */
  readonly pixels: Uint8Array;
  /** Class index of each in-distribution image. */
  readonly labels: Int32Array;
  /** What their outputs are fitted to, `[count, classes]` with rows that sum to 1; one-hot labels when not given. */
  readonly targets?: Float32Array | undefined;
  /** In-distribution images. */
  readonly count: number;
  /** Auxiliary outliers behind them; none when not given. */
  readonly outlierCount?: number | undefined;
  readonly learningRate: number;
  /** Values of the objective's scalars, e.g. `{ lambda: 0.02 }`. */
  readonly scalars: Readonly<Record<string, number>>;
  /** Two integers that differ in every step; decide the dropout masks. */
  readonly dropoutSeed: readonly [number, number];
}

export interface StepResult {
  /** Weighted sum of the terms. */
  readonly loss: number;
  /** Unweighted terms by name. */
  readonly terms: Readonly<Record<string, number>>;
  /** In-distribution images whose largest logit is that of their label. */
  readonly correct: number;
}

export interface ForwardResult {
  /** `[count, classes]` */
  readonly logits: Float32Array;
  /** `[count, featureCount]` */
  readonly features: Float32Array;
  /** Means over space after each stage, joined, `[count, Σ stageWidths]`; when asked for. */
  readonly stages?: Float32Array;
}

/** A forward pass with the map whose mean over space the penultimate features are. */
export interface FeatureMaps extends ForwardResult {
  /** `[count, side, side, featureCount]`, row-major */
  readonly maps: Float32Array;
  /** Height and width of a map. */
  readonly side: number;
}

/** What the last layer sees of the penultimate features; the features that are returned are unchanged. */
export interface ForwardOptions {
  /** Larger features are cut down to this. */
  readonly featureLimit?: number;
  /** A factor per feature, `[featureCount]`. */
  readonly featureMask?: Float32Array;
  /** Also what comes out of each stage. */
  readonly stages?: boolean;
}

export interface InputGradientOptions {
  readonly score: DifferentiableScore;
  /** Above 0. */
  readonly temperature: number;
}

export interface PerturbationOptions {
  /** Above 0. */
  readonly temperature: number;
  /** Size of the step in pixel values from 0 to 1, before normalisation; 0 or more. */
  readonly epsilon: number;
}

export interface Session {
  /** One step of SGD. Rejects with `invalid-data` for wrong sizes, class ids out of range or an empty batch. */
  trainStep(batch: TrainingBatch): Promise<StepResult>;
  /** @param pixels `[count, size, size, 3]` */
  forward(pixels: Uint8Array, count: number, options?: ForwardOptions): Promise<ForwardResult>;
  /** A forward pass that also gives the last feature map. @param count small: the maps are large */
  featureMaps(pixels: Uint8Array, count: number): Promise<FeatureMaps>;
  /** Gradient of each image's −E to the last feature map: `[count, side, side, featureCount]`. */
  featureMapGradient(pixels: Uint8Array, count: number): Promise<Float32Array>;
  /** Gradient of each image's score to its normalised pixels: `[count, size, size, 3]`. */
  inputGradient(
    pixels: Uint8Array,
    count: number,
    options: InputGradientOptions,
  ): Promise<Float32Array>;
  /** The forward pass of images moved one step towards more confidence: ODIN. */
  forwardPerturbed(
    pixels: Uint8Array,
    count: number,
    options: PerturbationOptions,
  ): Promise<ForwardResult>;
  /**
   * Mean and variance (with Bessel's correction) that each batch-norm layer sees in this batch, by the name of the
   * running statistic; dropout is off, and nothing changes. @param count at least 2
   */
  batchStatistics(pixels: Uint8Array, count: number): Promise<ReadonlyMap<string, Float32Array>>;
  /** Weights and running statistics, by parameter name. */
  readWeights(): Map<string, HostTensor>;
  /** Momentum buffers of the trained parameters, by parameter name. */
  readVelocities(): Map<string, HostTensor>;
  /**
   * `readWeights` or `readVelocities` over as many turns of the event loop as it takes; no step may run meanwhile.
   */
  readPaced(what: 'weights' | 'velocities'): Promise<Map<string, HostTensor>>;
  writeWeights(values: ReadonlyMap<string, HostTensor>): void;
  writeVelocities(values: ReadonlyMap<string, HostTensor>): void;
  /** Frees the variables and functions. The session cannot be used afterwards. */
  dispose(): void;
}
