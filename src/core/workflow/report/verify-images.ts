/** A verified report against what it is about: the images on disk, and the models that scored them. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import path from 'node:path';
import { openContainers } from '../../datasets/containers/read-container.ts';
import { parseContainerPath } from '../../datasets/containers/container.ts';
import type { ImageRecord } from '../../datasets/types.ts';
import { decodeSet } from '../../decode/decode-set.ts';
import { AppError, messageOf, throwIfAborted } from '../../errors.ts';
import { loadModel } from '../../model/model-file.ts';
import type { Audit } from '../../report/audit.ts';
import { hashAt, type ReportColumns, type SetColumns } from '../../report/columns.ts';
import { testedOf } from '../../report/measure/tested.ts';
import type { Check } from '../../report/verify.ts';
import { energiesOf, energy } from '../../score/energy.ts';
import { predictions } from '../../score/predictions.ts';
import { sha256Hex } from '../../sha256.ts';
import type { Workspace } from '../../store/workspace.ts';
import type { Runtime } from '../../tf/runtime.ts';
import { forwardAll } from '../../train/evaluate.ts';
import { scoringSession } from '../score-model.ts';
import { RERUN_TOLERANCE, sampleOf } from './rerun.ts';

/** Reads every image that the report could read and compares its hash; stops at the first that differs. */
export async function verifyImages(
  audit: Audit,
  { sets }: ReportColumns,
  signal?: AbortSignal,
): Promise<Check> {
  const label = 'images';
  let images = 0;
  for (const [s, set] of sets.entries()) {
    const { root, format, name } = [audit.idDataset, ...audit.oodDatasets][s]!;
    const hashOf = format === 'folder' ? fileHash(root) : await containerHash(root, format).catch((error: unknown) => () => Promise.reject(new AppError('unreadable', messageOf(error)))); // prettier-ignore
    for (const [row, file] of set.paths.entries()) {
      const recorded = hashAt(set, row);
      if (recorded === '') continue;
      throwIfAborted(signal);
      const where = `${name}: ${JSON.stringify(file)}`;
      try {
        const found = await hashOf(file);
        if (found !== recorded)
          return { label, ok: false, detail: `${where} has the SHA-256 ${found} instead of ${recorded}` }; // prettier-ignore
      } catch (error) {
        return { label, ok: false, detail: `${where} cannot be read: ${messageOf(error)}` };
      }
      images++;
    }
  }
  return { label, ok: true, detail: `${images.toLocaleString('en-US')} images are those of the report` }; // prettier-ignore
}

const fileHash =
  (root: string) =>
  async (file: string): Promise<string> => {
    const hash = createHash('sha256');
    for await (const chunk of createReadStream(path.join(root, file))) hash.update(chunk as Buffer);
    return hash.digest('hex');
  };

async function containerHash(root: string, format: 'cifar-binary' | 'idx') {
  const open = await openContainers(root, format);
  const known = new Map<string, Awaited<ReturnType<typeof open>>>();
  return async (wanted: string): Promise<string> => {
    const { file, index } = parseContainerPath(wanted);
    let container = known.get(file);
    if (!container) {
      known.clear();
      container = await open(file);
      known.set(file, container);
    }
    return sha256Hex(container.stored(index));
  };
}

/** What is needed to score a sample again. */
export interface RescoreRequest {
  readonly images: number;
  readonly seed: number;
}

/**
 * Scores a seeded random sample of the tested images again with every model, and compares energy, confidence and
 * class. Needs the workspace that holds the models, and the images.
 */
export async function rescore(
  workspace: Workspace,
  runtime: Runtime,
  audit: Audit,
  columns: ReportColumns,
  { images, seed }: RescoreRequest,
  signal?: AbortSignal,
): Promise<Check> {
  const label = 'scores';
  const { rows, ood } = testedOf(columns);
  const [id] = columns.sets;
  const pools = [{ set: id, rows: rows.test }, ...ood.map((set, i) => ({ set, rows: rows.ood[i]! }))]; // prettier-ignore
  const sample = sampleAcross(pools, images, seed);
  let largest = 0;
  let scored = 0;
  for (const [m, { id: modelId, weightsSha256, name }] of audit.models.entries()) {
    let folder: string;
    try {
      folder = workspace.getModel(modelId).folder;
    } catch (error) {
      return { label, ok: false, detail: `${name}: ${messageOf(error)}` };
    }
    const model = await loadModel(folder);
    if (model.info.weightsSha256 !== weightsSha256)
      return { label, ok: false, detail: `${name} has the weights ${model.info.weightsSha256} instead of ${weightsSha256}` }; // prettier-ignore
    const session = scoringSession(runtime, model);
    try {
      for (const [s, { set, rows: chosen }] of sample.entries()) {
        if (chosen.length === 0) continue;
        throwIfAborted(signal);
        const told = [audit.idDataset, ...audit.oodDatasets][s]!;
        const records = [...chosen].map((row) => recordOf(set, row));
        const { block, rows: kept, failures } = await decodeSet(told, records, model.info.decode);
        if (failures[0])
          return { label, ok: false, detail: `${set.name}: ${JSON.stringify(failures[0].path)} cannot be read: ${failures[0].reason}` }; // prettier-ignore
        const outputs = await forwardAll(session, block, { signal });
        const logits = { data: outputs.logits, count: outputs.count, classes: outputs.classes };
        const energies = energiesOf(energy.score({ logits }));
        const { confidence } = predictions(logits);
        const known = set.models[m]!;
        for (const [i, record] of kept.entries()) {
          const row = chosen[record]!;
          const difference = Math.max(Math.abs(energies[i]! - known.energy[row]!), Math.abs(confidence[i]! - known.confidence[row]!)); // prettier-ignore
          largest = Math.max(largest, difference);
          scored++;
          if (difference > RERUN_TOLERANCE)
            return { label, ok: false, detail: `${set.name}, ${JSON.stringify(set.paths[row])} under ${name}: energy ${energies[i]} instead of ${known.energy[row]} (tolerance ${RERUN_TOLERANCE})` }; // prettier-ignore
        }
      }
    } finally {
      session.dispose();
    }
  }
  return { label, ok: true, detail: `${scored.toLocaleString('en-US')} scores again, largest difference ${largest.toExponential(1)} (tolerance ${RERUN_TOLERANCE})` }; // prettier-ignore
}

interface Pool {
  readonly set: SetColumns;
  readonly rows: Uint32Array;
}

/** A sample over all pools together. */
function sampleAcross(pools: readonly Pool[], images: number, seed: number): readonly Pool[] {
  const starts = [0];
  for (const { rows } of pools) starts.push(starts.at(-1)! + rows.length);
  const all = sampleOf(
    Uint32Array.from({ length: starts.at(-1)! }, (_, i) => i),
    images,
    seed,
  );
  return pools.map(({ set, rows }, p) => ({
    set,
    rows: Uint32Array.from([...all].filter((i) => i >= starts[p]! && i < starts[p + 1]!), (i) => rows[i - starts[p]!]!), // prettier-ignore
  }));
}

const recordOf = (set: SetColumns, row: number): ImageRecord => ({
  path: set.paths[row]!,
  classIndex: set.labels[row]! < 0 ? null : set.labels[row]!,
  split: null,
  bytes: set.bytes[row]!,
  width: set.widths[row]!,
  height: set.heights[row]!,
  sha256: hashAt(set, row),
  status: 'ok',
  reason: '',
});
