/** Installs the peers into the per-user cache, once: they are no dependencies of this project. */
import fs from 'node:fs';
import path from 'node:path';
import { cacheDir } from '../../scripts/setup/paths.mjs';
import { messageOf } from '../../src/core/errors.ts';
import { say } from '../../scripts/setup/log.mjs';
import { findPip } from '../../scripts/setup/pip.mjs';
import { run, which } from '../../scripts/setup/process.mjs';
import type { PeerCommand } from './peer.ts';

const VERSIONS = { torch: '2.13.0', tensorflow: '2.21.0', onnxruntime: '1.30.0' } as const;

/** The user's own environment: the large pages that this project's commands ask for are its own choice. */
export function peerEnvironment(): NodeJS.ProcessEnv {
  const { GLIBC_TUNABLES: tunables = '', ...env } = process.env;
  const own = tunables.split(':').filter((tunable) => tunable !== 'glibc.malloc.hugetlb=1');
  return own.join('') === '' ? env : { ...env, GLIBC_TUNABLES: own.join(':') };
}

const peerFile = (name: string): string => path.join(import.meta.dirname, 'peers', name);

/** A folder of the cache that holds what a package manager put there; unfinished ones do not count. */
export async function installed(
  name: string,
  announcement: string,
  install: (folder: string) => Promise<void>,
): Promise<string> {
  const folder = path.join(cacheDir(), 'bench-peers', name);
  if (fs.existsSync(folder)) return folder;
  say(`${name}: ${announcement}`);
  const unfinished = `${folder}.unfinished`;
  fs.rmSync(unfinished, { recursive: true, force: true });
  fs.mkdirSync(unfinished, { recursive: true });
  await install(unfinished);
  fs.renameSync(unfinished, folder);
  return folder;
}

const lastLine = (text: string): string => text.trim().split('\n').pop() ?? '';

export async function pipInstall(requirements: readonly string[], folder: string): Promise<void> {
  const pip = await findPip();
  const args = ['install', '--quiet', '--disable-pip-version-check', `--target=${folder}`];
  const { code, stderr } = await run(pip.command, [...pip.prefix, ...args, ...requirements]);
  if (code !== 0) throw new Error(`pip failed: ${lastLine(stderr)}`);
}

async function npmInstall(requirement: string, folder: string): Promise<void> {
  const npm = which('npm');
  if (!npm) throw new Error('npm was not found');
  fs.writeFileSync(path.join(folder, 'package.json'), '{ "private": true }\n');
  // Its install script fetches CUDA libraries; the processor's are in the package.
  const env = { ...process.env, ONNXRUNTIME_NODE_INSTALL: 'skip' };
  const args = ['install', '--silent', '--no-audit', '--no-fund', requirement];
  const { code, stderr } = await run(npm, args, { cwd: folder, env });
  if (code !== 0) throw new Error(`npm failed: ${lastLine(stderr)}`);
}

/** A peer's commands by number of threads. */
export type PeerFactory = (threads: number) => PeerCommand;

/** @throws Error when there is none */
export const python = (): string => {
  const command = which('python3') ?? which('python');
  if (!command) throw new Error('Python was not found');
  return command;
};

const pythonPeer = (name: string, script: string, first: readonly string[], folder: string) => {
  const command = python();
  return (threads: number): PeerCommand => ({
    name,
    command,
    args: ['-B', peerFile(script), ...first, String(threads)],
    env: {
      ...peerEnvironment(),
      PYTHONPATH: folder,
      OMP_NUM_THREADS: String(threads),
      TF_CPP_MIN_LOG_LEVEL: '3',
    },
  });
};

/** This project's engine: always there. */
export const straylight: PeerFactory = (threads) => ({
  name: 'Straylight',
  command: process.execPath,
  args: [peerFile('straylight-peer.ts'), String(threads)],
  env: process.env,
});

/** TensorFlow's own kernels instead of oneDNN's. */
export const straylightWithoutOneDnn: PeerFactory = (threads) => ({
  ...straylight(threads),
  name: 'Straylight without oneDNN',
  env: { ...process.env, TF_ENABLE_ONEDNN_OPTS: '0' },
});

export interface Peers {
  readonly torchNchw?: PeerFactory;
  readonly torchNhwc?: PeerFactory;
  readonly keras?: PeerFactory;
  readonly onnxruntime?: PeerFactory;
}

/** Those that can be had; each of the others costs one line that says why. */
export async function installPeers(): Promise<Peers> {
  const attempt = async <T extends Peers>(name: string, install: () => Promise<T>) => {
    try {
      return await install();
    } catch (error) {
      say(`${name}: left out (${messageOf(error)}).`);
      return {};
    }
  };
  const torch = await attempt('PyTorch', async () => {
    const folder = await installed(
      `torch-${VERSIONS.torch}`,
      'pip installs it into the cache; with the CUDA libraries of the default build that is 4.7 GB.',
      (to) => pipInstall([`torch==${VERSIONS.torch}`, 'numpy'], to),
    );
    return {
      torchNchw: pythonPeer('torch, NCHW', 'torch_peer.py', ['nchw'], folder),
      torchNhwc: pythonPeer('torch, channels_last', 'torch_peer.py', ['nhwc'], folder),
    };
  });
  const keras = await attempt('Keras', async () => {
    const folder = await installed(
      `keras-tf-${VERSIONS.tensorflow}`,
      'pip installs Keras and TensorFlow into the cache (1.5 GB).',
      (to) => pipInstall([`tensorflow-cpu==${VERSIONS.tensorflow}`], to),
    );
    return { keras: pythonPeer('keras, tf.function', 'keras_peer.py', [], folder) };
  });
  const onnxruntime = await attempt('ONNX Runtime', async () => {
    const version = VERSIONS.onnxruntime;
    const folder = await installed(
      `onnxruntime-node-${version}`,
      'npm installs it into the cache (0.3 GB).',
      (to) => npmInstall(`onnxruntime-node@${version}`, to),
    );
    const factory: PeerFactory = (threads) => ({
      name: 'onnxruntime-node',
      command: process.execPath,
      args: [peerFile('onnxruntime-peer.ts'), String(threads), folder],
      env: peerEnvironment(),
    });
    return { onnxruntime: factory };
  });
  return { ...torch, ...keras, ...onnxruntime };
}
