/**
 * Training runs, one at a time. What waits is in the workspace, so that a restart goes on with it.
 *
 * ```
 * pending -> running -> succeeded | failed | cancelled | paused      (interrupted: the process died)
 *    ^                                        |
 *    +----------------- resume ---------------+
 * ```
 */
import path from 'node:path';
import type { JobState } from '../../contract/app.ts';
import type { Progress } from '../../contract/common.ts';
import type { RunEvent, RunSummary } from '../../contract/training.ts';
import { AppError } from '../../core/errors.ts';
import { architectureName, summariseNetwork } from '../../core/model/architecture.ts';
import { readEvents } from '../../core/store/events.ts';
import type { RunRow } from '../../core/store/runs.ts';
import { describeObjective } from '../../core/train/config.ts';
import type { TrainingEvent } from '../../core/train/events.ts';
import { createTrainingRun, resumeRun, type TrainingRequest } from '../../core/workflow/train-model.ts'; // prettier-ignore
import type { EngineContext } from '../context.ts';
import { failureOf } from '../failure.ts';
import { Throttle } from '../throttle.ts';
import { isTraining, requestOf, runSummary } from './run-summary.ts';
import { after, atTheStart, replay, told, type Standing } from './story.ts';

/** The run that has the device. */
interface Active {
  readonly id: string;
  readonly stop: AbortController;
  readonly finish: AbortController;
  readonly speeds: number[];
  progress: Progress | null;
  ended: Promise<void>;
}

type Watcher = (event: RunEvent) => void;

/** Steps whose speed counts: the first ones are slower, and the machine's load changes. */
const SPEEDS_KEPT = 50;
const LEFT = new Set<RunRow['state']>(['paused', 'cancelled', 'failed', 'interrupted']);
const OVER = new Set<RunRow['state']>(['succeeded', 'failed', 'cancelled', 'interrupted']);

export class RunQueue {
  private readonly engine: EngineContext;
  private active: Active | null = null;
  private closing = false;
  /** Stopped by hand while they were paused: they end at once when they get the device. */
  private readonly finishing = new Set<string>();
  private readonly standings = new Map<string, Standing>();
  private readonly watchers = new Map<string, Set<Watcher>>();

  constructor(engine: EngineContext) {
    this.engine = engine;
  }

  /** Goes on with what waited when the last process ended. */
  open(): void {
    for (const row of this.waiting()) this.toTray(row);
    this.pump();
  }

  get training(): boolean {
    return this.active !== null;
  }

  list(): RunSummary[] {
    const waiting = this.waiting();
    return this.rows().map((row) => this.summaryOf(row, waiting));
  }

  summary(runId: string): RunSummary {
    return this.summaryOf(this.row(runId));
  }

  /** Puts runs at the end of the queue. */
  add(requests: readonly TrainingRequest[]): RunSummary[] {
    const { workspace } = this.engine;
    const last = this.waiting().at(-1)?.queuePosition ?? 0;
    const rows = requests.map((request, i) => createTrainingRun(workspace, request, last + 1 + i));
    for (const row of rows) this.changed(row.id);
    this.pump();
    return rows.map(({ id }) => this.summary(id));
  }

  /** Ends the step under way, writes a checkpoint, gives the device to the next run. */
  async pause(runId: string): Promise<RunSummary> {
    const row = this.row(runId);
    if (this.active?.id === runId) {
      this.active.stop.abort('pause');
      await this.active.ended;
    } else if (row.state === 'pending') this.set(runId, { state: 'paused' });
    else if (row.state !== 'paused') throw cannot(row, 'be paused');
    return this.summary(runId);
  }

  /** To the front of the queue. */
  resume(runId: string): RunSummary {
    const row = this.row(runId);
    if (!LEFT.has(row.state)) throw cannot(row, 'be resumed');
    const first = this.waiting()[0]?.queuePosition ?? 1;
    this.set(runId, { state: 'pending', queuePosition: first - 1, error: null });
    this.pump();
    return this.summary(runId);
  }

  async cancel(runId: string): Promise<RunSummary> {
    const row = this.row(runId);
    if (this.active?.id === runId) {
      this.active.stop.abort('cancel');
      await this.active.ended;
    } else if (row.state === 'pending' || row.state === 'paused' || row.state === 'interrupted')
      this.set(runId, { state: 'cancelled' });
    else if (row.state !== 'cancelled') throw cannot(row, 'be cancelled');
    return this.summary(runId);
  }

  async stopAndKeepBest(runId: string): Promise<RunSummary> {
    const row = this.row(runId);
    if (this.active?.id === runId) {
      this.active.finish.abort();
      await this.active.ended;
    } else if (LEFT.has(row.state) && this.standing(row).step > 0) {
      this.finishing.add(runId);
      return this.resume(runId);
    } else throw cannot(row, 'be ended with a model: it has not trained yet');
    return this.summary(runId);
  }

  /** @param position 0 for the front; larger than the queue for its end */
  move(runId: string, position: number): RunSummary[] {
    const row = this.row(runId);
    if (row.queuePosition === null) throw cannot(row, 'be moved: it is not waiting');
    const others = this.waiting().filter(({ id }) => id !== runId);
    others.splice(position, 0, row);
    for (const [i, { id, queuePosition }] of others.entries())
      if (queuePosition !== i) this.set(id, { queuePosition: i });
    return this.list();
  }

  /** Off the list. Its files stay in the workspace. */
  remove(runId: string): void {
    const row = this.row(runId);
    if (this.active?.id === runId) throw cannot(row, 'be removed: cancel it first');
    const state = row.state === 'pending' ? { state: 'cancelled' as const } : {};
    this.set(runId, { ...state, removedAt: new Date().toISOString() });
  }

  /** Tells the run's story from the first event, then goes on until the run is over or the signal fires. */
  async watch(
    runId: string,
    emit: (event: RunEvent) => void,
    signal: AbortSignal,
  ): Promise<RunSummary> {
    const row = this.row(runId);
    emit({ type: 'state', run: this.summaryOf(row) });
    for (const event of replay(this.history(runId)).events) emit(event);
    if (OVER.has(row.state)) return this.summaryOf(row);
    // Between the read above and this line nothing else runs, so no event is lost or told twice.
    return await new Promise((resolve, reject) => {
      const steps = new Throttle<RunEvent>(emit);
      const watchers = this.watchers.get(runId) ?? new Set();
      const stop = (): void => {
        watchers.delete(watcher);
        signal.removeEventListener('abort', cancel);
        steps.drop();
      };
      const cancel = (): void => {
        stop();
        reject(new AppError('cancelled', 'Not watched any more.'));
      };
      const watcher: Watcher = (event) => {
        if (event.type === 'step') {
          steps.push(event);
          return;
        }
        steps.flush();
        emit(event);
        if (event.type !== 'state' || !OVER.has(event.run.state)) return;
        stop();
        resolve(event.run);
      };
      watchers.add(watcher);
      this.watchers.set(runId, watchers);
      if (signal.aborted) cancel();
      else signal.addEventListener('abort', cancel);
    });
  }

  /** Checkpoints the run under way and puts it back at the front of the queue for the next start. */
  async close(): Promise<void> {
    this.closing = true;
    const { active } = this;
    if (!active) return;
    active.stop.abort('pause');
    await active.ended;
    if (this.row(active.id).state === 'paused') {
      const first = this.waiting()[0]?.queuePosition ?? 1;
      this.set(active.id, { state: 'pending', queuePosition: first - 1 });
    }
  }

  private pump(): void {
    const next = this.closing || this.active ? undefined : this.waiting()[0];
    if (!next) return;
    const active: Active = {
      id: next.id,
      stop: new AbortController(),
      finish: new AbortController(),
      speeds: [],
      progress: null,
      ended: Promise.resolve(),
    };
    if (this.finishing.delete(next.id)) active.finish.abort();
    this.active = active;
    this.set(next.id, { state: 'running' });
    active.ended = this.train(active).then((goOn) => {
      this.active = null;
      this.changed(active.id);
      if (goOn) this.pump();
    });
  }

  /** Never rejects: how it ended is in the run. @returns whether the next run may start */
  private async train(active: Active): Promise<boolean> {
    const { engine } = this;
    const { id } = active;
    let sequence = 0;
    try {
      const runtime = await engine.runtime();
      const { kind, architecture, config } = requestOf(this.row(id));
      await resumeRun(engine.workspace, runtime, id, {
        signal: active.stop.signal,
        finish: active.finish.signal,
        appVersion: engine.options.appVersion,
        phase: kind === 'pretrain' ? 'Pretrain' : `Fine-tune, ${describeObjective(config)}`,
        onProgress: (progress) => {
          active.progress = { ...progress, sequence: sequence++ };
          this.toTray(this.row(id));
          this.tell(id, { type: 'progress', progress: active.progress });
        },
        onTrainingEvent: (event) => this.onEvent(active, event),
      }).finally(() => {
        const imagesPerSecond = median(active.speeds);
        if (imagesPerSecond === null) return;
        engine.workspace.saveThroughput({
          tier: runtime.tier,
          network: architectureName(architecture),
          inputSize: architecture.inputSize,
          batchSize: config.batchSize,
          precision: config.precision,
          imagesPerSecond,
          multiplyAdds: summariseNetwork(architecture).multiplyAdds,
        });
      });
      return true;
    } catch (error) {
      const { code, message } = failureOf(error);
      // Failures before the run itself took over, such as a runtime that does not load.
      if (this.row(id).state === 'running') this.set(id, { state: 'failed', error: { code, message } }); // prettier-ignore
      // Without a runtime, or on a full disk, every run that waits would end the same way.
      return code !== 'runtime-missing' && code !== 'no-space';
    }
  }

  private onEvent(active: Active, event: TrainingEvent): void {
    const { id } = active;
    const before = this.standings.get(id) ?? atTheStart;
    this.standings.set(id, after(before, event));
    if (event.type === 'step-finished' && Number.isFinite(event.imagesPerSecond)) {
      active.speeds.push(event.imagesPerSecond);
      if (active.speeds.length > SPEEDS_KEPT) active.speeds.shift();
    }
    const message = told(event);
    if (message) this.tell(id, message);
    if (event.type === 'run-started') this.changed(id);
  }

  private set(id: string, change: Parameters<EngineContext['workspace']['updateRun']>[1]): void {
    this.engine.workspace.updateRun(id, change);
    this.changed(id);
  }

  private changed(id: string): void {
    const row = this.row(id);
    this.toTray(row);
    this.tell(id, { type: 'state', run: this.summaryOf(row) });
  }

  private tell(id: string, event: RunEvent): void {
    for (const watcher of this.watchers.get(id) ?? []) watcher(event);
  }

  private toTray(row: RunRow): void {
    const { id, name, error, startedAt, endedAt, state } = this.summaryOf(row);
    // What was cleared from the tray does not come back.
    if (OVER.has(state) && !this.engine.jobs.has(id)) return;
    const progress = this.progressOf(id);
    const job: JobState = { id, kind: 'train', title: name, state, progress, runId: id, error, startedAt, endedAt }; // prettier-ignore
    this.engine.jobs.mirror(job, () => void this.cancel(id).catch(() => undefined));
  }

  private progressOf(id: string): Progress | null {
    return this.active?.id === id ? this.active.progress : null;
  }

  private summaryOf(row: RunRow, waiting = this.waiting()): RunSummary {
    const place = waiting.findIndex(({ id }) => id === row.id);
    const progress = this.progressOf(row.id);
    return runSummary(row, this.standing(row), progress, place < 0 ? null : place);
  }

  private standing({ id }: RunRow): Standing {
    let standing = this.standings.get(id);
    if (!standing) {
      standing = replay(this.history(id)).standing;
      this.standings.set(id, standing);
    }
    return standing;
  }

  private history(id: string) {
    return readEvents(path.join(this.engine.workspace.runFolder(id), 'events.jsonl'));
  }

  private rows(): readonly RunRow[] {
    return this.engine.workspace
      .listRuns()
      .filter((row) => isTraining(row) && row.removedAt === null);
  }

  /** First to start first. */
  private waiting(): RunRow[] {
    return this.rows()
      .filter(({ state, queuePosition }) => state === 'pending' && queuePosition !== null)
      .sort((a, b) => a.queuePosition! - b.queuePosition!);
  }

  /** @throws AppError `not-found` */
  private row(id: string): RunRow {
    const row = this.engine.workspace.getRun(id);
    if (row.id === id && isTraining(row)) return row;
    throw new AppError('not-found', `There is no training run ${id}.`);
  }
}

const cannot = (row: RunRow, what: string): AppError =>
  new AppError('usage', `${requestOf(row).name}: a run that is ${row.state} cannot ${what}.`);

function median(values: readonly number[]): number | null {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? null;
}
