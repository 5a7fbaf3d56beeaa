/** What a run needs to go on exactly where it was, as files and back. */
import { AppError, messageOf } from '../errors.ts';
import { decodeSafetensors, encodeSafetensorsPaced } from '../model/safetensors.ts';
import type { EpochRecord } from '../report/audit.ts';
import type { HostTensor } from '../tf/host-tensor.ts';
import { z } from 'zod';

const epochRecord = z.object({
  epoch: z.number(),
  learningRate: z.number(),
  trainLoss: z.number(),
  trainAccuracy: z.number(),
  valLoss: z.number(),
  valAccuracy: z.number(),
  featureL1: z.number(),
  meanEnergy: z.number(),
});

const position = z.object({
  /** Identifies the run's configuration and data; a checkpoint of another run is refused. */
  fingerprint: z.string(),
  /** Steps finished, over all epochs. The permutation, augmentation and dropout of every step follow from it. */
  step: z.number().int().nonnegative(),
  /** Sums over the unfinished epoch. */
  epochLoss: z.number(),
  epochCorrect: z.number(),
  epochImages: z.number(),
  history: z.array(epochRecord),
  bestAccuracy: z.number(),
  trainedSeconds: z.number(),
});

export type TrainingPosition = Readonly<z.infer<typeof position>>;

export interface TrainingState extends TrainingPosition {
  readonly weights: ReadonlyMap<string, HostTensor>;
  readonly velocities: ReadonlyMap<string, HostTensor>;
  /** Weights of the epoch with the best validation accuracy; null before the first one has ended. */
  readonly bestWeights: ReadonlyMap<string, HostTensor> | null;
}

export type { EpochRecord };

/** File contents by name, for an atomic writer; made over as many turns of the event loop as it takes. */
export async function encodeCheckpoint(state: TrainingState): Promise<Record<string, Uint8Array>> {
  const { weights, velocities, bestWeights, ...rest } = state;
  return {
    'weights.safetensors': await encodeSafetensorsPaced(weights),
    'velocities.safetensors': await encodeSafetensorsPaced(velocities),
    ...(bestWeights ? { 'best.safetensors': await encodeSafetensorsPaced(bestWeights) } : {}),
    'position.json': new TextEncoder().encode(JSON.stringify(rest)),
  };
}

/** @throws AppError `invalid-model` when a file is missing or damaged */
export function decodeCheckpoint(files: Readonly<Record<string, Uint8Array>>): TrainingState {
  const file = (name: string): Uint8Array => {
    const bytes = files[name];
    if (!bytes) throw new AppError('invalid-model', `The checkpoint lacks its file ${name}.`);
    return bytes;
  };
  let place: TrainingPosition;
  try {
    place = position.parse(JSON.parse(new TextDecoder().decode(file('position.json'))));
  } catch (error) {
    throw new AppError(
      'invalid-model',
      `The checkpoint's position.json is damaged: ${messageOf(error)}`,
    );
  }
  const best = files['best.safetensors'];
  return {
    ...place,
    weights: decodeSafetensors(file('weights.safetensors')).tensors,
    velocities: decodeSafetensors(file('velocities.safetensors')).tensors,
    bestWeights: best ? decodeSafetensors(best).tensors : null,
  };
}
