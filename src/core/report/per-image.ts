/** Per-image results as columns and as CSV. */
import { toCsv, type CsvCell } from '../csv.ts';
import type { AuditWithImages, ImageResult } from './audit.ts';

/** The images of one dataset, in the order of the audit. */
export interface SetImages {
  readonly name: string;
  readonly images: readonly ImageResult[];
}

/** Splits the images of an audit into the ID test set and the OOD sets. */
export function imagesBySet({ audit, images }: AuditWithImages): {
  readonly id: SetImages;
  readonly ood: readonly SetImages[];
} {
  const byName = new Map<string, ImageResult[]>();
  for (const image of images) {
    const set = byName.get(image.dataset);
    if (set) set.push(image);
    else byName.set(image.dataset, [image]);
  }
  const setNamed = ({ name }: { readonly name: string }): SetImages => ({
    name,
    images: byName.get(name) ?? [],
  });
  return { id: setNamed(audit.idDataset), ood: audit.oodDatasets.map(setNamed) };
}

/** Energies E(x) of the images under one model. @param model index into `Audit.models` */
export const energiesUnder = (images: readonly ImageResult[], model: number): Float64Array =>
  Float64Array.from(images, ({ energy }) => energy[model]!);

/** One row per image, ID test images first; one group of columns per model. Lines of RFC 4180 CSV. */
export function perImageCsv({ audit, images }: AuditWithImages): Generator<string> {
  const columns = audit.models.flatMap(({ role }) =>
    ['predicted', 'confidence', 'energy', 'feature_l1'].map((name) => `${role}_${name}`),
  );
  return toCsv(['dataset', 'path', 'sha256', 'label', ...columns], rowsOf(images));
}

function* rowsOf(images: readonly ImageResult[]): Generator<CsvCell[]> {
  for (const { dataset, path, sha256, label, predicted, confidence, energy, featureL1 } of images)
    yield [
      dataset,
      path,
      sha256,
      label,
      ...predicted.flatMap((name, m) => [name, confidence[m]!, energy[m]!, featureL1[m]!]),
    ];
}
