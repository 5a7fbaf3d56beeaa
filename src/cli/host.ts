/** What a command runs in: workspace, runtime, output and Ctrl-C. */
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { readSetupState } from '../core/doctor/setup-state.ts';
import { defaultWorkspace } from '../core/store/default-workspace.ts';
import { openWorkspace, type Workspace } from '../core/store/workspace.ts';
import { AppError } from '../core/errors.ts';
import { loadRuntime, type Device, type Runtime } from '../core/tf/runtime.ts';
import type { WorkflowHooks } from '../core/workflow/train-model.ts';
import { exitCodeOf } from './exit-codes.ts';
import { HumanOutput, JsonOutput, type Output } from './output.ts';

export interface GlobalOptions {
  readonly workspace?: string;
  readonly device?: string;
  readonly threads?: string;
  readonly json?: boolean;
}

const { version } = createRequire(import.meta.url)('../../package.json') as { version: string };
export const APP_VERSION = version;

const PROJECT = fileURLToPath(new URL('../../', import.meta.url));
const DEVICES: readonly Device[] = ['auto', 'cuda', 'cpu', 'wasm'];

/** One command's surroundings. */
export class Host {
  readonly output: Output;
  readonly hooks: WorkflowHooks;
  /** The command as it was typed, for reports. */
  readonly command = ['straylight', ...process.argv.slice(2)].join(' ');
  private readonly options: GlobalOptions;
  private readonly abort = new AbortController();
  private opened: Workspace | null = null;

  constructor(options: GlobalOptions) {
    this.options = options;
    this.output = options.json ? new JsonOutput() : new HumanOutput();
    this.hooks = {
      signal: this.abort.signal,
      onProgress: (progress) => this.output.progress(progress),
      onWarning: (text) => this.output.line(`Note: ${text}`),
      appVersion: APP_VERSION,
    };
  }

  get workspaceFolder(): string {
    return this.namedWorkspace ?? defaultWorkspace();
  }

  /** The workspace that the command line or the environment names, for hosts that otherwise take that of the settings. */
  get namedWorkspace(): string | undefined {
    const named = this.options.workspace ?? process.env['STRAYLIGHT_WORKSPACE'];
    return named === undefined || named === '' ? undefined : path.resolve(named);
  }

  get namedDevice(): string | undefined {
    return this.options.device ?? process.env['STRAYLIGHT_DEVICE'];
  }

  /** @throws AppError `usage` naming the devices there are */
  get device(): Device {
    const device = this.namedDevice ?? 'auto';
    const known = DEVICES.find((name) => name === device);
    if (!known)
      throw new AppError(
        'usage',
        `Unknown device "${device}". Choose one of: ${DEVICES.join(', ')}.`,
      );
    return known;
  }

  /** Opens the workspace once. */
  workspace(folder = this.workspaceFolder): Workspace {
    if (!this.opened) {
      this.opened = openWorkspace(folder);
      for (const warning of this.opened.warnings) this.output.line(`Note: ${warning}`);
      for (const run of this.opened.interruptedRuns)
        this.output.line(
          `Note: run ${run} was interrupted. To go on with it: straylight resume ${run}`,
        );
    }
    return this.opened;
  }

  /** @throws AppError `usage` when it is no number of threads */
  get threads(): number | undefined {
    const { threads } = this.options;
    if (threads === undefined) return undefined;
    const count = Number(threads);
    if (Number.isInteger(count) && count >= 1) return count;
    throw new AppError('usage', `--threads must be a whole number of at least 1, not ${threads}.`);
  }

  /**
   * Loads TensorFlow and says in one line when a better tier could not be used.
   * @param batchSize of the work to come, where it is known: decides the number of threads
   */
  async runtime(batchSize?: number): Promise<Runtime> {
    const { device, threads } = this;
    const { runtime, blocked } = await loadRuntime({ device, threads, batchSize });
    const cpu = blocked.find(({ tier }) => tier === 'cpu');
    if (runtime.tier === 'wasm' && cpu) {
      // Set-up knows more than that the addon is not there: what kept it from being built.
      const setup = (await readSetupState(PROJECT))?.blocked.find(({ tier }) => tier === 'cpu');
      this.output.line(
        `Running on WebAssembly, about six times slower than TensorFlow: ${setup ? `${setup.reason}. ${setup.fix}` : `${cpu.reason}.`}`,
      );
    }
    return runtime;
  }

  /** Runs a command to the end and returns its exit code. */
  async run(work: (host: Host) => Promise<void>): Promise<number> {
    const interrupt = (): void => {
      if (this.abort.signal.aborted) process.exit(130);
      this.output.line('Cancelling after the current step; press Ctrl-C again to stop at once.');
      this.abort.abort();
    };
    process.on('SIGINT', interrupt);
    process.on('SIGTERM', interrupt);
    try {
      await work(this);
      this.output.close();
      return 0;
    } catch (error) {
      this.output.error(error, resumeHint(error));
      return exitCodeOf(error);
    } finally {
      process.off('SIGINT', interrupt);
      process.off('SIGTERM', interrupt);
      this.opened?.close();
    }
  }
}

/** How to go on with a run that stopped. */
function resumeHint(error: unknown): string | null {
  if (!(error instanceof AppError)) return null;
  const { runId } = error.details;
  if (typeof runId !== 'string') return null;
  const resumable = error.code === 'cancelled' || error.code === 'no-space';
  return resumable ? `Go on with: straylight resume ${runId}` : null;
}
