/** The images to look at: normal ones that look strange to the model, strange ones that look normal. */
import type { GalleryImage } from '../audit.ts';
import { energy, percent } from '../format.ts';
import { gallery, type GalleryItem } from '../pdf/gallery.ts';
import { heatOf } from '../pdf/images.ts';
import { openSection, type SectionTitle } from '../pdf/section.ts';
import { audited, type ReportContext } from './context.ts';

interface Kind {
  readonly title: string;
  readonly note: string;
  readonly caption: string;
  readonly images: readonly GalleryImage[];
}

const WITH_HEAT = 4;
const WITHOUT_HEAT = 5;

/** Worst-scored ID images, most-accepted OOD images, and what moved most, under the model as audited. */
export async function gallerySection(context: ReportContext, self: SectionTitle): Promise<void> {
  const { flow, audit } = context;
  const { galleries } = audit;
  const threshold = -audited(audit).threshold;
  const all = Object.values(galleries).flat();
  const heat = all.some(({ saliency }) => saliency !== null);
  const parts = all.some((image) => image.parts !== null);
  openSection(flow, self, {
    lead: `Images as the network saw them, scored by the model under audit, whose threshold is E = ${energy(threshold)}.`,
  });
  flow.note(
    [
      heat
        ? 'Right of an image: Grad-CAM of the energy, bright where pixels speak most for "in-distribution". It shows where the score comes from, not whether that is right.'
        : '',
      parts ? 'Bars: the energy taken apart, as shares of exp(logit) by class.' : '',
      'Paths and full hashes of all images are in per-image.csv.',
    ]
      .filter((text) => text !== '')
      .join(' '),
  );
  const kinds: readonly Kind[] = [
    {
      title: 'Worst-scored ID images',
      note: 'Highest energy first. Look for mislabelled, damaged or unusual images.',
      caption: 'ID test images that look least in-distribution.',
      images: galleries.worstId,
    },
    {
      title: 'Most-accepted OOD images',
      note: 'Lowest energy first. Look for images that belong to the ID classes after all.',
      caption: 'OOD images that look most in-distribution.',
      images: galleries.mostAcceptedOod,
    },
    {
      title: 'Biggest regressions',
      note: 'Moved most in the wrong direction, against the model before fine-tuning, by rank among the ID test images.',
      caption: 'Images on which fine-tuning did most harm.',
      images: galleries.regressions,
    },
    {
      title: 'Biggest rescues',
      note: 'Moved most in the right direction.',
      caption: 'Images on which fine-tuning did most good.',
      images: galleries.rescues,
    },
  ];
  for (const { title, note, caption, images } of kinds) {
    flow.heading(title, 150);
    flow.note(note);
    if (images.length === 0) {
      flow.note('None.');
      continue;
    }
    const items = await Promise.all(images.map((image) => item(context, image)));
    await gallery(flow, items, { caption, columns: heat ? WITH_HEAT : WITHOUT_HEAT });
  }
}

async function item(
  { thumbnails, audit }: ReportContext,
  image: GalleryImage,
): Promise<GalleryItem> {
  const { dataset, path, sha256, label, perModel, change, parts, saliency } = image;
  const own = perModel.find(({ role }) => role === audited(audit).role) ?? perModel.at(-1);
  const before = perModel.find(({ role }) => role === 'before');
  const isId = dataset === audit.idDataset.name;
  const moved = (change === null || !own || !before ? [] : [`rank ${percent(before.rank)} before, ${percent(own.rank)} now`]); // prettier-ignore
  const said = own ? `called ${own.predicted}, ${percent(own.confidence)}` : '';
  return {
    image: await thumbnails(dataset, path),
    heat: saliency === null ? null : heatOf(saliency),
    title: `E ${energy(own?.energy ?? NaN)}, ${own?.kept ? 'kept' : 'rejected'}${isId && label !== '' ? `: ${label}` : ''}`,
    lines: [said, ...moved, isId ? path : `${dataset}/${path}`],
    hash: sha256.slice(0, 16),
    bars: (parts ?? []).slice(0, 3).map((part) => ({ name: part.class, share: part.share })),
    alt: `Image ${path} of ${dataset}${label === '' ? '' : `, class ${label}`}: energy ${energy(own?.energy ?? NaN)}, ${said}.`,
  };
}
