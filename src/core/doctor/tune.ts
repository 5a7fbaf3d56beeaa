/** Measures which numbers of threads train fastest on this machine. */
import os from 'node:os';
import { fileURLToPath } from 'node:url';
import { AppError, throwIfAborted } from '../errors.ts';
import { PhaseReporter, type ProgressListener } from '../progress.ts';
import type { Device } from '../tf/runtime.ts';
import type { Threads, Tuning } from '../tf/threads.ts';
import { runProgram } from './run-program.ts';
import type { TuneProbe } from './tune-probe.ts';

/** Sizes of what users train with; others take the nearest. */
const BATCH_SIZES: readonly number[] = [8, 32, 128];
/** Every setting is measured in each round, so that a busy minute does not decide. */
const ROUNDS = 2;
/** Less than this much faster is noise: the setting with fewer threads is taken. */
const WORTH = 0.03;

export interface Measurement extends Threads {
  readonly batchSize: number;
  /** Of a training step; the smaller one of the rounds' medians. */
  readonly medianMs: number;
}

export interface TuneOptions {
  readonly device?: Device;
  /** A Node that runs TypeScript; this one by default. */
  readonly nodePath?: string;
  readonly cores?: number;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ProgressListener | undefined;
  /** Takes one measurement; starts a process of its own by default. */
  readonly measure?: (threads: Threads) => Promise<TuneProbe>;
}

/** One thread, all cores, and halves and quarters between, each with one and with two ops at a time. */
export function candidates(cores: number): Threads[] {
  const intraOps = [1, Math.ceil(cores / 4), Math.ceil(cores / 2), cores];
  return [...new Set(intraOps)]
    .sort((a, b) => a - b)
    .flatMap((intraOp) => [1, 2].map((interOp) => ({ intraOp, interOp })));
}

/** The fastest of one batch size, or the one with fewer threads that is hardly slower. */
export function fastest(measurements: readonly Measurement[]): Measurement {
  const leastMs = Math.min(...measurements.map(({ medianMs }) => medianMs));
  const [best] = measurements
    .filter(({ medianMs }) => medianMs <= leastMs * (1 + WORTH))
    .toSorted((a, b) => a.intraOp - b.intraOp || a.interOp - b.interOp);
  return best!;
}

/**
 * Takes about a minute on 2 cores. Nothing is stored: see `writeTuning`.
 * @throws AppError `runtime-missing` when a measurement fails, `cancelled`
 */
export async function measureThreads(
  options: TuneOptions = {},
): Promise<{ readonly tuning: Tuning; readonly measurements: readonly Measurement[] }> {
  const { cores = os.availableParallelism(), signal } = options;
  const measure = options.measure ?? ((threads) => runProbe(threads, options));
  const settings = candidates(cores);
  const reporter = new PhaseReporter({
    phase: 'Measure threads',
    total: settings.length * ROUNDS,
    unit: 'steps',
    from: 0,
    to: 1,
    listener: options.onProgress,
  });
  const byKey = new Map<string, Measurement>();
  let tensorflow = '';
  let done = 0;
  for (let round = 0; round < ROUNDS; round++)
    for (const threads of settings) {
      throwIfAborted(signal);
      const probe = await measure(threads);
      tensorflow = probe.tensorflow;
      for (const { batchSize, medianMs } of probe.steps) {
        const key = `${batchSize} ${threads.intraOp} ${threads.interOp}`;
        const least = Math.min(medianMs, byKey.get(key)?.medianMs ?? Infinity);
        byKey.set(key, { ...threads, batchSize, medianMs: least });
      }
      reporter.report(++done);
    }
  const measurements = [...byKey.values()];
  const best = [...new Set(measurements.map(({ batchSize }) => batchSize))].map((batchSize) => {
    const { intraOp, interOp, medianMs } = fastest(
      measurements.filter((measurement) => measurement.batchSize === batchSize),
    );
    return { batchSize, intraOp, interOp, imagesPerSecond: (1000 * batchSize) / medianMs };
  });
  return { tuning: { at: new Date().toISOString(), tensorflow, best }, measurements };
}

async function runProbe(threads: Threads, options: TuneOptions): Promise<TuneProbe> {
  const { device = 'auto', nodePath = process.execPath } = options;
  const probe = fileURLToPath(new URL('./tune-probe.ts', import.meta.url));
  const { intraOp, interOp } = threads;
  const args = [probe, device, String(intraOp), String(interOp), BATCH_SIZES.join(',')];
  const end = await runProgram(nodePath, args, { timeoutMs: 300_000 });
  try {
    return JSON.parse(end.stdout.trim().split('\n').at(-1) ?? '') as TuneProbe;
  } catch {
    const said = end.stderr.trim().split('\n').at(-1) ?? '';
    throw new AppError(
      'runtime-missing',
      `The training steps with ${intraOp} threads could not be measured (${end.signal ?? `exit code ${end.code ?? 'unknown'}`}${said && `: ${said}`}). Run \`npm run doctor\`.`,
    );
  }
}

/** A table of the measurements, with the choice per batch size marked. */
export function formatTuning(tuning: Tuning, measurements: readonly Measurement[]): string {
  const lines = tuning.best.flatMap(({ batchSize, intraOp, interOp }) => [
    `Batch ${batchSize}, one training step of WRN-16-2:`,
    ...measurements
      .filter((measurement) => measurement.batchSize === batchSize)
      .map((m) => {
        const chosen = m.intraOp === intraOp && m.interOp === interOp;
        return `  ${m.intraOp} within an op, ${m.interOp} at a time: ${m.medianMs.toFixed(1)} ms, ${Math.round((1000 * batchSize) / m.medianMs)} images/s${chosen ? '  <- used from now on' : ''}`;
      }),
  ]);
  return lines.join('\n');
}
