/** Which tiers this machine can have. */
import fs from 'node:fs';
import path from 'node:path';
import { COMPILERS } from './addon.mjs';
import { SetupError } from './errors.mjs';
import { isMusl } from './node.mjs';
import { PIP_PROGRAMS } from './pip.mjs';
import { which } from './process.mjs';
import { variantFor } from './wheels.mjs';

/** @typedef {'auto' | 'cuda' | 'cpu' | 'wasm'} Device */

/** The exit code of a wrong option, as `straylight --help` lists it. */
const USAGE = 2;

const DEVICES = ['auto', 'cuda', 'cpu', 'wasm'];

/**
 * What the user asked for: `--device`, else STRAYLIGHT_DEVICE, else auto.
 * @param {readonly string[]} args
 * @param {NodeJS.ProcessEnv} [env]
 * @returns {Device}
 * @throws {SetupError} for an unknown one
 */
export function requestedDevice(args, env = process.env) {
  let device = env.STRAYLIGHT_DEVICE || 'auto';
  args.forEach((argument, i) => {
    if (argument === '--device') device = args[i + 1] ?? '';
    else if (argument.startsWith('--device=')) device = argument.slice('--device='.length);
  });
  if (DEVICES.includes(device)) return /** @type {Device} */ (device);
  throw new SetupError(`the device "${device}" is unknown`, `Use one of ${DEVICES.join(', ')}.`, {
    exitCode: USAGE,
  });
}

/**
 * The driver's library, or its tool; cheap enough to look at every start.
 * @param {NodeJS.ProcessEnv} [env]
 * @param {readonly string[]} [libraryFolders]
 * @returns {boolean}
 */
export function hasNvidiaDriver(env = process.env, libraryFolders = LIBRARY_FOLDERS) {
  if (process.platform !== 'linux') return which('nvidia-smi', env) !== null;
  const folders = [...(env.LD_LIBRARY_PATH ?? '').split(':').filter(Boolean), ...libraryFolders];
  return (
    which('nvidia-smi', env) !== null ||
    folders.some((folder) => fs.existsSync(path.join(folder, 'libcuda.so.1')))
  );
}

const LIBRARY_FOLDERS = [
  '/usr/lib/x86_64-linux-gnu',
  '/usr/lib/aarch64-linux-gnu',
  '/usr/lib64',
  '/usr/lib',
  '/usr/local/nvidia/lib64',
  '/usr/lib/wsl/lib',
];

/**
 * The tiers to try, best first; wasm is what is left when all fail.
 * @param {Device} device
 * @param {boolean} nvidia
 * @returns {('cuda' | 'cpu')[]}
 */
export function tiersToTry(device, nvidia) {
  if (device === 'wasm') return [];
  if (device === 'cpu') return ['cpu'];
  return device === 'cuda' || nvidia ? ['cuda', 'cpu'] : ['cpu'];
}

/**
 * @param {'cuda' | 'cpu'} tier
 * @returns {import('./wheels.mjs').Variant}
 * @throws {SetupError} when TensorFlow's library cannot run here
 */
export function variantHere(tier) {
  const variant = variantFor(tier);
  const here = `${process.platform}-${process.arch}`;
  if (!variant)
    throw new SetupError(
      `TensorFlow ${tier === 'cuda' ? 'with CUDA ' : ''}offers no library that can be linked on ${here}`,
      tier === 'cuda'
        ? 'Use Linux x64 with an NVIDIA GPU.'
        : 'Use Linux (x64, arm64) or macOS on Apple silicon.',
    );
  if (isMusl())
    throw new SetupError(
      'this Linux has no glibc, which TensorFlow needs',
      'Use a distribution with glibc 2.27 or later (not Alpine).',
    );
  if (process.platform === 'linux' && process.arch === 'x64' && !hasAvx())
    throw new SetupError(
      'this processor has no AVX instructions, which TensorFlow needs',
      'Use a processor made after 2011.',
    );
  return variant;
}

/** @returns {boolean} true when it cannot be told */
function hasAvx() {
  try {
    return /^flags\s*:.*\bavx\b/m.test(fs.readFileSync('/proc/cpuinfo', 'utf8'));
  } catch {
    return true;
  }
}

/**
 * What a failed tier depended on: it is tried again when this changes.
 * @param {NodeJS.ProcessEnv} [env]
 * @returns {string}
 */
export function machineFingerprint(env = process.env) {
  const programs = [...PIP_PROGRAMS, ...COMPILERS].map(
    (name) => `${name}=${which(name, env) ?? ''}`,
  );
  const configured = ['PIP_INDEX_URL', 'PIP_FIND_LINKS', 'HTTPS_PROXY', 'https_proxy'].map(
    (name) => `${name}=${env[name] ? 'set' : ''}`,
  );
  return [...programs, ...configured, `nvidia=${hasNvidiaDriver(env)}`].join(' ');
}
