/** Hands the terminal over to another program. */
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { ROOT } from './paths.mjs';

/**
 * Runs a program in the foreground: it has our terminal, gets our signals, and its exit code is ours.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<number>} exit code; 128 + number for a program that died of a signal, as shells say it
 */
export function foreground(command, args, env) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: 'inherit', env });
    const signals = /** @type {NodeJS.Signals[]} */ (['SIGINT', 'SIGTERM', 'SIGHUP']);
    const forward = (/** @type {NodeJS.Signals} */ signal) => {
      // A terminal sends Ctrl-C to the child as well; a second copy would read as the user insisting.
      if (signal === 'SIGINT' && process.stdin.isTTY) return;
      child.kill(signal);
    };
    for (const signal of signals) process.on(signal, forward);
    const clear = () => {
      for (const signal of signals) process.off(signal, forward);
    };
    child.on('error', (error) => {
      clear();
      reject(error);
    });
    child.on('exit', (code, signal) => {
      clear();
      resolve(code ?? 128 + (signal ? os.constants.signals[signal] : 1));
    });
  });
}

/**
 * Large pages for what glibc's malloc hands out: training steps take 2 to 6% less time, as activations are large. Other
 * systems and C libraries ignore it; what the user has set stays.
 */
const LARGE_PAGES = 'glibc.malloc.hugetlb=1';

/** @param {string | undefined} given @returns {string} */
const tunables = (given) =>
  given?.includes('glibc.malloc.hugetlb') ? given : [given, LARGE_PAGES].filter(Boolean).join(':');

/**
 * The environment for the app: Node 24 first on PATH, the chosen device, large pages, and where CUDA's libraries lie.
 * @param {import('./state.mjs').SetupState} state
 * @param {import('./device.mjs').Device} device
 * @param {NodeJS.ProcessEnv} [base]
 * @returns {NodeJS.ProcessEnv}
 */
export function runEnvironment(state, device, base = process.env) {
  const bin = path.join(ROOT, 'node_modules', '.bin');
  /** @type {NodeJS.ProcessEnv} */
  const env = {
    ...base,
    PATH: [path.dirname(state.node), bin, base.PATH].join(path.delimiter),
    GLIBC_TUNABLES: tunables(base.GLIBC_TUNABLES),
  };
  if (device !== 'auto') env.STRAYLIGHT_DEVICE = device;
  if (state.device !== 'cuda' || !state.tensorflow) return env;
  // TensorFlow with CUDA also runs on the processor, once it sees no GPU.
  if (device === 'cpu') return { ...env, CUDA_VISIBLE_DEVICES: '-1' };
  const nvidia = path.join(state.tensorflow.dir, 'nvidia');
  const libraries = fs.existsSync(nvidia)
    ? fs
        .readdirSync(nvidia)
        .map((name) => path.join(nvidia, name, 'lib'))
        .filter((folder) => fs.existsSync(folder))
    : [];
  const compiler = path.join(nvidia, 'cuda_nvcc');
  return {
    ...env,
    LD_LIBRARY_PATH: [...libraries, base.LD_LIBRARY_PATH].filter(Boolean).join(':'),
    PATH: [path.join(compiler, 'bin'), env.PATH].join(path.delimiter),
    XLA_FLAGS: [base.XLA_FLAGS, `--xla_gpu_cuda_data_dir=${compiler}`].filter(Boolean).join(' '),
  };
}
