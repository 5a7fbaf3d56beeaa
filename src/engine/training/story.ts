/** The story of a run: from the lines of its log to what is told and drawn. */
import { z } from 'zod';
import { count } from '../../contract/common.ts';
import { epochRecord, type EpochRecord, type RunEvent } from '../../contract/training.ts';
import type { EventHistory } from '../../core/store/events.ts';
import type { TrainingEvent } from '../../core/train/events.ts';

/** Lines of `events.jsonl`, as `TrainingEvent` says; what else an older or newer version wrote is left out. */
const line = z.discriminatedUnion('type', [
  z.object({ type: z.literal('note'), time: z.string(), text: z.string() }),
  z.object({
    type: z.literal('run-started'),
    steps: count,
    stepsPerEpoch: z.int().positive(),
    resumedAtStep: count,
  }),
  z.object({
    type: z.literal('step-finished'),
    step: count,
    loss: z.number(),
    terms: z.record(z.string(), z.number()),
    learningRate: z.number(),
    imagesPerSecond: z.number(),
  }),
  epochRecord.extend({ type: z.literal('epoch-finished') }),
  z.object({ type: z.literal('checkpoint-saved'), step: count }),
  z.object({ type: z.literal('run-finished'), reason: z.string(), seconds: z.number() }),
]);

/** How far a run has come. */
export interface Standing {
  readonly step: number;
  readonly steps: number;
  readonly epochs: readonly EpochRecord[];
}

export const atTheStart: Standing = { step: 0, steps: 0, epochs: [] };

/** The standing after one more event. A resumed run repeats what came after its last checkpoint. */
export function after(standing: Standing, event: TrainingEvent): Standing {
  switch (event.type) {
    case 'run-started': {
      const { steps, stepsPerEpoch, resumedAtStep } = event;
      const kept = Math.floor(resumedAtStep / stepsPerEpoch);
      const epochs = standing.epochs.filter(({ epoch }) => epoch <= kept);
      return { step: resumedAtStep, steps, epochs };
    }
    // Not every step is in the log.
    case 'checkpoint-saved':
    case 'step-finished':
      return { ...standing, step: event.step };
    case 'epoch-finished':
      return { ...standing, epochs: [...standing.epochs, recordOf(event)] };
    default:
      return standing;
  }
}

const recordOf = (event: TrainingEvent & { type: 'epoch-finished' }): EpochRecord =>
  // Unknown keys are dropped, `type` among them.
  z.object(epochRecord.shape).parse(event);

/** What a window is told of an event; null for what is only in the log. */
export function told(event: TrainingEvent): RunEvent | null {
  switch (event.type) {
    case 'note':
      return { type: 'log', time: event.time, text: event.text };
    case 'step-finished': {
      const { step, loss, terms, learningRate, imagesPerSecond } = event;
      return { type: 'step', step, loss, terms: { ...terms }, learningRate, imagesPerSecond };
    }
    case 'epoch-finished':
      return { type: 'epoch', epoch: recordOf(event) };
    case 'checkpoint-saved':
      return { type: 'checkpoint', step: event.step };
    case 'run-started':
    case 'run-finished':
      return null;
  }
}

/** More points than a curve on a screen can show. */
const MOST_STEPS = 2000;

/** A log as events for a window: damaged lines left out, steps thinned, what was repeated after a resume only once. */
export function replay({ events }: EventHistory): {
  readonly standing: Standing;
  readonly events: readonly RunEvent[];
} {
  let standing = atTheStart;
  let list: RunEvent[] = [];
  for (const raw of events) {
    const parsed = line.safeParse(raw);
    if (!parsed.success) continue;
    const event = parsed.data;
    standing = after(standing, event);
    if (event.type === 'run-started') {
      const { resumedAtStep } = event;
      const epochs = standing.epochs.length;
      list = list.filter(
        (earlier) =>
          !(earlier.type === 'step' && earlier.step > resumedAtStep) &&
          !(earlier.type === 'epoch' && earlier.epoch.epoch > epochs),
      );
    }
    const next = told(event);
    if (next) list.push(next);
  }
  const steps = list.filter(({ type }) => type === 'step').length;
  const every = Math.ceil(steps / MOST_STEPS);
  let seen = 0;
  return {
    standing,
    events: list.filter(({ type }) => type !== 'step' || seen++ % every === 0),
  };
}
