import { reestimateModel } from '../../core/workflow/reestimate-model.ts';
import type { Host } from '../host.ts';

/** `straylight reestimate <model>`: the batch-norm control. */
export async function reestimateCommand(host: Host, model: string): Promise<void> {
  const info = await reestimateModel(host.workspace(), await host.runtime(), model, host.hooks);
  host.output.line(
    `${info.name}: model ${info.id}. Only its batch-norm statistics differ from ${info.lineage.parentId ?? ''}.`,
  );
  host.output.result({ model: info });
}
