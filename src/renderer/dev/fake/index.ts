/** An engine and a host on invented data, for component tests and for looking at screens. */
import type { EngineInfo } from '../../../contract/app.ts';
import type { Failure } from '../../../contract/common.ts';
import type { EngineState, HostApi, HostInfo } from '../../../contract/host.ts';
import { windowContract } from '../../../contract/methods.ts';
import type { JobMethod, Method } from '../../../contract/method.ts';
import { settings as settingsSchema, type Settings } from '../../../contract/settings.ts';
import { cancelled, describeIssues, engineGone, RemoteError } from '../../../rpc/errors.ts';
import type { Api } from '../../app/api.ts';
import type { Host } from '../../app/host.ts';
import { appMethods } from './app-methods.ts';
import { Curation, curationMethods } from './curation-methods.ts';
import { datasetMethods } from './dataset-methods.ts';
import { experimentMethods, Experiments, oneExperiment } from './experiment-methods.ts';
import { JobList } from './live.ts';
import { oneReport, reportMethods, Reports } from './report-methods.ts';
import { robustnessMethods } from './robustness-methods.ts';
import { scoreMethods } from './score-methods.ts';
import { Runs, runsUnderWay, trainingMethods } from './training-methods.ts';
import type { FakeHandlers } from './types.ts';
import { createWorld, type World, type WorldOptions } from './world.ts';

export interface FakeOptions extends WorldOptions {
  /** A pretraining that is done, a fine-tuning under way, a control in the queue. */
  readonly running?: boolean;
  /** Pause between two words of progress; 0: jobs are over at once. */
  readonly stepMs?: number;
  readonly runtime?: 'cpu' | 'cuda' | 'none';
  readonly workspaceError?: Failure;
  readonly warnings?: readonly string[];
  readonly interruptedRuns?: readonly string[];
  readonly settings?: Partial<Settings>;
  readonly kind?: HostInfo['kind'];
  readonly engine?: EngineState;
  readonly thumbnailBase?: string;
  /** A report that was built, filled in and finalised. */
  readonly reports?: boolean;
  /** The pages of every report; one that is empty when not given. */
  readonly pdf?: () => Promise<Uint8Array>;
  /** An experiment of five seeds that is done. */
  readonly experiments?: boolean;
  /** What `pick` answers. */
  readonly picks?: readonly string[];
  /** Answers of a test's own. */
  readonly handlers?: Partial<FakeHandlers>;
}

export interface Fake {
  readonly api: Api;
  readonly host: Host;
  readonly world: World;
  readonly jobs: JobList;
  readonly runs: Runs;
  readonly curation: Curation;
  readonly experiments: Experiments;
  readonly reports: Reports;
  /** Every request, in order. */
  readonly requests: { readonly method: string; readonly params: unknown }[];
  /** Files that the window saved. */
  readonly saved: { readonly name: string; readonly bytes: Uint8Array }[];
  setEngine(state: EngineState): void;
}

export function createFake(options: FakeOptions): Fake {
  const { stepMs = 0 } = options;
  const world = createWorld(options);
  const jobs = new JobList();
  const runs = new Runs(jobs);
  const curation = new Curation(world);
  const experiments = new Experiments();
  if (options.experiments) oneExperiment(experiments, world);
  const reports = new Reports();
  if (options.running) runsUnderWay(runs);
  if (options.reports) oneReport(reports, world);

  let runtime = options.runtime ?? 'cpu';
  const info = (): EngineInfo => ({
    appVersion: '0.1.0',
    workspace: options.workspaceError
      ? null
      : { folder: '/home/ada/Straylight', name: 'Straylight' },
    workspaceError: options.workspaceError ?? null,
    warnings: [...(options.warnings ?? [])],
    interruptedRuns: [...(options.interruptedRuns ?? [])],
    runtime:
      runtime === 'none'
        ? null
        : {
            tier: runtime,
            tensorflow: '2.21.0',
            threads: 7,
            blocked:
              runtime === 'cpu'
                ? [{ tier: 'cuda', reason: 'No NVIDIA driver was found (libcuda.so.1 is missing).', fix: 'Install the driver of the GPU, then restart the engine.' }] // prettier-ignore
                : [],
          },
    runtimeError: null,
    machine: { cores: 8, memoryBytes: 16_000_000_000, platform: 'Linux x64' },
    sampleAvailable: true,
  });

  const handlers: FakeHandlers = {
    ...appMethods(world, jobs, info, stepMs, () => (runtime = 'cpu')),
    ...datasetMethods(world, jobs, curation, stepMs),
    ...trainingMethods(world, jobs, runs, stepMs),
    ...experimentMethods(world, experiments),
    ...robustnessMethods(jobs, stepMs),
    ...scoreMethods(world, jobs, curation, stepMs),
    ...curationMethods(curation, jobs, stepMs),
    ...reportMethods(world, jobs, reports, { stepMs, pdf: options.pdf }),
    ...options.handlers,
  };

  let state: EngineState = options.engine ?? { state: 'running' };
  const requests: { method: string; params: unknown }[] = [];
  const api = fakeApi(handlers, requests, () => state.state === 'gone');
  const stateListeners = new Set<(state: EngineState) => void>();
  const setEngine = (changed: EngineState): void => {
    state = changed;
    for (const listener of stateListeners) listener(changed);
  };
  const saved: { name: string; bytes: Uint8Array }[] = [];
  const host = fakeHost(options, {
    saved,
    setEngine,
    onEngineState: (listener) => {
      stateListeners.add(listener);
      listener(state);
      return () => stateListeners.delete(listener);
    },
  });
  return {
    api,
    host,
    world,
    jobs,
    runs,
    curation,
    experiments,
    reports,
    requests,
    saved,
    setEngine,
  };
}

/** Checks what goes in and what comes out against the contract, as the wire does. */
function fakeApi(
  handlers: FakeHandlers,
  requests: { method: string; params: unknown }[],
  gone: () => boolean,
): Api {
  // Names and types belong together in `Api`; inside, one untyped function serves them all.
  type Untyped = (params: unknown, context: unknown) => unknown;
  const answer = async (
    name: string,
    params: unknown,
    { signal, onEvent }: { signal?: AbortSignal; onEvent?: (event: unknown) => void } = {},
  ): Promise<unknown> => {
    requests.push({ method: name, params });
    const method = (windowContract as Readonly<Record<string, Method>>)[name]!;
    const given = method.params.safeParse(params);
    if (!given.success)
      throw new RemoteError('invalid-request', `${name}: ${describeIssues(given.error)}`);
    if (gone()) throw engineGone();
    if (signal?.aborted) throw cancelled();
    // Nothing answers within the same turn on the real wire either.
    await Promise.resolve();
    const handler = (handlers as unknown as Readonly<Record<string, Untyped>>)[name]!;
    const context = {
      signal: signal ?? new AbortController().signal,
      emit: (event: unknown) => onEvent?.((method as JobMethod).event.parse(event)),
    };
    return method.result.parse(await handler(given.data, context));
  };
  return { call: answer, job: answer } as unknown as Api;
}

function fakeHost(
  options: FakeOptions,
  given: Pick<HostApi, 'onEngineState'> & {
    readonly saved: { name: string; bytes: Uint8Array }[];
    readonly setEngine: (state: EngineState) => void;
  },
): Host {
  let settings = settingsSchema.parse({ firstStartDone: true, ...options.settings });
  const settingsListeners = new Set<(settings: Settings) => void>();
  const kind = options.kind ?? 'electron';
  const grantOf = (name: string) => ({
    grantId: `grant-${name}`,
    kind: 'folder' as const,
    displayPath: `/data/${name}`,
  });
  const api: HostApi = {
    info: () => Promise.resolve(info),
    pick: () => Promise.resolve((options.picks ?? ['my-images']).map(grantOf)),
    grantDropped: (files) => Promise.resolve(kind === 'web' ? [] : files.map(({ name }) => grantOf(name))), // prettier-ignore
    grantPath: (path) => Promise.resolve(grantOf(path.split('/').at(-1) ?? path)),
    updateSettings: (patch) => {
      settings = settingsSchema.parse({ ...settings, ...patch });
      for (const listener of settingsListeners) listener(settings);
      return Promise.resolve(settings);
    },
    changeWorkspace: () => Promise.resolve(true),
    restartEngine: () => {
      given.setEngine({ state: 'starting' });
      given.setEngine({ state: 'running' });
      return Promise.resolve();
    },
    saveFile: (name, bytes) => {
      given.saved.push({ name, bytes });
      return Promise.resolve(true);
    },
    openExternal: () => Promise.resolve(),
    revealWorkspace: () => Promise.resolve(),
    onEngineState: given.onEngineState,
    onSettings: (listener) => {
      settingsListeners.add(listener);
      return () => settingsListeners.delete(listener);
    },
  };
  const info: HostInfo = {
    kind,
    platform: 'linux',
    appVersion: '0.1.0',
    settings,
    locale: 'en-GB',
    thumbnailBase: options.thumbnailBase ?? '/thumb/',
  };
  return { api, info };
}
