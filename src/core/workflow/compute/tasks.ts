/** What worker threads compute, by name. Each is a function of plain values, so that it can cross to another thread. */
import { experimentResult } from '../../protocol/experiment-result.ts';
import type { Algebra } from '../../linalg/algebra.ts';
import type { MatrixSource } from '../../store/score-matrices.ts';
import { compareColumns, pairColumns, pairSeeds } from '../compare-columns.ts';
import { fitTask, lastLayerTask, scoresTask } from './detector-tasks.ts';
import { compareDetector } from '../compare-detectors.ts';
import { embedByPca, embedByUmap, type EmbedPart } from '../embed.ts';
import { distributionsOf, metricsOf } from '../evaluate-scope.ts';
import { nearZeroUnits } from '../near-zero-units.ts';

/** Tells how far a task has come. */
export type Report = (done: number, total: number) => void;

/** What a task may use. */
export interface TaskServices {
  readonly report: Report;
  /** The owner's, where it has one. */
  readonly algebra: Algebra | undefined;
}

export const TASKS = {
  distributions: distributionsOf,
  metrics: metricsOf,
  sideBySide: compareDetector,
  curves: compareColumns,
  pairs: pairColumns,
  seedPairs: pairSeeds,
  experiment: experimentResult,
  lastLayer: lastLayerTask,
  fit: fitTask,
  scores: scoresTask,
  nearZero: ({ source, rows }: { source: MatrixSource; rows: Uint32Array }) =>
    nearZeroUnits(source, rows),
  pca: (parts: readonly EmbedPart[]) => embedByPca(parts),
  umap: (parts: readonly EmbedPart[], { report }: TaskServices) => embedByUmap(parts, report),
};

export type TaskName = keyof typeof TASKS;
export type TaskInput<Name extends TaskName> = Parameters<(typeof TASKS)[Name]>[0];
export type TaskOutput<Name extends TaskName> = Awaited<ReturnType<(typeof TASKS)[Name]>>;
