/** What gallery images look like: pixels, where the energy comes from, and the energy by class. */
import { explainImages } from '../../explain/explain-images.ts';
import { headOf } from '../../explain/head.ts';
import { heatBytes } from '../../explain/heat-picture.ts';
import { softmax } from '../../metrics/softmax.ts';
import type { Model } from '../../model/model-file.ts';
import type { EnergyPart, Galleries, GalleryImage, HeatMap } from '../../report/audit.ts';
import type { ReportColumns } from '../../report/columns.ts';
import { decodeSet } from '../../decode/decode-set.ts';
import { readRows } from '../../decode/pixel-block.ts';
import type { Session } from '../../tf/session.ts';
import type { Workspace } from '../../store/workspace.ts';

/** A picture as the network sees it: RGB, row-major. */
export interface Thumbnail {
  readonly data: Uint8Array;
  readonly width: number;
  readonly height: number;
}

const key = (dataset: string, path: string): string => JSON.stringify([dataset, path]);
const SHOWN_PARTS = 5;
/** Side of a heat map in the report: more cannot be seen, and takes space. */
const HEAT_SIDE = 32;

/** Decodes images by dataset and path; those that are gone since are left out. */
export class ReportPictures {
  private readonly workspace: Workspace;
  private readonly decode: Model['info']['decode'];
  private readonly ids: ReadonlyMap<string, string>;
  private readonly ordinals: (dataset: string, path: string) => number;
  private readonly known = new Map<string, Thumbnail | null>();

  /** @param datasets full ids by name */
  constructor(
    workspace: Workspace,
    decode: Model['info']['decode'],
    datasets: ReadonlyMap<string, string>,
    ordinals: (dataset: string, path: string) => number,
  ) {
    this.workspace = workspace;
    this.decode = decode;
    this.ids = datasets;
    this.ordinals = ordinals;
  }

  /** Where each image of some columns is. */
  static ordinalsIn({ sets }: ReportColumns): (dataset: string, path: string) => number {
    return (dataset, path) => sets.find(({ name }) => name === dataset)?.paths.indexOf(path) ?? -1;
  }

  /** Null when it cannot be had. */
  readonly thumbnail = async (dataset: string, path: string): Promise<Thumbnail | null> => {
    await this.load([{ dataset, path }]);
    return this.known.get(key(dataset, path)) ?? null;
  };

  /** Reads several at once. */
  async load(
    images: readonly { readonly dataset: string; readonly path: string }[],
  ): Promise<void> {
    const wanted = new Map<string, string[]>();
    for (const { dataset, path } of images)
      if (!this.known.has(key(dataset, path)))
        wanted.set(dataset, [...(wanted.get(dataset) ?? []), path]);
    for (const [dataset, paths] of wanted) {
      for (const path of paths) this.known.set(key(dataset, path), null);
      const id = this.ids.get(dataset);
      if (id === undefined) continue;
      const { name, root, format } = this.workspace.getDataset(id);
      const ordinals = paths.map((path) => this.ordinals(dataset, path)).filter((at) => at >= 0);
      try {
        const records = this.workspace.loadRecords(id, ordinals);
        const { block, rows } = await decodeSet({ name, root, format }, records, this.decode);
        const { size } = block;
        for (const [row, record] of rows.entries())
          this.known.set(key(dataset, records[record]!.path), {
            data: await readRows(block, [row]),
            width: size,
            height: size,
          });
      } catch {
        // A folder that is gone leaves frames without pictures.
      }
    }
  }
}

/** Fills heat maps and parts of the energy, under one model, into a report's galleries. */
export async function explainGalleries(
  galleries: Galleries,
  pictures: ReportPictures,
  session: Session,
  model: Model,
  signal: AbortSignal | undefined,
): Promise<Galleries> {
  const all: readonly GalleryImage[] = Object.values<readonly GalleryImage[]>(galleries).flat();
  await pictures.load(all);
  const unique = new Map(all.map((image) => [key(image.dataset, image.path), image]));
  const found: { readonly id: string; readonly picture: Thumbnail }[] = [];
  for (const [id, { dataset, path }] of unique) {
    const picture = await pictures.thumbnail(dataset, path);
    if (picture) found.push({ id, picture });
  }
  if (found.length === 0) return galleries;
  const pixels = new Uint8Array(found.reduce((sum, { picture }) => sum + picture.data.length, 0));
  for (const [i, { picture }] of found.entries()) pixels.set(picture.data, i * picture.data.length);
  const explained = await explainImages(session, headOf(model), pixels, found.length, { signal });
  const { size } = explained;
  const looks = new Map(
    found.map(({ id }, i) => [
      id,
      {
        parts: partsOf(explained.images[i]!.logits, model.info.classes),
        saliency: smallMap(explained.heat.subarray(i * size * size, (i + 1) * size * size), size),
      },
    ]),
  );
  const filled = (list: readonly GalleryImage[]): readonly GalleryImage[] =>
    list.map((image) => ({ ...image, ...looks.get(key(image.dataset, image.path)) }));
  return {
    worstId: filled(galleries.worstId),
    mostAcceptedOod: filled(galleries.mostAcceptedOod),
    regressions: filled(galleries.regressions),
    rescues: filled(galleries.rescues),
  };
}

/** Shares that the largest logits have in the sum under the logarithm of the energy. */
function partsOf(logits: Float32Array, classes: readonly string[]): readonly EnergyPart[] {
  const shares = softmax(logits, 0, logits.length);
  return [...logits.keys()]
    .sort((a, b) => logits[b]! - logits[a]! || a - b)
    .slice(0, SHOWN_PARTS)
    .map((k) => ({ class: classes[k]!, logit: logits[k]!, share: shares[k]! }));
}

function smallMap(heat: Float32Array, size: number): HeatMap {
  const side = Math.min(size, HEAT_SIDE);
  const small = new Float32Array(side * side);
  const counts = new Float32Array(side * side);
  for (let y = 0; y < size; y++)
    for (let x = 0; x < size; x++) {
      const to = Math.floor((y * side) / size) * side + Math.floor((x * side) / size);
      small[to]! += heat[y * size + x]!;
      counts[to]!++;
    }
  const bytes = heatBytes(small.map((sum, i) => sum / counts[i]!));
  return { width: side, height: side, data: Buffer.from(bytes).toString('base64') };
}
