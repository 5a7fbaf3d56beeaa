/** A real engine in this process, behind the contract, in a workspace of its own. */
import path from 'node:path';
import { hostContract } from '../../src/contract/methods.ts';
import { scanFolder } from '../../src/core/datasets/scan.ts';
import { startEngine, type Engine } from '../../src/engine/engine.ts';
import { engineOptions } from '../../src/engine/options.ts';
import { createClient } from '../../src/rpc/client.ts';
import { inMemoryPair } from '../../src/rpc/transports/in-memory.ts';
import { temporaryFolder, writeClassFolders } from './image-folders.ts';

export const PROJECT_ROOT = path.resolve(import.meta.dirname, '../..');

export const optionsFor = (workspace: string) =>
  engineOptions.parse({ workspace, appVersion: '0.0.0-test', projectRoot: PROJECT_ROOT });

export function connect(engine: Engine) {
  const [here, there] = inMemoryPair();
  engine.attachHost(there);
  return createClient(hostContract, here);
}

/** @param workspace a fresh folder when not given */
export function engineIn(workspace = path.join(temporaryFolder(), 'workspace')) {
  const engine = startEngine(optionsFor(workspace));
  return { engine, client: connect(engine), workspace };
}

/** Registers three classes of noise around different grey levels. @returns the dataset's id */
export async function registerNoise(engine: Engine, perClass = 24): Promise<string> {
  const root = path.join(temporaryFolder(), 'noise');
  await writeClassFolders(root, { dark: 20, grey: 110, light: 200 }, perClass);
  const manifest = await scanFolder(root, { role: 'id', splitSeed: 1 });
  return engine.context.workspace.registerDataset(manifest).id;
}
