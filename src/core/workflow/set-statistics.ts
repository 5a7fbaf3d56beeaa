/** Why scores moved: sparsity of the features and energies of each set under a model. */
import type { Split } from '../datasets/types.ts';
import { moments } from '../metrics/moments.ts';
import type { SetStatistics } from '../protocol/experiment-result.ts';
import { runTask, type TaskOptions } from './compute/run-task.ts';
import type { Scope } from './score-overview.ts';
import type { ScoreSources } from './score-sources.ts';
import { keptImages, type ScoredSource } from './scope-columns.ts';

/** The score whose sign turned is E(x). */
const ENERGY = 'energy';

/**
 * Of the ID images of the scope's split first, then of each OOD set. Means are over the images that are not excluded.
 * @throws AppError `not-found` when a set is not scored; `invalid-data` when none of its images is left
 */
export async function setStatistics(
  sources: ScoreSources,
  { modelId, idDatasetId, split, oodDatasetIds }: Omit<Scope, 'detector'>,
  options: TaskOptions = {},
): Promise<readonly SetStatistics[]> {
  const wanted: (readonly [string, Split | null])[] = [
    [idDatasetId, split],
    ...oodDatasetIds.map((id) => [id, null] as const),
  ];
  const all: SetStatistics[] = [];
  for (const [datasetId, of] of wanted) {
    const source = await sources.scored({ modelId, detector: ENERGY, idDatasetId }, datasetId);
    const positions = keptImages(source, of);
    const { folder, count, classes, units } = await sources.stored(modelId, datasetId);
    const rows = positions.map((position) => source.scored.matrixRows[position]!);
    const nearZeroUnits =
      units === 0 || rows.length === 0
        ? null
        : await runTask('nearZero', { source: { folder, count, classes, units }, rows }, options);
    all.push({ ...meansOf(source, positions), nearZeroUnits });
  }
  return all;
}

function meansOf(
  { name, scored }: ScoredSource,
  positions: Uint32Array,
): Omit<SetStatistics, 'nearZeroUnits'> {
  // prettier-ignore
  const column = (values: ArrayLike<number>) => Float64Array.from(positions, (i) => values[i]!);
  const energies = moments(column(scored.scores).map((score) => 0 - score), `Energies of ${name}`); // prettier-ignore
  return {
    name,
    n: positions.length,
    meanL1: moments(column(scored.l1), `Feature L1 of ${name}`).mean,
    hoyer: moments(column(scored.hoyer), `Hoyer sparsity of ${name}`).mean,
    meanEnergy: energies.mean,
    stdEnergy: energies.std,
  };
}
