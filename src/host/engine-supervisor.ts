/** The life of the engine process: started, watched, told to windows, restarted, ended. */
import type { EngineState } from '../contract/host.ts';
import { hostContract, type HostContract } from '../contract/methods.ts';
import { createClient, type Client } from '../rpc/client.ts';
import { engineGone } from '../rpc/errors.ts';
import type { EngineProcess, ProcessEnd } from './engine-process.ts';

export interface SupervisorTiming {
  /** From start to the first answer. Includes opening the workspace, which may repair a database. */
  readonly startMs: number;
  /** Between questions whether it still answers. */
  readonly beatMs: number;
  /** No answer for this long: it hangs. A step in WebAssembly blocks for tens of seconds. */
  readonly hangMs: number;
  /** For checkpoints and closing, then again after SIGTERM. */
  readonly patienceMs: number;
  /** An engine that lived for less than this is not restarted by itself, or it could go on for ever. */
  readonly stableMs: number;
}

export const TIMING: SupervisorTiming = {
  startMs: 60_000,
  beatMs: 5_000,
  hangMs: 180_000,
  patienceMs: 5_000,
  stableMs: 15_000,
};

/** One process at a time and everything known about it. */
interface Life<P> {
  readonly process: P;
  readonly client: Client<HostContract>;
  readonly startedMs: number;
  /** Settles when the process is gone. */
  readonly ended: Promise<void>;
  timer: ReturnType<typeof setTimeout> | null;
  /** Set when we end it, so that its end is no accident. */
  wanted: boolean;
  /** Why we killed it, when it was at fault. */
  verdict: string | null;
}

export class EngineSupervisor<P extends EngineProcess> {
  private readonly spawn: () => P;
  private readonly timing: SupervisorTiming;
  private readonly listeners = new Set<(state: EngineState) => void>();
  private life: Life<P> | null = null;
  private now: EngineState = { state: 'starting' };

  constructor(spawn: () => P, timing: SupervisorTiming = TIMING) {
    this.spawn = spawn;
    this.timing = timing;
  }

  get state(): EngineState {
    return this.now;
  }

  onState(listener: (state: EngineState) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** The process that is starting or running. @throws RemoteError `engine-gone` */
  get process(): P {
    if (!this.life) throw engineGone();
    return this.life.process;
  }

  /** What the host itself asks the engine. @throws RemoteError `engine-gone` */
  get client(): Client<HostContract> {
    if (!this.life) throw engineGone();
    return this.life.client;
  }

  /** Does nothing when there is one already. */
  start(): void {
    if (this.life) return;
    this.tell({ state: 'starting' });
    let process: P;
    try {
      process = this.spawn();
    } catch (error) {
      this.tell(gone(`The engine could not be started (${String(error)}).`, false));
      return;
    }
    const ended = Promise.withResolvers<undefined>();
    const life: Life<P> = {
      process,
      client: createClient(hostContract, process.openHost()),
      startedMs: performance.now(),
      ended: ended.promise,
      timer: null,
      wanted: false,
      verdict: null,
    };
    this.life = life;
    process.onEnd((end) => {
      if (life.timer) clearTimeout(life.timer);
      ended.resolve(undefined);
      if (this.life === life) this.afterEnd(life, end);
    });
    this.watch(life, this.timing.startMs, 'did not answer after it was started');
  }

  /** Ends what runs, in good order, and starts anew. */
  async restart(): Promise<void> {
    await this.stop();
    this.start();
  }

  /** Checkpoints and closes; then SIGTERM; then SIGKILL. Never throws. */
  async stop(): Promise<void> {
    const { life } = this;
    if (!life) return;
    life.wanted = true;
    if (life.timer) clearTimeout(life.timer);
    life.timer = null;
    void life.client.call('engine.shutdown', {}).then(
      () => life.process.kill('SIGTERM'),
      // Gone before it answered; its end follows.
      () => undefined,
    );
    if (!(await endsWithin(life.ended, this.timing.patienceMs))) {
      life.process.kill('SIGTERM');
      if (!(await endsWithin(life.ended, this.timing.patienceMs))) life.process.kill('SIGKILL');
    }
    await life.ended;
  }

  /** Asks for a sign of life until the process ends. */
  private watch(life: Life<P>, limitMs: number, fault: string): void {
    life.timer = setTimeout(() => {
      life.verdict = `it ${fault} within ${limitMs / 1000} s`;
      life.process.kill('SIGKILL');
    }, limitMs);
    life.client.call('app.info', {}).then(
      () => {
        if (life.wanted || this.life !== life) return;
        if (life.timer) clearTimeout(life.timer);
        if (this.now.state !== 'running') this.tell({ state: 'running' });
        life.timer = setTimeout(
          () => this.watch(life, this.timing.hangMs, 'stopped answering and gave no sign of life'),
          this.timing.beatMs,
        );
      },
      // It answers with errors only when it ends; `onEnd` tells.
      () => undefined,
    );
  }

  private afterEnd(life: Life<P>, { how, lastWords }: ProcessEnd): void {
    this.life = null;
    if (life.wanted) return;
    const lived = performance.now() - life.startedMs;
    const restarting = this.now.state === 'running' && lived >= this.timing.stableMs;
    const reason = life.verdict ?? how;
    const words = lastWords === '' ? '' : ` It said: ${lastWords}`;
    this.tell(gone(`The engine has ended (${reason}). Training goes on from its last checkpoint once the engine runs again.${words}`, restarting)); // prettier-ignore
    if (restarting) this.start();
  }

  private tell(state: EngineState): void {
    this.now = state;
    for (const listener of this.listeners) listener(state);
  }
}

const gone = (message: string, restarting: boolean): EngineState => ({
  state: 'gone',
  error: { code: 'engine-gone', message },
  restarting,
});

/** Whether the promise settled in time. */
async function endsWithin(ended: Promise<void>, limitMs: number): Promise<boolean> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), limitMs);
  });
  try {
    return await Promise.race([ended.then(() => true), late]);
  } finally {
    clearTimeout(timer);
  }
}
