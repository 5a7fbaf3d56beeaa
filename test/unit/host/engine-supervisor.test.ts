import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { EngineState } from '../../../src/contract/host.ts';
import { hostContract } from '../../../src/contract/methods.ts';
import type { EngineProcess, ProcessEnd } from '../../../src/host/engine-process.ts';
import { LastWords } from '../../../src/host/engine-process.ts';
import { EngineSupervisor, TIMING } from '../../../src/host/engine-supervisor.ts';
import { serve, type Handlers } from '../../../src/rpc/server.ts';
import { inMemoryPair } from '../../../src/rpc/transports/in-memory.ts';

type Behaviour = 'well' | 'silent' | 'stubborn';

/** An engine that answers as it should, not at all, or only to SIGKILL. */
class FakeEngine implements EngineProcess {
  behaviour: Behaviour;
  readonly signals: string[] = [];
  private ended: ((end: ProcessEnd) => void) | null = null;

  constructor(behaviour: Behaviour) {
    this.behaviour = behaviour;
  }

  openHost() {
    const [ours, theirs] = inMemoryPair();
    const never = new Promise<never>(() => undefined);
    const handlers = {
      'app.info': () => (this.behaviour === 'silent' ? never : info),
      'engine.shutdown': () => (this.behaviour === 'well' ? null : never),
    } as unknown as Handlers<typeof hostContract>;
    serve(hostContract, handlers, theirs);
    return ours;
  }

  onEnd(listener: (end: ProcessEnd) => void): void {
    this.ended = listener;
  }

  kill(signal: 'SIGTERM' | 'SIGKILL'): void {
    this.signals.push(signal);
    if (signal === 'SIGKILL' || this.behaviour === 'well') this.end(signal);
  }

  end(how: string, lastWords = ''): void {
    this.ended?.({ how, lastWords });
    this.ended = null;
  }
}

const info = {
  appVersion: '0',
  workspace: null,
  workspaceError: null,
  warnings: [],
  interruptedRuns: [],
  runtime: null,
  runtimeError: null,
  machine: { cores: 1, memoryBytes: 1, platform: 'linux-x64' },
  sampleAvailable: false,
};

let engines: FakeEngine[] = [];
let states: EngineState[] = [];

function supervise(behaviour: Behaviour = 'well'): EngineSupervisor<FakeEngine> {
  const supervisor = new EngineSupervisor(() => {
    const engine = new FakeEngine(behaviour);
    engines.push(engine);
    return engine;
  });
  supervisor.onState((state) => states.push(state));
  supervisor.start();
  return supervisor;
}

beforeEach(() => {
  engines = [];
  states = [];
  vi.useFakeTimers();
});
afterEach(() => vi.useRealTimers());

const names = (): string[] => states.map(({ state }) => state);

describe('an engine that starts', () => {
  it('runs once it has answered', async () => {
    supervise();
    expect(names()).toEqual(['starting']);
    await vi.advanceTimersByTimeAsync(10);
    expect(names()).toEqual(['starting', 'running']);
  });

  it('but never answers is ended, and not started again and again', async () => {
    supervise('silent');
    await vi.advanceTimersByTimeAsync(TIMING.startMs);
    expect(engines[0]!.signals).toEqual(['SIGKILL']);
    expect(states.at(-1)).toMatchObject({ state: 'gone', restarting: false });
    await vi.advanceTimersByTimeAsync(10 * TIMING.startMs);
    expect(engines).toHaveLength(1);
  });

  it('and ends at once, as with a missing library, says its last words and stays ended', async () => {
    supervise();
    engines[0]!.end('exit code 1', 'libtensorflow_cc.so.2: cannot open shared object file');
    expect(states.at(-1)).toMatchObject({ state: 'gone', restarting: false });
    expect(JSON.stringify(states.at(-1))).toContain('libtensorflow_cc.so.2');
    await vi.advanceTimersByTimeAsync(TIMING.startMs);
    expect(engines).toHaveLength(1);
  });

  it('and cannot even be spawned is told as gone', () => {
    const supervisor = new EngineSupervisor<FakeEngine>(() => {
      throw new Error('EMFILE');
    });
    supervisor.start();
    expect(supervisor.state).toMatchObject({ state: 'gone', restarting: false });
    expect(() => supervisor.client).toThrow(expect.objectContaining({ code: 'engine-gone' }));
  });
});

describe('an engine that ran', () => {
  it('and crashes is told at once and started again', async () => {
    const supervisor = supervise();
    await vi.advanceTimersByTimeAsync(TIMING.stableMs);
    engines[0]!.end('SIGSEGV');
    expect(states.at(-2)).toMatchObject({ state: 'gone', restarting: true });
    await vi.advanceTimersByTimeAsync(10);
    expect(supervisor.state).toEqual({ state: 'running' });
    expect(engines).toHaveLength(2);
  });

  it('and then crashes soon after every start does not go on for ever', async () => {
    supervise();
    await vi.advanceTimersByTimeAsync(TIMING.stableMs);
    engines[0]!.end('SIGKILL');
    await vi.advanceTimersByTimeAsync(10);
    engines[1]!.end('SIGKILL');
    await vi.advanceTimersByTimeAsync(TIMING.startMs);
    expect(engines).toHaveLength(2);
    expect(states.at(-1)).toMatchObject({ state: 'gone', restarting: false });
  });

  it('and hangs is killed, but not while a step merely takes long', async () => {
    supervise();
    await vi.advanceTimersByTimeAsync(10);
    engines[0]!.behaviour = 'silent';
    await vi.advanceTimersByTimeAsync(TIMING.beatMs + TIMING.hangMs - 100);
    expect(engines[0]!.signals).toEqual([]);
    await vi.advanceTimersByTimeAsync(200);
    expect(engines[0]!.signals).toEqual(['SIGKILL']);
  });
});

describe('ending an engine', () => {
  it('lets it checkpoint first, and tells nobody of a crash', async () => {
    const supervisor = supervise();
    await vi.advanceTimersByTimeAsync(10);
    await supervisor.stop();
    expect(engines[0]!.signals).toEqual(['SIGTERM']);
    expect(names()).toEqual(['starting', 'running']);
  });

  it('that does not listen takes SIGTERM, then SIGKILL', async () => {
    const supervisor = supervise('stubborn');
    await vi.advanceTimersByTimeAsync(10);
    const stopped = supervisor.stop();
    await vi.advanceTimersByTimeAsync(TIMING.patienceMs);
    expect(engines[0]!.signals).toEqual(['SIGTERM']);
    await vi.advanceTimersByTimeAsync(TIMING.patienceMs);
    await stopped;
    expect(engines[0]!.signals).toEqual(['SIGTERM', 'SIGKILL']);
  });

  it('and starting it anew is one engine after the other', async () => {
    const supervisor = supervise();
    await vi.advanceTimersByTimeAsync(10);
    await supervisor.restart();
    await vi.advanceTimersByTimeAsync(10);
    expect(names()).toEqual(['starting', 'running', 'starting', 'running']);
    expect(engines).toHaveLength(2);
  });
});

describe('last words', () => {
  it('are the end of what was said, however much that was', () => {
    const words = new LastWords();
    for (let line = 0; line < 100_000; line++) words.add(`line ${line}\n`);
    words.add('the ');
    words.add('reason');
    expect(words.text.endsWith('line 99999\nthe reason')).toBe(true);
    expect(words.text.length).toBeLessThan(1000);
  });
});
