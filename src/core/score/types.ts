/** What a detector reads and what it is. A detector gives every image one number. */
import type { Algebra } from '../linalg/algebra.ts';

export type { Algebra };

/** Output of the last layer, row-major. Row i starts at i * classes. */
export interface Logits {
  /** `[count, classes]` */
  readonly data: Float32Array;
  readonly count: number;
  readonly classes: number;
}

/** Penultimate features: after the last ReLU and global average pooling, row-major. */
export interface Features {
  /** `[count, units]` */
  readonly data: Float32Array;
  readonly count: number;
  readonly units: number;
}

/** The dense layer that makes logits of penultimate features: f = g · weights + bias. */
export interface LastLayer {
  /** `[units, classes]`, row-major. */
  readonly weights: Float32Array;
  /** `[classes]` */
  readonly bias: Float32Array;
  readonly units: number;
  readonly classes: number;
}

/** What a pass over the images left behind for a batch; rows of all parts are the same images. */
export interface DetectorInputs {
  readonly logits?: Logits;
  readonly features?: Features;
  /** Activations after each stage of the network, averaged over space and joined: `[count, Σ channels]`. */
  readonly stages?: Features;
  /** Logits of the image moved one step towards more confidence; takes a backward pass. */
  readonly perturbed?: Logits;
  /** Of the model; the same for every batch. */
  readonly lastLayer?: LastLayer;
}

/** Parts of {@link DetectorInputs}. */
export type DetectorNeed = keyof DetectorInputs;

/** ID training images with the model's outputs, in the order of scoring. */
export interface TrainingBlock extends DetectorInputs {
  /** Class in the order of the logits, after relabelling; -1 where the model does not have it. `[count]` */
  readonly labels: Int32Array;
}

/** What detectors are fitted on: the ID training split and nothing else. Excluded images are left out. */
export interface TrainingData {
  readonly count: number;
  readonly classNames: readonly string[];
  readonly lastLayer: LastLayer;
  /** Channels of each stage, when `stages` are there. */
  readonly stageWidths?: readonly number[];
  /** From the first image to the last, a few megabytes at a time; may be read several times. */
  blocks(): AsyncIterable<TrainingBlock>;
}

/** A row-major matrix or vector. */
export interface NumberArray {
  readonly shape: readonly number[];
  readonly data: Float32Array | Float64Array | Int32Array;
}

/** What a detector learned from training data; plain numbers, so that it can be kept in a file. */
export interface Fitted {
  readonly arrays: Readonly<Record<string, NumberArray>>;
  /** Stated fallbacks, in sentences for users: a class without images, a singular covariance, ... */
  readonly notes: readonly string[];
}

/** What scoring and fitting work with. */
export interface ScoreContext {
  /** Those not given take their defaults. */
  readonly hyperparameters?: Hyperparameters;
  /** What `fit` returned; required when the detector has one. */
  readonly fitted?: Fitted;
  /** Plain JavaScript when not given. */
  readonly algebra?: Algebra;
  readonly signal?: AbortSignal;
}

/** One number that tunes a detector. */
export interface Hyperparameter {
  readonly label: string;
  /** The literature's value. */
  readonly default: number;
  /** Smallest and largest sensible value, both included. */
  readonly min: number;
  readonly max: number;
}

export type Hyperparameters = Readonly<Record<string, number>>;

/** A post-hoc OOD score. Scores are always **larger = more in-distribution**. */
export interface Detector {
  /** Stable word for options, files and the registry, e.g. `energy`. */
  readonly id: string;
  /** Name to show. */
  readonly label: string;
  /** Formula of S(x) as text; f = logits, p = softmax, g = penultimate features, W and b = last layer. */
  readonly formula: string;
  /** Where it was published. */
  readonly source: string;
  /** Page of the publication, e.g. its DOI or arXiv address; null where it is a definition. */
  readonly sourceUrl: string | null;
  /** The sign users know it by, where that differs from S. */
  readonly orientation: string;
  /** What it costs beyond one forward pass. */
  readonly cost: string;
  /** What must hold for it to mean something. */
  readonly assumes: string;
  /** What it estimates on ID training images; null when nothing. */
  readonly fits: string | null;
  readonly needs: readonly DetectorNeed[];
  /** True when it multiplies large matrices, so that it should be given an {@link Algebra}. */
  readonly heavy: boolean;
  readonly hyperparameters: Readonly<Record<string, Hyperparameter>>;
  /** Values of hyperparameters that are worth trying; what is not named keeps its default. See tune.ts. */
  readonly grid?: Readonly<Record<string, readonly number[]>>;
  /**
   * The criterion on ID validation images by which the grid may be searched without any OOD image: the largest mean
   * score. Where it is missing, nothing published tells good values from bad ones on ID images alone.
   */
  readonly tunedOnId?: 'mean score';
  /**
   * Learns what the score needs, in bounded memory.
   * @throws AppError `invalid-data` when the training data cannot be used; `usage`; `cancelled`
   */
  readonly fit?: (training: TrainingData, context?: ScoreContext) => Promise<Fitted>;
  /**
   * Scores a batch. Scoring images in parts gives the same numbers as scoring them at once; with an algebra other
   * than the plain one, to within its rounding.
   * @returns `[count]`, larger = more in-distribution
   * @throws AppError `invalid-data` naming the row that cannot be scored; `usage` for a hyperparameter that
   * does not exist or is out of range; `internal` when a needed input is missing
   */
  readonly score: (
    inputs: DetectorInputs,
    context?: ScoreContext,
  ) => Float64Array | Promise<Float64Array>;
}

/** A detector that needs nothing but logits and is done at once. */
export interface LogitDetector extends Detector {
  readonly score: (
    inputs: Pick<DetectorInputs, 'logits'>,
    context?: Pick<ScoreContext, 'hyperparameters'>,
  ) => Float64Array;
}
