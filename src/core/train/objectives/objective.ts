/** What training minimises: a weighted sum of terms, each a scalar of the batch. */

/** A term of the loss over values `V` (activations of a network). */
export interface LossTerm {
  /** Name under which it is logged. */
  readonly name: string;
  /** Name of the scalar that multiplies it (given anew at every step), or null for 1. */
  readonly weight: string | null;
}

/**
 * The losses an objective may combine. Each adds its gradient to its input and reports its value.
 * Rows are images; means are over the rows that are given. E is the energy -log Σ_k exp(f_k), p the softmax.
 * Margins, temperatures and targets are names of scalars.
 */
export interface Losses<V> {
  /** Mean of -Σ_k y_k log p_k, y being the batch's (possibly soft) labels. */
  crossEntropy(term: LossTerm, logits: V): void;
  /** Cross-entropy of logits divided by their own length and by a temperature: f / (τ ‖f‖₂). */
  normalisedCrossEntropy(term: LossTerm, logits: V, temperature: string): void;
  /** Mean of the sum of absolute values of a row. */
  meanL1(term: LossTerm, rows: V): void;
  /** Mean of max(0, E - margin)². */
  energyAbove(term: LossTerm, logits: V, margin: string): void;
  /** Mean of max(0, margin - E)². */
  energyBelow(term: LossTerm, logits: V, margin: string): void;
  /** Mean of -(1/K) Σ_k log p_k: cross-entropy to the uniform distribution. */
  uniformCrossEntropy(term: LossTerm, logits: V): void;
  /** Mean of KL(U ‖ p), which is the same less log K. */
  uniformDivergence(term: LossTerm, logits: V): void;
  /** Mean of Σ_k |1/K - p_k|. */
  distanceToUniform(term: LossTerm, logits: V): void;
  /** (target - mean of max_k p_k)². */
  confidenceGap(term: LossTerm, logits: V, target: string): void;
}

/** Penultimate features `[rows, featureCount]` and logits `[rows, classes]`. */
export interface LossRows<V> {
  readonly features: V;
  readonly logits: V;
}

/** A batch as losses see it: in-distribution rows, and the auxiliary outliers that went with them. */
export interface LossInputs<V> extends LossRows<V> {
  readonly outliers: LossRows<V> | null;
}

/** A number that an objective takes, as users set it. */
export interface ObjectiveSetting {
  /** Name of the scalar. */
  readonly name: string;
  /** As it stands in the formula. */
  readonly symbol: string;
  /** The authors' value; null where it must be measured or given. */
  readonly default: number | null;
  readonly least: number;
  readonly most: number;
  /** What it does, in a sentence. */
  readonly help: string;
}

/** An objective, defined once and run on every tier. */
export interface Objective {
  readonly id: string;
  readonly label: string;
  /** The formula as users read it. */
  readonly formula: string;
  readonly source: string;
  /** Whether a batch must hold auxiliary outliers. */
  readonly outliers: boolean;
  /** Scalars that each step must be given, e.g. `lambda`. */
  readonly scalars: readonly string[];
  /** Its settings besides `lambda`, which every configuration has. */
  readonly settings: readonly ObjectiveSetting[];
  /** Scalars that weigh what it adds to cross-entropy: 0 in its control. */
  readonly penalties: readonly string[];
  readonly terms: readonly LossTerm[];
  apply<V>(losses: Losses<V>, inputs: LossInputs<V>): void;
}

/** The outlier rows of an objective that cannot do without. */
export function outliersOf<V>({ outliers }: LossInputs<V>): LossRows<V> {
  if (!outliers) throw new Error('The objective needs outliers, and the batch has none');
  return outliers;
}

/** The term every objective begins with. */
export const fit: LossTerm = { name: 'crossEntropy', weight: null };
