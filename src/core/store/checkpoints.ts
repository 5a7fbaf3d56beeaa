/**
 * Checkpoints of one run: `checkpoints/step-00001234/`, each a folder written as one unit with its
 * hashes. What the files mean is the training loop's business.
 */
import { mkdir, readFile, readdir } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { AppError } from '../errors.ts';
import {
  type Disk,
  realDisk,
  recoverLeftovers,
  removeFolderAtomic,
  writeFileAtomic,
  writeFolderAtomic,
} from './atomic.ts';
import { diskError, errnoOf } from './disk-errors.ts';
import { verifyFolder } from './hash-manifest.ts';

/** How many of the newest checkpoints are kept, besides the best. */
export const keptCheckpoints = 3;

/** A checkpoint that verified. */
export interface Checkpoint {
  readonly step: number;
  /** Absolute folder with the saved files. */
  readonly folder: string;
}

/** A checkpoint that was passed over, and why. */
export interface SkippedCheckpoint extends Checkpoint {
  readonly reason: string;
}

const folderName = /^step-(\d{8,})$/;
const bestSchema = z.strictObject({ step: z.int().nonnegative() });

const checkpointsFolder = (runFolder: string): string => join(runFolder, 'checkpoints');
const stepFolder = (runFolder: string, step: number): string =>
  join(checkpointsFolder(runFolder), `step-${String(step).padStart(8, '0')}`);

/**
 * Saves a checkpoint, then removes what need not be kept: the newest three and the best stay.
 * @param checkpoint.step optimiser steps done; saving a step again replaces it
 * @param checkpoint.best marks it as the best so far
 * @throws AppError('no-space' | 'unreadable') with all earlier checkpoints intact
 */
export async function saveCheckpoint(
  runFolder: string,
  checkpoint: {
    readonly step: number;
    readonly files: Readonly<Record<string, Uint8Array | string>>;
    readonly best?: boolean;
  },
  disk: Disk = realDisk,
): Promise<Checkpoint> {
  const { step, files, best = false } = checkpoint;
  const folder = stepFolder(runFolder, step);
  try {
    await mkdir(checkpointsFolder(runFolder), { recursive: true });
  } catch (error) {
    throw diskError(error, checkpointsFolder(runFolder), null);
  }
  await writeFolderAtomic(folder, files, disk);
  if (best) await markBest(runFolder, step, disk);
  await prune(runFolder, step, disk);
  return { step, folder };
}

/** Marks a saved checkpoint as the best so far, so that it is kept. */
export async function markBest(
  runFolder: string,
  step: number,
  disk: Disk = realDisk,
): Promise<void> {
  const path = join(checkpointsFolder(runFolder), 'best.json');
  await writeFileAtomic(path, `${JSON.stringify({ step })}\n`, disk);
}

async function prune(runFolder: string, saved: number, disk: Disk): Promise<void> {
  const steps = await listSteps(runFolder);
  const best = await bestStep(runFolder);
  const keep = new Set([saved, ...(best === null ? [] : [best])]);
  let newest = 0;
  for (const step of steps) {
    // A later step is there only when a run went back to an earlier checkpoint, usually because the
    // later one is damaged: it must not take the place of one that can be loaded.
    const counts = step <= saved || (await verifyFolder(stepFolder(runFolder, step))).ok;
    if (counts && newest < keptCheckpoints) {
      keep.add(step);
      newest++;
    }
  }
  for (const step of steps) {
    if (!keep.has(step)) await removeFolderAtomic(stepFolder(runFolder, step), disk);
  }
}

/** Newest first. */
async function listSteps(runFolder: string): Promise<number[]> {
  let entries: string[];
  try {
    entries = await readdir(checkpointsFolder(runFolder));
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return [];
    throw diskError(error, checkpointsFolder(runFolder), null);
  }
  return entries
    .map((entry) => folderName.exec(entry)?.[1])
    .filter((digits) => digits !== undefined)
    .map(Number)
    .sort((a, b) => b - a);
}

async function bestStep(runFolder: string): Promise<number | null> {
  try {
    const text = await readFile(join(checkpointsFolder(runFolder), 'best.json'), 'utf8');
    return bestSchema.parse(JSON.parse(text)).step;
  } catch {
    return null;
  }
}

/**
 * The newest checkpoint whose hashes agree, and the newer ones that were skipped with the reason.
 * First clears what a killed process left half written, so only the holder of the workspace may call it.
 * @returns `checkpoint: null` when the run has none yet
 * @throws AppError('invalid-model') when there are checkpoints and none verifies, naming each
 */
export async function latestCheckpoint(runFolder: string): Promise<{
  readonly checkpoint: Checkpoint | null;
  readonly skipped: readonly SkippedCheckpoint[];
}> {
  const parent = checkpointsFolder(runFolder);
  if (existsSync(parent)) {
    try {
      recoverLeftovers(parent);
    } catch {
      // On a read-only disk the leftovers stay; they are never taken for checkpoints.
    }
  }
  const skipped: SkippedCheckpoint[] = [];
  for (const step of await listSteps(runFolder)) {
    const folder = stepFolder(runFolder, step);
    const verification = await verifyFolder(folder);
    if (verification.ok) return { checkpoint: { step, folder }, skipped };
    skipped.push({ step, folder, reason: verification.reason });
  }
  if (skipped.length === 0) return { checkpoint: null, skipped };
  const list = skipped.map(({ step, reason }) => `step ${step}: ${reason}`).join('; ');
  throw new AppError(
    'invalid-model',
    `${parent}: no checkpoint can be loaded (${list}). Start the run again from its model.`,
    { details: { skipped } },
  );
}

/** The checkpoint marked best, or null when none is marked or it no longer verifies. */
export async function bestCheckpoint(runFolder: string): Promise<Checkpoint | null> {
  const step = await bestStep(runFolder);
  if (step === null) return null;
  const folder = stepFolder(runFolder, step);
  return (await verifyFolder(folder)).ok ? { step, folder } : null;
}
