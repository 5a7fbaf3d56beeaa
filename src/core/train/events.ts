/** What a run reports; appended to its event log, one JSON object a line. */
import type { EpochRecord } from '../report/audit.ts';

export type TrainingEvent =
  /** Something that happened, for people. `time` in ISO 8601. */
  | { readonly type: 'note'; readonly time: string; readonly text: string }
  | {
      readonly type: 'run-started';
      readonly steps: number;
      readonly stepsPerEpoch: number;
      readonly resumedAtStep: number;
    }
  | {
      readonly type: 'step-finished';
      readonly step: number;
      readonly loss: number;
      readonly terms: Readonly<Record<string, number>>;
      readonly learningRate: number;
      readonly imagesPerSecond: number;
    }
  | ({ readonly type: 'epoch-finished' } & EpochRecord)
  | { readonly type: 'checkpoint-saved'; readonly step: number }
  | {
      readonly type: 'run-finished';
      readonly reason: string;
      readonly seconds: number;
      /** Share of the time in steps that was spent waiting for batches; 0 to 1, absent when cancelled. */
      readonly waitShare?: number;
    };
