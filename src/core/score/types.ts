/** What a detector reads and what it is. A detector gives every image one number. */

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

/** What the forward pass left behind for a batch of images; rows of all parts are the same images. */
export interface DetectorInputs {
  readonly logits?: Logits;
  readonly features?: Features;
}

/** Parts of {@link DetectorInputs}. */
export type DetectorNeed = keyof DetectorInputs;

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
  /** Formula of S(x) as text; f = logits, p = softmax, g = penultimate features. */
  readonly formula: string;
  /** Where it was published. */
  readonly source: string;
  /** The sign users know it by, where that differs from S. */
  readonly orientation: string;
  /** What it costs beyond one forward pass. */
  readonly cost: string;
  readonly needs: readonly DetectorNeed[];
  readonly hyperparameters: Readonly<Record<string, Hyperparameter>>;
  /**
   * Scores a batch; scoring images in parts gives the same numbers as scoring them at once.
   * @param hyperparameters those not given take their defaults
   * @returns `[count]`, larger = more in-distribution
   * @throws AppError `invalid-data` naming the row that cannot be scored; `usage` for a hyperparameter that
   * does not exist or is out of range; `internal` when a needed input is missing
   */
  readonly score: (inputs: DetectorInputs, hyperparameters?: Hyperparameters) => Float64Array;
}
