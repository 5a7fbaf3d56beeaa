/**
 * How many threads TensorFlow uses. It reads them once, when its library is loaded, so they are chosen before: what the
 * user asked for, else TensorFlow's own environment variables, else what `straylight doctor --tune` measured on this
 * machine, else one thread per core.
 */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { z } from 'zod';

export interface Threads {
  /** Within one op. */
  readonly intraOp: number;
  /** Ops that run at the same time. */
  readonly interOp: number;
}

/** Threads and where their number is from. */
export interface ChosenThreads extends Threads {
  readonly source: 'given' | 'environment' | 'measured' | 'default';
}

const count = z.int().min(1).max(4096);
const tuning = z.object({
  /** ISO time of the measurement. */
  at: z.string(),
  tensorflow: z.string(),
  /** Of one training step of WRN-16-2 on 32x32 images, by batch size: the fastest threads. */
  best: z
    .array(
      z.object({
        batchSize: count,
        intraOp: count,
        interOp: count,
        imagesPerSecond: z.number().positive(),
      }),
    )
    .min(1),
});
/** What was measured on one machine. */
export type Tuning = z.infer<typeof tuning>;

const tuningFile = z.object({ version: z.literal(1), machines: z.record(z.string(), tuning) });

/** Home folders are shared between machines: measurements are kept by processor and cores. */
export function machineKey(cores = os.availableParallelism(), cpus = os.cpus()): string {
  return `${cpus[0]?.model.trim() ?? 'unknown processor'}, ${cores} cores`;
}

/**
 * Where measurements are kept: beside TensorFlow in the per-user cache, which set-up makes by the same rules.
 * @returns an absolute path
 */
export function tuningPath(
  env: Readonly<Record<string, string | undefined>> = process.env,
  platform: NodeJS.Platform = process.platform,
  home: string = os.homedir(),
): string {
  const join = (...parts: string[]): string =>
    platform === 'win32' ? path.win32.join(...parts) : path.posix.join(...parts);
  const xdg = env['XDG_CACHE_HOME'] ?? '';
  const base = path.isAbsolute(xdg)
    ? xdg
    : platform === 'darwin'
      ? join(home, 'Library', 'Caches')
      : platform === 'win32'
        ? (env['LOCALAPPDATA'] ?? join(home, 'AppData', 'Local'))
        : join(home, '.cache');
  return join(base, 'straylight', 'threads.json');
}

function readAll(file: string): z.infer<typeof tuningFile> {
  try {
    return tuningFile.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    // Missing or damaged: threads are then chosen from the cores, and the next measurement writes it anew.
    return { version: 1, machines: {} };
  }
}

/** @returns null when nothing was measured on this machine */
export function readTuning(file = tuningPath(), machine = machineKey()): Tuning | null {
  return readAll(file).machines[machine] ?? null;
}

/** Keeps a measurement; those of other machines stay. */
export function writeTuning(value: Tuning, file = tuningPath(), machine = machineKey()): void {
  const all = readAll(file);
  mkdirSync(path.dirname(file), { recursive: true });
  const temporary = `${file}.${process.pid}.tmp`;
  const machines = { ...all.machines, [machine]: value };
  writeFileSync(temporary, `${JSON.stringify({ version: 1, machines }, null, 2)}\n`);
  renameSync(temporary, file);
}

/** One thread per core, and no more than there are images: one image is too little work to be shared well. */
export function defaultThreads(cores: number, batchSize: number): Threads {
  return { intraOp: Math.max(1, Math.min(cores, batchSize)), interOp: 1 };
}

const fromEnvironment = (text: string | undefined): number | null => {
  const value = Number(text);
  return text !== undefined && Number.isInteger(value) && value >= 1 ? value : null;
};

/** @param facts.batchSize of the work to come; measurements of the nearest size count (by ratio) */
export function chooseThreads(facts: {
  readonly given?: number | undefined;
  readonly batchSize: number;
  readonly cores: number;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly tuning: Tuning | null;
}): ChosenThreads {
  const { given, batchSize, cores, env } = facts;
  const fallback = defaultThreads(cores, batchSize);
  if (given !== undefined) return { intraOp: given, interOp: fallback.interOp, source: 'given' };
  const intraOp = fromEnvironment(env['TF_NUM_INTRAOP_THREADS']);
  const interOp = fromEnvironment(env['TF_NUM_INTEROP_THREADS']);
  if (intraOp !== null || interOp !== null)
    return {
      intraOp: intraOp ?? fallback.intraOp,
      interOp: interOp ?? fallback.interOp,
      source: 'environment',
    };
  if (!facts.tuning) return { ...fallback, source: 'default' };
  const distance = (measured: number): number => Math.abs(Math.log(measured / batchSize));
  const [nearest] = facts.tuning.best.toSorted(
    (a, b) => distance(a.batchSize) - distance(b.batchSize),
  );
  return { intraOp: nearest!.intraOp, interOp: nearest!.interOp, source: 'measured' };
}
