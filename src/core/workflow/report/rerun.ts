/** How far scores of a second run are from those of the first, on a sample. */
import { decodeSet } from '../../decode/decode-set.ts';
import type { Model } from '../../model/model-file.ts';
import { Random } from '../../random.ts';
import type { Reproducibility } from '../../report/audit.ts';
import type { Tested } from '../../report/measure/tested.ts';
import { energiesOf, energy } from '../../score/energy.ts';
import type { Workspace } from '../../store/workspace.ts';
import type { Session } from '../../tf/session.ts';
import { forwardAll } from '../../train/evaluate.ts';

const IMAGES = 64;
const SEED = 1;
/** Differences of energies up to here come from the order of additions in 32 bits. */
export const RERUN_TOLERANCE = 1e-3;

/** Null when the images are not there any more. */
export async function rerunDifference(
  workspace: Workspace,
  session: Session,
  { info }: Model,
  { id, rows }: Tested,
  model: number,
  idDataset: string,
): Promise<Reproducibility['rerun']> {
  const chosen = sampleOf(rows.test, IMAGES, SEED);
  const { name, root, format } = workspace.getDataset(idDataset);
  try {
    const records = workspace.loadRecords(idDataset, chosen);
    const { block, rows: kept } = await decodeSet({ name, root, format }, records, info.decode);
    if (block.count === 0) return null;
    const outputs = await forwardAll(session, block, { phase: 'Score again' });
    const logits = { data: outputs.logits, count: outputs.count, classes: outputs.classes };
    const again = energiesOf(energy.score({ logits }));
    const largest = kept.reduce((most, record, i) => Math.max(most, Math.abs(again[i]! - id.models[model]!.energy[chosen[record]!]!)), 0); // prettier-ignore
    return {
      images: block.count,
      model: info.id,
      largestDifference: largest,
      tolerance: RERUN_TOLERANCE,
    };
  } catch {
    return null;
  }
}

/** So many of the rows, each at most once, in ascending order; the same seed, the same rows. */
export function sampleOf(rows: Uint32Array, count: number, seed: number): Uint32Array {
  const pool = rows.slice();
  const random = new Random(seed, 0);
  const taken = Math.min(count, pool.length);
  for (let i = 0; i < taken; i++) {
    const j = i + Math.floor((random.uint32() / 0x1_0000_0000) * (pool.length - i));
    [pool[i], pool[j]] = [pool[j]!, pool[i]!];
  }
  return pool.slice(0, taken).sort();
}
