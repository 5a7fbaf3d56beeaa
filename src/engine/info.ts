import { existsSync } from 'node:fs';
import { availableParallelism, totalmem } from 'node:os';
import path from 'node:path';
import type { EngineInfo } from '../contract/app.ts';
import type { Workspace } from '../core/store/workspace.ts';
import type { EngineContext } from './context.ts';

/** Whether the workspace could be opened, and what computes. */
export function engineInfo(engine: EngineContext): EngineInfo {
  const { options, workspaceError, loaded, runtimeError } = engine;
  const workspace = workspaceError ? null : engine.workspace;
  return {
    appVersion: options.appVersion,
    workspace: workspace
      ? { folder: workspace.folder, name: path.basename(workspace.folder) }
      : null,
    workspaceError,
    warnings: [...(workspace?.warnings ?? [])],
    interruptedRuns: workspace ? stillInterrupted(workspace) : [],
    runtime: loaded
      ? {
          tier: loaded.runtime.tier,
          tensorflow: loaded.runtime.tensorflowVersion,
          threads: loaded.runtime.threads,
          blocked: loaded.blocked.map(({ tier, reason }) => {
            // Set-up knows more than that a library is not there: what kept it from being installed.
            const met = engine.setup?.blocked.find((blocked) => blocked.tier === tier);
            return { tier, reason: met?.reason ?? reason, fix: met?.fix ?? null };
          }),
        }
      : null,
    runtimeError,
    machine: {
      cores: availableParallelism(),
      memoryBytes: totalmem(),
      platform: `${process.platform}-${process.arch}`,
    },
    sampleAvailable: existsSync(sampleFolder(options.projectRoot)),
  };
}

/** Of the runs that the last process left, those that nobody has resumed, cancelled or removed yet. */
function stillInterrupted(workspace: Workspace): string[] {
  return workspace.interruptedRuns.filter((id) => {
    const { state, removedAt } = workspace.getRun(id);
    return state === 'interrupted' && removedAt === null;
  });
}

/** Images that ship with the app. */
export const sampleFolder = (projectRoot: string): string =>
  path.join(projectRoot, 'resources', 'sample');
