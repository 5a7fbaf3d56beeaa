/** The images to look at: normal ones that look strange to the model, strange ones that look normal. */
import type { ImageResult } from '../audit.ts';
import { energy, percent } from '../format.ts';
import { gallery, galleryHeight, type GalleryItem } from '../pdf/gallery.ts';
import { sparseIndex, type ReportContext } from './context.ts';

const SHOWN = 20;

/** The worst-scored ID images and the most-accepted OOD images, under the sparse model. */
export async function gallerySection(context: ReportContext): Promise<void> {
  const { flow, audit, id, ood } = context;
  const model = sparseIndex(audit);
  const threshold = -audit.models[model]!.threshold;
  const byEnergy = (a: ImageResult, b: ImageResult): number =>
    a.energy[model]! - b.energy[model]! || (a.path < b.path ? -1 : 1);
  const worstId = [...id.images].sort((a, b) => byEnergy(b, a)).slice(0, SHOWN);
  const bestOod = ood
    .flatMap(({ images }) => images)
    .sort(byEnergy)
    .slice(0, SHOWN);

  flow.chapter('Images to look at', galleryHeight(worstId.length) + 120);
  flow.note(
    `As the network saw them, scored by the sparse model, whose threshold is E = ${energy(threshold)}. Paths and hashes of all images are in per-image.csv.`,
  );
  flow.heading(`${worstId.length} worst-scored ID test images`, galleryHeight(worstId.length));
  flow.note('Highest energy first. Look for mislabelled, damaged or unusual images.');
  await gallery(flow, await Promise.all(worstId.map((image) => item(context, image, model, true))));
  flow.heading(`${bestOod.length} most-accepted OOD images`, galleryHeight(bestOod.length));
  flow.note('Lowest energy first. Look for images that belong to the ID classes after all.');
  await gallery(
    flow,
    await Promise.all(bestOod.map((image) => item(context, image, model, false))),
  );
}

async function item(
  { thumbnails }: ReportContext,
  { dataset, path, label, predicted, confidence, energy: energies }: ImageResult,
  model: number,
  isId: boolean,
): Promise<GalleryItem> {
  const guess = `${predicted[model]!} ${percent(confidence[model]!)}`;
  return {
    image: await thumbnails(dataset, path),
    title: `E ${energy(energies[model]!)}${isId ? `, ${label}` : ''}`,
    lines: [`called ${guess}`, isId ? path : `${dataset}/${path}`],
  };
}
