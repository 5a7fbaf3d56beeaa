/** What training minimises: a weighted sum of terms, each a scalar of the batch. */

/** A term of the loss over values `V` (activations of a network). */
export interface LossTerm {
  /** Name under which it is logged. */
  readonly name: string;
  /** Name of the scalar that multiplies it (given anew at every step), or null for 1. */
  readonly weight: string | null;
}

/** The losses an objective may combine. Each adds its gradient to its input and reports its value. */
export interface Losses<V> {
  /** Mean over the batch of -log softmax(logits)[label]. */
  crossEntropy(term: LossTerm, logits: V): void;
  /** Mean over the batch of the sum of absolute values of a row. */
  meanL1(term: LossTerm, rows: V): void;
}

/** An objective, defined once and run on every tier. */
export interface Objective {
  readonly id: string;
  readonly label: string;
  /** The formula as users read it. */
  readonly formula: string;
  readonly source: string;
  /** Scalars that each step must be given, e.g. `lambda`. */
  readonly scalars: readonly string[];
  readonly terms: readonly LossTerm[];
  apply<V>(losses: Losses<V>, outputs: { readonly features: V; readonly logits: V }): void;
}
