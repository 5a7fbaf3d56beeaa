/** Results of the robustness job, beside the model they are of. */
import { mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { writeFileAtomic } from '../store/atomic.ts';
import type { Workspace } from '../store/workspace.ts';
import { CORRUPTIONS, SEVERITIES } from './corruptions.ts';

const measured = {
  accuracy: z.number(),
  keptAtThreshold: z.number(),
  meanEnergy: z.number(),
};
const severity = z.literal(SEVERITIES);

const settings = z.object({
  /** How many test images at most; null for all. */
  images: z.number().nullable(),
  /** Of the sample and of the noise. */
  seed: z.number(),
  corruptions: z.array(z.enum(CORRUPTIONS)),
  severities: z.array(severity),
});

const robustness = z.object({
  schema: z.literal('straylight.robustness/1'),
  /** Of the model that was measured. */
  weightsSha256: z.string(),
  datasetId: z.string(),
  /** Of the dataset as it was, with what people decided about its images. */
  fingerprint: z.string(),
  settings,
  /** Side of the input in pixels, which blurs are scaled by. */
  size: z.number(),
  /** Test images that were measured. */
  images: z.number(),
  /** δ on S, which keeps 95% of the ID validation images, and how many of them there were. */
  threshold: z.number(),
  thresholdImages: z.number(),
  clean: z.object(measured),
  cells: z.array(
    z.object({
      corruption: z.enum(CORRUPTIONS),
      severity,
      ...measured,
      /** Clean against corrupted, by energy. */
      auroc: z.number(),
    }),
  ),
  createdAt: z.string(),
});

export type RobustnessSettings = Readonly<z.infer<typeof settings>>;
/** One model on the test images of one dataset. Rates are 0 to 1. */
export type Robustness = Readonly<z.infer<typeof robustness>>;

const fileOf = (folder: string, datasetId: string): string =>
  path.join(folder, 'robustness', `${datasetId}.json`);

/** In place of an earlier result of the same model and dataset. */
export async function saveRobustness(
  workspace: Workspace,
  modelId: string,
  result: Robustness,
): Promise<void> {
  const file = fileOf(workspace.getModel(modelId).folder, result.datasetId);
  await mkdir(path.dirname(file), { recursive: true });
  await writeFileAtomic(file, `${JSON.stringify(result, null, 2)}\n`);
}

/**
 * @returns null when it was not measured, or for other weights or images than the present ones
 * @throws AppError `not-found` when there is no such model or dataset
 */
export async function loadRobustness(
  workspace: Workspace,
  modelId: string,
  datasetId: string,
): Promise<Robustness | null> {
  const model = workspace.getModel(modelId);
  const dataset = workspace.getDataset(datasetId);
  let json: unknown;
  try {
    json = JSON.parse(await readFile(fileOf(model.folder, dataset.id), 'utf8'));
  } catch {
    return null;
  }
  // A file of another version is measured anew.
  const { data } = robustness.safeParse(json);
  if (data?.weightsSha256 !== model.weightsSha256) return null;
  // Images that were excluded or relabelled since make it another dataset.
  return data.fingerprint === workspace.loadManifest(dataset.id).fingerprint ? data : null;
}
