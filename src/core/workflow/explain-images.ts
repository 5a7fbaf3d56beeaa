/** Explanations of images under a stored model, for the window and for galleries of reports. */
import { explainImages, type Explanations } from '../explain/explain-images.ts';
import { headOf, type Head } from '../explain/head.ts';
import { heatBytes } from '../explain/heat-picture.ts';
import type { Model } from '../model/model-file.ts';
import type { Runtime } from '../tf/runtime.ts';
import type { Session } from '../tf/session.ts';
import { scoringSession } from './score-model.ts';

/** A model that explains; the caller disposes it. */
export class Explainer {
  readonly model: Model;
  private readonly session: Session;
  private readonly head: Head;

  constructor(runtime: Runtime, model: Model) {
    this.model = model;
    this.session = scoringSession(runtime, model);
    this.head = headOf(model);
  }

  /** @param pixels `[count, size, size, 3]`, decoded as the model's `decode` says */
  explain(pixels: Uint8Array, count: number, signal?: AbortSignal): Promise<Explanations> {
    return explainImages(this.session, this.head, pixels, count, { signal });
  }

  dispose(): void {
    this.session.dispose();
  }
}

/** What a gallery shows of one image beside the picture. */
export interface GalleryExplanation {
  /** Grad-CAM of the energy, one byte a pixel of the input, relative to the image's hottest place; row-major. */
  readonly saliency: { readonly width: number; readonly height: number; readonly data: Uint8Array };
  /** Softmax shares of exp(logit), largest first, at most {@link SHOWN_CLASSES}. */
  readonly parts: readonly {
    readonly class: string;
    readonly logit: number;
    readonly share: number;
  }[];
  /** −E = features + bias + entropy, see `explain/energy-parts.ts`. */
  readonly sums: { readonly features: number; readonly bias: number; readonly entropy: number };
}

const SHOWN_CLASSES = 5;

/**
 * Explains the images of a gallery under one model.
 * @param images pixels `[size, size, 3]` of each, decoded as the model's `decode` says
 * @returns in the same order
 * @throws AppError `cancelled`
 */
export async function galleryExplanations(
  runtime: Runtime,
  model: Model,
  images: readonly Uint8Array[],
  signal?: AbortSignal,
): Promise<readonly GalleryExplanation[]> {
  if (images.length === 0) return [];
  const explainer = new Explainer(runtime, model);
  try {
    const { size } = model.info.decode;
    const pixels = new Uint8Array(images.length * size * size * 3);
    for (const [i, image] of images.entries()) pixels.set(image, i * size * size * 3);
    const { images: explained, heat } = await explainer.explain(pixels, images.length, signal);
    return explained.map(({ shares, logits, features, bias, entropy }, i) => ({
      saliency: {
        width: size,
        height: size,
        data: heatBytes(heat.subarray(i * size * size, (i + 1) * size * size)),
      },
      parts: Array.from(logits, (logit, k) => ({
        class: model.info.classes[k] ?? `class ${k}`,
        logit,
        share: shares[k]!,
      })) // prettier-ignore
        .sort((a, b) => b.logit - a.logit)
        .slice(0, SHOWN_CLASSES),
      sums: { features: features.reduce((sum, value) => sum + value, 0), bias, entropy },
    }));
  } finally {
    explainer.dispose();
  }
}
