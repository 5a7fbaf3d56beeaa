/** The training loop: the same for pretraining and fine-tuning, on every tier. */
import type { PixelBlock } from '../decode/pixel-block.ts';
import { AppError } from '../errors.ts';
import { Pacer } from '../pace.ts';
import { PhaseReporter, type ProgressListener } from '../progress.ts';
import type { EpochRecord } from '../report/audit.ts';
import { allFinite, type HostTensor } from '../tf/host-tensor.ts';
import type { Session, StepResult } from '../tf/session.ts';
import { Batches, type Batch, type LabelledImages } from './batches.ts';
import type { TrainingState } from './checkpoint.ts';
import { scalarsOf, type TrainingConfig } from './config.ts';
import { forwardAll, validate } from './evaluate.ts';
import type { TrainingEvent } from './events.ts';
import { learningRateAt } from './schedule.ts';

export interface TrainingInput {
  /** Holds the network with its starting weights. */
  readonly session: Session;
  readonly config: TrainingConfig;
  /** Outputs of the network. */
  readonly classes: number;
  readonly train: LabelledImages;
  readonly val: LabelledImages;
  /** Pixels of the auxiliary outliers that `config` asks for; none when not given. */
  readonly outliers?: PixelBlock | null;
  /** Identifies configuration, data and starting weights; written into checkpoints. */
  readonly fingerprint: string;
  /** Where to go on; from the start when null. */
  readonly resume: TrainingState | null;
  /** Ends the run when validation accuracy has not risen for so many epochs; all epochs run when null. */
  readonly patience?: number | null;
}

export interface TrainingHooks {
  readonly signal?: AbortSignal | undefined;
  /** Ends the run in order after the step under way; the best epoch so far becomes the result. */
  readonly finish?: AbortSignal | undefined;
  readonly onProgress?: ProgressListener | undefined;
  readonly onEvent?: ((event: TrainingEvent) => void) | undefined;
  /** Stores a checkpoint durably. Called after epochs, at intervals within one, and on cancelling. */
  readonly saveCheckpoint?: ((state: TrainingState) => Promise<void>) | undefined;
  readonly checkpointEveryMs?: number;
  /** Epochs that end sooner after a checkpoint make none: flushing to the disk can take longer than they do. */
  readonly checkpointsApartMs?: number;
  readonly phase?: string;
}

/** Why a run ended that was not cancelled. */
export type StopReason = 'finished' | 'stopped early' | 'stopped by hand';

export interface TrainingOutcome {
  readonly weights: ReadonlyMap<string, HostTensor>;
  readonly history: readonly EpochRecord[];
  readonly reason: StopReason;
  /** Over all parts of an interrupted run. */
  readonly seconds: number;
}

/**
 * Runs all epochs, or fewer when patience or `finish` end it.
 * @throws AppError `cancelled` (after saving a checkpoint) when the signal fires, `diverged` on NaN or Inf
 */
export async function train(input: TrainingInput, hooks: TrainingHooks): Promise<TrainingOutcome> {
  const run = new TrainingRun(input, hooks);
  return run.complete();
}

interface EpochSums {
  loss: number;
  correct: number;
  images: number;
}

class TrainingRun {
  private readonly input: TrainingInput;
  private readonly hooks: TrainingHooks;
  private readonly batches: Batches;
  private readonly scalars: Readonly<Record<string, number>>;
  private readonly startedMs = performance.now();
  private readonly history: EpochRecord[];
  private step: number;
  private sums: EpochSums;
  private bestAccuracy: number;
  private bestWeights: ReadonlyMap<string, HostTensor> | null;

  constructor(input: TrainingInput, hooks: TrainingHooks) {
    const { session, config, train, val, fingerprint, resume } = input;
    if (val.block.count === 0)
      throw new AppError(
        'invalid-data',
        'There are no validation images. Add a val folder or let Straylight split the data.',
      );
    if (resume && resume.fingerprint !== fingerprint)
      throw new AppError(
        'invalid-model',
        'The checkpoint belongs to a run with other settings, data or starting weights. Start the run anew.',
      );
    this.input = input;
    this.hooks = hooks;
    this.batches = new Batches(train, config, input.classes, input.outliers ?? null);
    this.scalars = scalarsOf(config);
    this.step = resume?.step ?? 0;
    this.sums = {
      loss: resume?.epochLoss ?? 0,
      correct: resume?.epochCorrect ?? 0,
      images: resume?.epochImages ?? 0,
    };
    this.history = [...(resume?.history ?? [])];
    this.bestAccuracy = resume?.bestAccuracy ?? -1;
    this.bestWeights = resume?.bestWeights ?? null;
    if (resume) {
      session.writeWeights(resume.weights);
      session.writeVelocities(resume.velocities);
    }
  }

  async complete(): Promise<TrainingOutcome> {
    const { session, config } = this.input;
    const { stepsPerEpoch, steps } = this.batches;
    const { onEvent, signal } = this.hooks;
    const resumedAtStep = this.step;
    onEvent?.({ type: 'run-started', steps, stepsPerEpoch, resumedAtStep });
    const imagesBefore = this.batches.imagesBefore(resumedAtStep);
    const reporter = new PhaseReporter({
      phase: this.hooks.phase ?? 'Train',
      total: this.batches.imagesBefore(steps) - imagesBefore,
      unit: 'images',
      from: resumedAtStep / steps,
      to: 1,
      listener: this.hooks.onProgress,
    });
    let lastCheckpointMs = performance.now();
    // Cancelled between the last step of an epoch and its validation.
    if (this.history.length < Math.floor(this.step / stepsPerEpoch)) await this.finishEpoch();
    let reason = this.reasonToEnd();
    while (reason === null) {
      if (signal?.aborted) await this.cancel();
      const startMs = performance.now();
      const { result, count, learningRate } = await this.takeStep();
      this.steppingMs += performance.now() - startMs;
      onEvent?.({
        type: 'step-finished',
        step: this.step,
        loss: result.loss,
        terms: result.terms,
        learningRate,
        imagesPerSecond: (count * 1000) / (performance.now() - startMs),
      });
      const epochDone = this.step % stepsPerEpoch === 0;
      if (epochDone) await this.finishEpoch();
      reporter.report(this.batches.imagesBefore(this.step) - imagesBefore, this.note(result));
      const sinceMs = performance.now() - lastCheckpointMs;
      const due =
        sinceMs > (this.hooks.checkpointEveryMs ?? 60_000) ||
        (epochDone && sinceMs >= (this.hooks.checkpointsApartMs ?? 0));
      reason = this.reasonToEnd();
      // The result of the last step is saved as the model itself.
      if (due && reason === null) {
        await this.saveCheckpoint();
        lastCheckpointMs = performance.now();
      }
    }
    // Stopped within the first epoch: what there is is measured, so that the model has its numbers.
    if (this.history.length === 0) await this.finishEpoch();
    const seconds = this.seconds();
    const waitShare = this.steppingMs > 0 ? 1 - this.computingMs / this.steppingMs : 0;
    onEvent?.({ type: 'run-finished', reason, seconds, waitShare });
    const best = config.keep === 'best' || reason === 'stopped by hand';
    const weights = (best ? this.bestWeights : null) ?? session.readWeights();
    return { weights, history: this.history, reason, seconds };
  }

  /** Null while the run goes on. */
  private reasonToEnd(): StopReason | null {
    const { patience } = this.input;
    if (this.step >= this.batches.steps) return 'finished';
    // Without a step there is nothing to keep.
    if (this.hooks.finish?.aborted && this.step > 0) return 'stopped by hand';
    const accuracies = this.history.map(({ valAccuracy }) => valAccuracy);
    const best = accuracies.indexOf(Math.max(...accuracies)) + 1;
    return patience != null && this.history.length - best >= patience ? 'stopped early' : null;
  }

  /** The batch of the step to come, made while the step before it ran. */
  private prepared: Promise<Batch> | null = null;
  /** Time within steps; the rest of `steppingMs` was waited for batches and bookkeeping. */
  private computingMs = 0;
  private steppingMs = 0;

  private async takeStep(): Promise<{ result: StepResult; count: number; learningRate: number }> {
    const { session } = this.input;
    const prepared = await (this.prepared ?? this.batches.at(this.step));
    const learningRate = this.learningRateOf(this.step);
    const startMs = performance.now();
    const running = session.trainStep({
      ...prepared,
      targets: prepared.targets ?? undefined,
      learningRate,
      scalars: this.scalars,
    });
    // While TensorFlow computes on its own threads, the next batch is cropped and flipped on this one.
    const next = this.step + 1;
    this.prepared = next < this.batches.steps ? this.batches.at(next) : null;
    // A failure to read is reported by the step that needs the batch, and only then.
    this.prepared?.catch(() => undefined);
    const result = await running;
    this.computingMs += performance.now() - startMs;
    if (!Number.isFinite(result.loss)) throw this.diverged(`the loss became ${result.loss}`);
    this.step++;
    this.sums.loss += result.loss * prepared.count;
    this.sums.correct += result.correct;
    this.sums.images += prepared.count;
    // Of all that went through the network.
    return { result, count: prepared.count + prepared.outlierCount, learningRate };
  }

  private learningRateOf(step: number): number {
    const { schedule, learningRate } = this.input.config;
    return learningRateAt(schedule, learningRate, step, this.batches.steps);
  }

  private async finishEpoch(): Promise<void> {
    const { session, val } = this.input;
    const { signal } = this.hooks;
    const outputs = await forwardAll(session, val.block, { signal }).catch((error: unknown) => {
      if (signal?.aborted) return this.cancel();
      throw error;
    });
    const validation = validate(outputs, val.labels);
    if (!Number.isFinite(validation.loss)) throw this.diverged('a validation output is not finite');
    const record: EpochRecord = {
      epoch: this.history.length + 1,
      learningRate: this.learningRateOf(this.step - 1),
      trainLoss: this.sums.loss / this.sums.images,
      trainAccuracy: this.sums.correct / this.sums.images,
      valLoss: validation.loss,
      valAccuracy: validation.accuracy,
      featureL1: validation.featureL1,
      meanEnergy: validation.meanEnergy,
    };
    this.history.push(record);
    this.sums = { loss: 0, correct: 0, images: 0 };
    // Kept under `last` too: the run may be stopped by hand.
    if (record.valAccuracy > this.bestAccuracy) {
      this.bestAccuracy = record.valAccuracy;
      this.bestWeights = await session.readPaced('weights');
    }
    this.hooks.onEvent?.({ type: 'epoch-finished', ...record });
  }

  private async cancel(): Promise<never> {
    await this.saveCheckpoint();
    throw new AppError('cancelled', `Cancelled after step ${this.step} of ${this.batches.steps}.`, {
      details: { step: this.step, steps: this.batches.steps },
    });
  }

  private async saveCheckpoint(): Promise<void> {
    if (!this.hooks.saveCheckpoint) return;
    const { session, fingerprint } = this.input;
    const weights = await session.readPaced('weights');
    const pacer = new Pacer();
    for (const [name, { data }] of weights) {
      if (!allFinite(data)) throw this.diverged(`"${name}" is no longer finite`);
      await pacer.pause();
    }
    await this.hooks.saveCheckpoint({
      fingerprint,
      step: this.step,
      epochLoss: this.sums.loss,
      epochCorrect: this.sums.correct,
      epochImages: this.sums.images,
      history: this.history,
      bestAccuracy: this.bestAccuracy,
      trainedSeconds: this.seconds(),
      weights,
      velocities: await session.readPaced('velocities'),
      bestWeights: this.bestWeights,
    });
    this.hooks.onEvent?.({ type: 'checkpoint-saved', step: this.step });
  }

  private diverged(what: string): AppError {
    return new AppError(
      'diverged',
      `Training diverged at step ${this.step + 1} of ${this.batches.steps}: ${what}. The last checkpoint before it is kept. Lower the learning rate (now ${this.input.config.learningRate}) or the weight of what the objective adds (λ, w), and start again.`,
      { details: { step: this.step + 1 } },
    );
  }

  private seconds(): number {
    const before = this.input.resume?.trainedSeconds ?? 0;
    return before + (performance.now() - this.startedMs) / 1000;
  }

  private note({ loss, terms }: StepResult): string {
    const { epochs } = this.input.config;
    const epoch = Math.min(epochs, Math.floor(this.step / this.batches.stepsPerEpoch) + 1);
    const last = this.history.at(-1);
    const accuracy = last ? `, val accuracy ${(100 * last.valAccuracy).toFixed(1)}%` : '';
    const parts = Object.entries(terms).map(([name, value]) => `${name} ${value.toFixed(3)}`);
    const made = parts.length > 1 ? ` (${parts.join(', ')})` : '';
    return `epoch ${epoch}/${epochs}, loss ${loss.toFixed(3)}${made}${accuracy}`;
  }
}
