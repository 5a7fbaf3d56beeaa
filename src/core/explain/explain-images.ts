/** Images under a model: where their energy comes from, and what it is made of. */
import { throwIfAborted } from '../errors.ts';
import type { Session } from '../tf/session.ts';
import { energyMap, heatOf, upsample } from './energy-map.ts';
import { energyParts, topLogitParts, type EnergyParts, type LogitParts } from './energy-parts.ts';
import type { Head } from './head.ts';

/** One image's energy, by place, by class and by feature. */
export interface ImageExplanation extends EnergyParts {
  /** f_k, `[classes]` */
  readonly logits: Float32Array;
  /** Penultimate features g_c, `[units]` */
  readonly activations: Float32Array;
  /** Side of `map`. */
  readonly side: number;
  /** What each place of the last feature map adds to −E, signed; `[side, side]`, sums to Σ `features`. */
  readonly map: Float32Array;
  /** The largest logits, taken apart. */
  readonly topLogits: readonly LogitParts[];
}

export interface Explanations {
  readonly images: readonly ImageExplanation[];
  /** Side of the input and of each heat map. */
  readonly size: number;
  /** Grad-CAM: the maps' positive part over the input, in units of −E per place; `[images, size, size]`. */
  readonly heat: Float32Array;
  /** The maps themselves over the input, in the same units; `[images, size, size]`. */
  readonly signed: Float32Array;
}

export interface ExplainOptions {
  /** How many of the largest logits to take apart. */
  readonly topLogits?: number;
  readonly signal?: AbortSignal | undefined;
}

/** Feature maps are large: WRN-28-10 on 224 pixels gives 8 MB an image. */
const BATCH = 16;

/**
 * @param pixels `[count, size, size, 3]`, as the network takes them
 * @param head of the session's model
 */
export async function explainImages(
  session: Session,
  head: Head,
  pixels: Uint8Array,
  count: number,
  { topLogits = 3, signal }: ExplainOptions = {},
): Promise<Explanations> {
  const size = Math.round(Math.sqrt(pixels.length / (count * 3)));
  const bytes = size * size * 3;
  const heat = new Float32Array(count * size * size);
  const signed = new Float32Array(heat.length);
  const images: ImageExplanation[] = [];
  const batch = Math.min(BATCH, count);
  for (let start = 0; start < count; start += batch) {
    throwIfAborted(signal);
    const rows = Math.min(batch, count - start);
    // A full batch of what is left over and blanks, so that one program serves them all.
    const given = new Uint8Array(batch * bytes);
    given.set(pixels.subarray(start * bytes, (start + rows) * bytes));
    const pass = await session.featureMaps(given, batch);
    for (let i = 0; i < rows; i++) {
      const logits = pass.logits.subarray(i * head.classes, (i + 1) * head.classes);
      const features = pass.features.subarray(i * head.units, (i + 1) * head.units);
      const parts = energyParts(logits, features, head);
      const map = energyMap(pass.maps, i, pass.side, parts.shares, head);
      const place = (start + i) * size * size;
      heat.set(upsample(heatOf(map), pass.side, size), place);
      signed.set(upsample(map, pass.side, size), place);
      images.push({ ...parts, logits, activations: features, side: pass.side, map, topLogits: topLogitParts(logits, features, head, topLogits) }); // prettier-ignore
    }
  }
  return { images, size, heat, signed };
}
