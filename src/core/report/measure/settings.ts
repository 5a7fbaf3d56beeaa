/** What the numbers depend on besides the columns; all of it is in `report.json` too. */
import type { ComparedRun } from '../../metrics/control-check.ts';
import type { ProtocolId } from '../../protocol/protocols.ts';
import type { Criterion } from '../audit.ts';

/** An operating threshold that a person chose, on S of the primary detector. */
export interface ThresholdDecision {
  readonly value: number;
  readonly author: string;
  readonly reason: string;
  readonly time: string;
}

export interface MeasureSettings {
  readonly bootstrap: { readonly samples: number; readonly seed: number };
  readonly method: 'bootstrap' | 'influence';
  /** Of the OOD sets, in their order. */
  readonly nearFar: readonly ('near' | 'far' | null)[];
  /** Detectors of each model, the primary one first. */
  readonly detectors: readonly (readonly string[])[];
  /** Per model; null where the default threshold holds. */
  readonly decisions: readonly (ThresholdDecision | null)[];
  /** Per model: what tells whether one is the other's control. */
  readonly runs: readonly ComparedRun[];
  /** Seeds with which the comparison was made. */
  readonly seeds: number;
  /** Averages of a named protocol as well; null without one. */
  readonly protocol: ProtocolId | null;
  readonly criteria: readonly Criterion[] | null;
}
