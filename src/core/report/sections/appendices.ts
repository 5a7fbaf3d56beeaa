/** Words, formulas, and what belongs to the report. */
import { fileSize } from '../format.ts';
import { openSection, type SectionTitle } from '../pdf/section.ts';
import { table } from '../pdf/table.ts';
import type { ReportContext } from './context.ts';

const GLOSSARY: readonly (readonly [string, string])[] = [
  ['Control', 'The same fine-tuning as the sparse run, from the same weights with the same seed and augmentation, with λ = 0.'],
  ['Energy', 'E(x) = −log Σ exp f_k(x) over the class logits f at temperature 1; lower means more in-distribution.'],
  ['Far, near OOD', 'Far sets share nothing with the ID classes; near sets resemble them. Said by people, never guessed.'],
  ['Fine-tuning, sparse', 'Further training with cross-entropy plus λ times the mean L1 norm of the penultimate features.'],
  ['ID, in-distribution', 'Images of the kind the classifier was made for: the test split of its data set.'],
  ['Interval, 95%', 'Where the number would lie for other images of the same kind. It does not cover another training seed, another device or other sets.'],
  ['Leakage', 'The same image, or nearly the same, in two parts of the data that should be apart.'],
  ['Merkle root', 'One hash over the hashes of all images of a set: it changes when any of them does.'],
  ['OOD, out-of-distribution', 'Images that are not of that kind: the classifier should not be trusted on them.'],
  ['Operating threshold', 'The energy above which an image is rejected; chosen on ID validation images only.'],
  ['Penultimate features', 'The activations before the last layer, after ReLU and global average pooling.'],
  ['Seed', 'Decides everything random in a run. Two runs that differ in nothing else show how much is chance.'],
]; // prettier-ignore

const METRICS: readonly (readonly [string, string])[] = [
  ['FPR95, ID positive', 'δ is the k-th largest ID score with k = ceil(95 n / 100); FPR95 is the share of OOD images with S ≥ δ. Ties count. The primary convention.'],
  ['FPR95, OOD positive', 'The first threshold that catches at least 95% of the OOD images; the share of ID images it flags (OpenOOD v1.5, pytorch-ood).'],
  ['AUROC', 'Probability that an ID image scores higher than an OOD image; ties count one half.'],
  ['AUPR-In, AUPR-Out', 'Average precision, by steps, with ID or OOD positive. Depends on the ratio of ID to OOD images.'],
  ['Detection error', 'The smallest (1 − TPR + FPR) / 2 over all thresholds.'],
  ['ECE', 'Expected calibration error: mean of |accuracy − confidence| over 15 equal bins of confidence, weighted by images.'],
  ['Hoyer sparsity', '(√n − L1 / L2) / (√n − 1) of n features: 0 when all are equal, 1 when one is active (Hoyer 2004).'],
  ['Near-zero units', 'Share of features below a thousandth of the largest of the set.'],
  ['Paired difference', 'Both models on the same resamples of the same images; the interval is that of the difference.'],
  ['Grad-CAM of the energy', 'Weights of the last feature maps by the gradient of S = −E (Selvaraju et al. 2017).'],
]; // prettier-ignore

export function appendicesSection({ flow, audit, seal }: ReportContext, self: SectionTitle): void {
  openSection(flow, self, { lead: 'Words and formulas as they are used in this report.' });
  flow.heading('Glossary', 80);
  flow.facts(GLOSSARY);
  flow.heading('Definitions of metrics', 80);
  flow.facts(METRICS);
  flow.heading('Parts of this report', 80);
  flow.facts([
    ['report.json', 'Every number of this document; the schema is published with the app.'],
    ['per-image.csv', 'Every image with its scores under every model.'],
    ['manifest.json', 'SHA-256 of every part, of the weights, and the Merkle root of every set.'],
  ]);
  if (seal)
    flow.facts(
      [
        ['report.json, SHA-256', seal.jsonSha256],
        ['per-image.csv, SHA-256', seal.csvSha256],
      ],
      { font: 'mono' },
    );
  flow.heading('Attachments', 60);
  if (audit.attachments.length === 0) {
    flow.note('None.');
    return;
  }
  table(
    flow,
    [
      { title: 'File', grow: 1 },
      { title: 'Size', align: 'right' },
      { title: 'SHA-256', grow: 2 },
      { title: 'Note', grow: 1 },
    ],
    audit.attachments.map(({ name, bytes, sha256, note }) => [
      name,
      fileSize(bytes),
      { text: sha256, font: 'mono' as const },
      note === '' ? '–' : note,
    ]),
    { caption: 'Attachments.', key: 'attachments', size: 7.6 },
  );
}
