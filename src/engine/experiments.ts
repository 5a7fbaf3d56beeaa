/** Experiments, one at a time: their runs go through the queue, so that a person can see, pause and move them. */
import type { z } from 'zod';
import type { experimentRequest, ExperimentSummary } from '../contract/experiments.ts';
import { errorCode, type Failure } from '../contract/common.ts';
import { AppError } from '../core/errors.ts';
import { architectureName, architectureOf } from '../core/model/architecture.ts';
import { loadModel } from '../core/model/model-file.ts';
import { checkExperiment, type ExperimentConfig } from '../core/protocol/experiment.ts';
import type { ExperimentResult } from '../core/protocol/experiment-result.ts';
import { planProtocol } from '../core/protocol/protocols.ts';
import type { ProgressListener } from '../core/progress.ts';
import { detectorById } from '../core/score/registry.ts';
import type { ExperimentRow } from '../core/store/experiments.ts';
import { configOfExperiment, experimentSteps, runExperiment, type ExperimentHost } from '../core/workflow/run-experiment.ts'; // prettier-ignore
import type { EngineContext } from './context.ts';

/** As the engine receives it: defaults filled in. */
type Request = z.output<typeof experimentRequest>;

interface Active {
  readonly id: string;
  readonly stop: AbortController;
  ended: Promise<void>;
}

export class Experiments {
  private readonly engine: EngineContext;
  private active: Active | null = null;
  private closing = false;

  constructor(engine: EngineContext) {
    this.engine = engine;
  }

  /** Goes on with what waited when the last process ended. */
  open(): void {
    this.pump();
  }

  /** Newest first. */
  list(): ExperimentSummary[] {
    return this.rows().map((row) => this.summaryOf(row)).reverse(); // prettier-ignore
  }

  /** @throws AppError `not-found` */
  summary(id: string): ExperimentSummary {
    return this.summaryOf(this.row(id));
  }

  /** What came of it; null until it is done. */
  result(id: string): ExperimentResult | null {
    return this.row(id).result as ExperimentResult | null;
  }

  /** @throws AppError `usage`, `not-found`, `invalid-data` */
  async start(request: Request): Promise<ExperimentSummary> {
    const { workspace } = this.engine;
    const { name, config } = await plannedExperiment(this.engine, request);
    const row = workspace.createExperiment({ name: request.name ?? name, config });
    this.pump();
    return this.summary(row.id);
  }

  resume(id: string): ExperimentSummary {
    const row = this.row(id);
    if (row.state === 'succeeded' || row.state === 'running')
      throw new AppError('usage', `${row.name}: an experiment that is ${row.state === 'running' ? 'running' : 'done'} cannot be resumed.`); // prettier-ignore
    this.engine.workspace.updateExperiment(id, { state: 'pending' });
    this.pump();
    return this.summary(id);
  }

  async cancel(id: string): Promise<ExperimentSummary> {
    const row = this.row(id);
    if (this.active?.id === id) {
      this.active.stop.abort('cancelled');
      await this.active.ended;
    } else if (row.state !== 'succeeded')
      this.engine.workspace.updateExperiment(id, { state: 'cancelled' });
    return this.summary(id);
  }

  remove(id: string): void {
    const row = this.row(id);
    if (this.active?.id === id)
      throw new AppError('usage', `${row.name} is running. Cancel it first.`);
    const state = row.state === 'pending' ? { state: 'cancelled' as const } : {};
    this.engine.workspace.updateExperiment(id, { ...state, removedAt: new Date().toISOString() });
  }

  /** The one under way waits for the next start. Before the queue is closed. */
  async close(): Promise<void> {
    this.closing = true;
    this.active?.stop.abort('closed');
    await this.active?.ended;
  }

  private pump(): void {
    const next =
      this.closing || this.active
        ? undefined
        : this.rows().find(({ state }) => state === 'pending');
    if (!next) return;
    const active: Active = { id: next.id, stop: new AbortController(), ended: Promise.resolve() };
    this.active = active;
    active.ended = this.carryOut(active, next).then(() => {
      this.active = null;
      this.pump();
    });
  }

  /** Never rejects: how it ended is in the experiment. */
  private async carryOut({ id, stop }: Active, { name }: ExperimentRow): Promise<void> {
    const { engine } = this;
    try {
      await engine.jobs.run({ kind: 'experiment', title: name }, null, async (hooks) => {
        const signal = AbortSignal.any([hooks.signal, stop.signal]);
        const host = this.host(signal);
        const { appVersion } = engine.options;
        await runExperiment(engine.workspace, engine.scores, id, host, { ...hooks, signal, appVersion }); // prettier-ignore
      });
    } catch {
      // `runExperiment` has written down what happened.
    }
  }

  private host(signal: AbortSignal): ExperimentHost {
    const { engine } = this;
    return {
      runtime: () => engine.runtime(),
      create: (request) => engine.workspace.getRun(engine.queue.add([request])[0]!.id),
      train: (runId, phase, onProgress) => this.train(runId, phase, onProgress, signal),
    };
  }

  /** Waits for a run of the queue; a run that a person pauses is waited for until it goes on. */
  private async train(
    runId: string,
    phase: string,
    onProgress: ProgressListener | undefined,
    signal: AbortSignal,
  ): Promise<void> {
    const { queue } = this.engine;
    const { state } = queue.summary(runId);
    if (state !== 'pending' && state !== 'running' && state !== 'succeeded') queue.resume(runId);
    try {
      const { state: end, error } = await queue.watch(
        runId,
        (event) => {
          if (event.type !== 'progress') return;
          const { note, ...progress } = event.progress;
          onProgress?.({ ...progress, phase, ...(note === undefined ? {} : { note }) });
        },
        signal,
      );
      if (end === 'succeeded') return;
      if (end === 'cancelled') throw new AppError('cancelled', `${phase}: its run was cancelled.`);
      throw new AppError(codeOf(error), error?.message ?? `${phase}: its run is ${end}.`);
    } catch (thrown) {
      // Closing leaves the run to the queue, which goes on with it at the next start.
      if (signal.aborted && signal.reason !== 'closed') await queue.cancel(runId).catch(() => null);
      throw thrown;
    }
  }

  private rows(): readonly ExperimentRow[] {
    return this.engine.workspace.listExperiments().filter(({ removedAt }) => removedAt === null);
  }

  private row(id: string): ExperimentRow {
    const row = this.rows().find((one) => one.id === id);
    if (row) return row;
    throw new AppError('not-found', 'This experiment is not on the list any more.');
  }

  private summaryOf(row: ExperimentRow): ExperimentSummary {
    const config = configOfExperiment(row);
    const { error } = row;
    return {
      id: row.id,
      name: row.name,
      state: row.state,
      createdAt: row.createdAt,
      endedAt: row.endedAt,
      // That it was cancelled is its state, not an error.
      error: error === null || row.state === 'cancelled' || row.state === 'pending' ? null : failureOfRow(error), // prettier-ignore
      idDatasetId: config.idDatasetId,
      oodDatasetIds: [...config.oodDatasetIds],
      protocol: config.protocol,
      detector: config.detector,
      seeds: [...config.seeds],
      preset: config.preset,
      network: architectureName(config.architecture),
      parentId: config.parentId,
      objective: config.finetune.objective,
      lambda: config.finetune.lambda,
      steps: experimentSteps(this.engine.workspace, row).map(({ seed, arm, run, modelId }) => ({
        seed,
        arm,
        runId: run?.id ?? null,
        runState: run?.state ?? null,
        modelId,
      })),
      headline: headlineOf(row.result as ExperimentResult | null),
    };
  }
}

type Code = ConstructorParameters<typeof AppError>[0];

/** Codes of the wire alone cannot come from a run. */
const codeOf = (error: Failure | null): Code =>
  error === null || ['engine-gone', 'invalid-request', 'forbidden'].includes(error.code)
    ? 'internal'
    : (error.code as Code);

function failureOfRow({
  code,
  message,
}: {
  readonly code: string;
  readonly message: string;
}): Failure {
  // prettier-ignore
  const known = errorCode.safeParse(code);
  return { code: known.success ? known.data : 'internal', message };
}

function headlineOf(result: ExperimentResult | null): ExperimentSummary['headline'] {
  const first = result?.arms[0]?.averages[0] ?? null;
  if (!result || !first) return null;
  const plain = ({ values, mean, std, interval }: (typeof first)['fpr95']) => ({ values: [...values], mean, std, interval }); // prettier-ignore
  return {
    average: first.label,
    arms: result.arms.map(({ arm, label, averages, accuracy }) => ({
      arm,
      label,
      fpr95: plain(averages[0]!.fpr95),
      accuracy: plain(accuracy),
    })),
    outcome: result.verdict?.outcome ?? null,
  };
}

async function plannedExperiment(
  { workspace }: EngineContext,
  request: Request,
): Promise<{ readonly name: string; readonly config: ExperimentConfig }> {
  const { start, preset, seeds, protocol } = request;
  const ood = request.oodDatasetIds.map((id) => workspace.getDataset(id));
  const wrong = ood.find(({ role }) => role !== 'ood');
  if (wrong)
    throw new AppError('invalid-data', `${wrong.name} is an in-distribution set; choose sets of out-of-distribution images.`); // prettier-ignore
  planProtocol(protocol, ood);
  const common = {
    oodDatasetIds: ood.map(({ id }) => id),
    protocol,
    detector: detectorById(request.detector).id,
    seeds,
    preset,
    finetune: request.finetune,
    withControl: request.withControl,
    withBatchNorm: request.withBatchNorm,
  };
  if (start.kind === 'finetune') {
    const row = workspace.getModel(start.parentId);
    const { info } = await loadModel(row.folder);
    if (row.datasetId === null)
      throw new AppError('not-found', `The dataset that ${row.name} was trained on is not in this workspace. Register its folder again.`); // prettier-ignore
    return {
      name: `${row.name}, repeated`,
      config: checkExperiment({
        ...common,
        idDatasetId: row.datasetId,
        parentId: row.id,
        architecture: info.architecture,
        decode: info.decode,
        pretrain: null,
      }),
    };
  }
  const dataset = workspace.getDataset(start.datasetId);
  if (dataset.role !== 'id')
    throw new AppError('invalid-data', `${dataset.name} is an out-of-distribution set; only a set with classes can be trained on.`); // prettier-ignore
  return {
    name: `${dataset.name}, ${start.network}`,
    config: checkExperiment({
      ...common,
      idDatasetId: dataset.id,
      parentId: null,
      architecture: architectureOf(start.network, {
        classes: dataset.summary.classes.length,
        inputSize: start.decode.size,
        dropout: start.dropout,
      }),
      decode: start.decode,
      pretrain: start.config,
    }),
  };
}
