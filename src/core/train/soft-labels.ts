/** What the outputs of labelled images are fitted to when it is not their class alone. */
import type { Mix } from './mixup.ts';

/**
 * Rows of a batch `[labels.length, classes]`, each with the sum 1.
 * Label smoothing: y = (1 - ε) onehot + ε / K (Szegedy et al.: Rethinking the Inception Architecture, CVPR 2016).
 * @param smoothing ε
 * @param mix blends the rows as it blends the images; null for none
 */
export function softLabels(
  labels: Int32Array,
  classes: number,
  smoothing: number,
  mix: Mix | null,
): Float32Array {
  const rows = new Float32Array(labels.length * classes).fill(smoothing / classes);
  labels.forEach((label, i) => {
    const { share, partners } = mix ?? { share: 1, partners: null };
    const other = partners === null ? label : labels[partners[i]!]!;
    rows[i * classes + label]! += (1 - smoothing) * share;
    rows[i * classes + other]! += (1 - smoothing) * (1 - share);
  });
  return rows;
}
