/** A stored model as lists show it. */
import { statSync } from 'node:fs';
import path from 'node:path';
import { trainingConfig, type ModelSummary } from '../contract/training.ts';
import { architectureName, summariseNetwork } from '../core/model/architecture.ts';
import type { ModelInfo } from '../core/model/model-file.ts';
import type { ModelRow } from '../core/store/models.ts';

const ROLES: readonly ModelSummary['role'][] = ['before', 'control', 'sparse', 'batch-norm'];

/** @param scoredDatasetIds datasets it has been scored on */
export function modelSummary(row: ModelRow, scoredDatasetIds: readonly string[]): ModelSummary {
  const info = row.json as ModelInfo;
  const { trainableCount, multiplyAdds } = summariseNetwork(info.architecture);
  const { config } = info;
  const barred = info.lineage.barred ?? [];
  return {
    id: row.id,
    name: row.name,
    parentId: row.parentId,
    datasetId: row.datasetId,
    role: ROLES.find((role) => role === row.role) ?? 'other',
    preset: row.preset,
    network: architectureName(info.architecture),
    objective: row.objective,
    lambda: config.lambda,
    seed: config.seed,
    classes: [...info.classes],
    inputSize: info.architecture.inputSize,
    parameters: trainableCount,
    multiplyAdds,
    sizeBytes: sizeOf(path.join(row.folder, 'weights.safetensors')),
    weightsSha256: row.weightsSha256,
    epochs: [...info.history],
    config: trainingConfig.parse(config),
    ...(barred.length === 0
      ? {}
      : {
          barred: barred.map(({ datasetId, name, images, modelId }) => ({
            datasetId,
            name,
            images,
            modelId,
          })),
        }),
    wallSeconds: info.wallSeconds,
    stopReason: info.stopReason,
    tier: info.madeWith.tier,
    createdAt: row.createdAt,
    scoredDatasetIds: [...scoredDatasetIds],
    removedAt: row.removedAt,
  };
}

const sizeOf = (file: string): number => statSync(file, { throwIfNoEntry: false })?.size ?? 0;
