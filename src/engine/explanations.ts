/** Explanations of single images for the window: the model that was asked last stays loaded for a while. */
import type { ImageRef } from '../contract/common.ts';
import type { ImageExplanation } from '../contract/scores.ts';
import { AppError } from '../core/errors.ts';
import { readRows } from '../core/decode/pixel-block.ts';
import { heatBytes, signedBytes } from '../core/explain/heat-picture.ts';
import { loadModel } from '../core/model/model-file.ts';
import { decodeImages } from '../core/workflow/images.ts';
import { Explainer } from '../core/workflow/explain-images.ts';
import type { EngineContext } from './context.ts';
import { Turns } from './turns.ts';

/** Somebody who steps from image to image asks again within this time; the device's memory is free after it. */
const KEPT_MS = 60_000;
/** Features that are named: the rest is in the sums. */
const SHOWN_FEATURES = 8;
const SHOWN_LOGIT_FEATURES = 3;

export class Explanations {
  private readonly engine: EngineContext;
  private readonly turns = new Turns();
  private latest: { readonly modelId: string; readonly explainer: Explainer } | null = null;
  private release: NodeJS.Timeout | null = null;

  constructor(engine: EngineContext) {
    this.engine = engine;
  }

  /**
   * @throws AppError `not-found` when there is no such model or image; `unreadable` when the file is gone or has
   *   changed; `invalid-model`, `runtime-missing`
   */
  explain(modelId: string, ref: ImageRef): Promise<ImageExplanation> {
    // One after the other: nobody looks at two heat maps at once, and a model may have to make room for the next.
    return this.turns.take(new AbortController().signal, async () => {
      const explainer = await this.explainerOf(modelId);
      return explanation(explainer, await this.pixels(explainer, ref));
    });
  }

  private async explainerOf(given: string): Promise<Explainer> {
    const { id, folder } = this.engine.workspace.getModel(given);
    this.forgetLater();
    if (this.latest?.modelId === id) return this.latest.explainer;
    this.forget();
    const model = await loadModel(folder);
    const explainer = new Explainer(await this.engine.runtime(), model);
    this.latest = { modelId: id, explainer };
    return explainer;
  }

  private async pixels(
    { model }: Explainer,
    { datasetId, ordinal }: ImageRef,
  ): Promise<Uint8Array> {
    const { workspace } = this.engine;
    const dataset = workspace.getDataset(datasetId);
    const [record] = workspace.loadRecords(dataset.id, [ordinal]);
    const { block, failures } = await decodeImages(dataset, [record!], model.info.decode, {});
    if (block.count === 0)
      throw new AppError(
        'unreadable',
        `${record!.path} cannot be explained: ${failures[0]?.reason ?? 'no pixels'}. Scan ${dataset.name} again.`,
      );
    return readRows(block, [0]);
  }

  private forgetLater(): void {
    if (this.release) clearTimeout(this.release);
    this.release = setTimeout(() => {
      void this.turns.take(new AbortController().signal, () => {
        this.forget();
        return Promise.resolve();
      });
    }, KEPT_MS).unref();
  }

  private forget(): void {
    this.latest?.explainer.dispose();
    this.latest = null;
  }
}

async function explanation(explainer: Explainer, pixels: Uint8Array): Promise<ImageExplanation> {
  const { images, size, heat, signed } = await explainer.explain(pixels, 1);
  const { info } = explainer.model;
  const { side, energy, features, activations, bias, entropy, topLogits } = images[0]!;
  return {
    size,
    side,
    resize: info.decode.resize,
    heat: heatBytes(heat),
    signed: signedBytes(signed),
    energy,
    sums: { features: features.reduce((sum, value) => sum + value, 0), bias, entropy },
    features: strongest(features, SHOWN_FEATURES).map(({ unit, adds }) => ({
      unit,
      activation: activations[unit]!,
      adds,
    })),
    units: features.length,
    logits: topLogits.map((logit) => ({
      className: info.classes[logit.classIndex] ?? `class ${logit.classIndex}`,
      logit: logit.logit,
      bias: logit.bias,
      features: strongest(logit.contributions, SHOWN_LOGIT_FEATURES),
    })),
  };
}

/** The largest of some contributions by absolute value. */
function strongest(contributions: Float64Array, most: number) {
  return Array.from(contributions, (adds, unit) => ({ unit, adds }))
    .filter(({ adds }) => adds !== 0)
    .sort((a, b) => Math.abs(b.adds) - Math.abs(a.adds) || a.unit - b.unit)
    .slice(0, most);
}
