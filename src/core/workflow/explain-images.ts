/** Explanations of images under a stored model. */
import { explainImages, type Explanations } from '../explain/explain-images.ts';
import { headOf, type Head } from '../explain/head.ts';
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
