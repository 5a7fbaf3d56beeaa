/** What the engine's handlers share. */
import type { Failure } from '../contract/common.ts';
import { readSetupState, type SetupState } from '../core/doctor/setup-state.ts';
import { openWorkspace, type Workspace } from '../core/store/workspace.ts';
import { fastAlgebra } from '../core/workflow/fast-algebra.ts';
import { ScoreSources } from '../core/workflow/score-sources.ts';
import { loadRuntime, type LoadedRuntime, type Runtime } from '../core/tf/runtime.ts';
import { Experiments } from './experiments.ts';
import { Explanations } from './explanations.ts';
import { failureOf } from './failure.ts';
import { Grants } from './grants.ts';
import { ImageData } from './image-data.ts';
import { JobBoard } from './jobs.ts';
import type { EngineOptions } from './options.ts';
import { RunQueue } from './training/run-queue.ts';

export class EngineContext {
  readonly options: EngineOptions;
  readonly jobs = new JobBoard();
  readonly grants = new Grants();
  readonly images = new ImageData(() => this.workspace);
  readonly queue = new RunQueue(this);
  readonly experiments = new Experiments(this);
  readonly scores = new ScoreSources(
    () => this.workspace,
    this.images,
    async () => fastAlgebra(await this.runtime()),
  );
  readonly explanations = new Explanations(this);
  /** Null until TensorFlow has been loaded. */
  loaded: LoadedRuntime | null = null;
  /** What set-up met on this machine; null until the runtime has been loaded, and where set-up has not run. */
  setup: SetupState | null = null;
  /** Why it could not be loaded. */
  runtimeError: Failure | null = null;
  private readonly opened: Workspace | null = null;
  private readonly openError: unknown = null;

  /** Opens the workspace. When that fails the engine still runs, so that the window can say why. */
  constructor(options: EngineOptions) {
    this.options = options;
    try {
      this.opened = openWorkspace(options.workspace);
    } catch (error) {
      this.openError = error;
    }
  }

  /** @throws AppError that says why the workspace could not be opened */
  get workspace(): Workspace {
    if (this.opened) return this.opened;
    throw this.openError;
  }

  get workspaceError(): Failure | null {
    return this.opened ? null : failureOf(this.openError);
  }

  /** Loads TensorFlow at the first need. @throws AppError `runtime-missing` */
  async runtime(): Promise<Runtime> {
    const { device, threads } = this.options;
    try {
      this.loaded ??= await loadRuntime({ device, ...(threads === null ? {} : { threads }) });
      this.setup ??= await readSetupState(this.options.projectRoot);
      return this.loaded.runtime;
    } catch (error) {
      this.runtimeError = failureOf(error);
      throw error;
    }
  }

  /** Checkpoints the run under way and lets the workspace go. */
  async close(): Promise<void> {
    if (this.opened) {
      // First the experiment, so that it does not take the end of its run for a pause.
      await this.experiments.close();
      await this.queue.close();
    }
    this.opened?.close();
  }
}
