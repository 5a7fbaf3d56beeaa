import type { ModelInfo } from '../../core/model/model-file.ts';
import type { Host } from '../host.ts';
import { percent } from '../table.ts';

/** Says what was trained and what can be done with it. */
export function describeModel(
  { output }: Host,
  { id, name, history, wallSeconds }: ModelInfo,
): void {
  const last = history.at(-1);
  const accuracy = last ? `, validation accuracy ${percent(last.valAccuracy)}` : '';
  output.line(`${name}: model ${id}, ${Math.round(wallSeconds)} s${accuracy}`);
}
