/** Downloads hash-pinned wheels with whatever pip the machine has. */
import fs from 'node:fs';
import path from 'node:path';
import { SetupError } from './errors.mjs';
import { folderBytes } from './files.mjs';
import { startProgress } from './log.mjs';
import { isNetworkFailure } from './npm.mjs';
import { run, which } from './process.mjs';

/** @typedef {{ command: string, prefix: readonly string[] }} Pip */

/** In the order in which they are tried. */
const CANDIDATES = [
  { program: 'python3', prefix: ['-m', 'pip'] },
  { program: 'python', prefix: ['-m', 'pip'] },
  { program: 'py', prefix: ['-m', 'pip'] },
  { program: 'pip3', prefix: [] },
  { program: 'pip', prefix: [] },
];

/** The programs whose appearance on PATH may change the outcome. */
export const PIP_PROGRAMS = CANDIDATES.map(({ program }) => program);

/**
 * @param {NodeJS.ProcessEnv} [env]
 * @returns {Promise<Pip>}
 * @throws {SetupError} when there is no Python, or none with pip
 */
export async function findPip(env = process.env) {
  const found = [];
  for (const { program, prefix } of CANDIDATES) {
    const command = which(program, env);
    if (!command) continue;
    found.push(program);
    const { code } = await run(command, [...prefix, '--version'], { env, timeoutMs: 30_000 });
    if (code === 0) return { command, prefix };
  }
  const install =
    process.platform === 'linux'
      ? 'Install it with `sudo apt-get install python3-pip` (or your distribution’s equivalent).'
      : 'Install Python 3 from https://www.python.org, which brings pip.';
  throw new SetupError(
    found.length ? `${found[0]} has no pip` : 'Python with pip was not found',
    install,
  );
}

/**
 * @param {Pip} pip
 * @param {{ requirements: readonly string[], platforms: readonly string[], downloadBytes: number, label: string, folder: string, env?: NodeJS.ProcessEnv }} options
 *   folder: an empty folder for the wheels
 * @returns {Promise<{ wheels: string[], seconds: number }>}
 * @throws {SetupError}
 */
export async function downloadWheels(
  pip,
  { requirements, platforms, downloadBytes, label, folder, env = process.env },
) {
  const temporary = path.join(folder, 'tmp');
  fs.mkdirSync(temporary, { recursive: true });
  const list = path.join(folder, 'requirements.txt');
  fs.writeFileSync(list, `${requirements.join('\n')}\n`);
  const args = pipArguments({ list, folder, platforms });
  const progress = startProgress(label, { total: downloadBytes || null, unit: 'bytes' });
  // pip downloads into TMPDIR and moves the finished file to the folder.
  const timer = setInterval(() => progress.update(folderBytes(folder)), 500);
  const result = await run(pip.command, [...pip.prefix, ...args], {
    env: {
      ...env,
      TMPDIR: temporary,
      TEMP: temporary,
      TMP: temporary,
      PIP_REQUIRE_VIRTUALENV: '0',
      PIP_DISABLE_PIP_VERSION_CHECK: '1',
      PIP_NO_INPUT: '1',
    },
  });
  clearInterval(timer);
  const seconds = progress.finish();
  if (result.code !== 0) throw explainPipFailure(`${result.stdout}\n${result.stderr}`);
  const wheels = fs.readdirSync(folder).filter((name) => name.endsWith('.whl'));
  return { wheels: wheels.sort().map((name) => path.join(folder, name)), seconds };
}

/**
 * @param {{ list: string, folder: string, platforms: readonly string[] }} options
 * @returns {string[]}
 */
export function pipArguments({ list, folder, platforms }) {
  return [
    'download',
    '--require-hashes',
    '--no-deps',
    '--only-binary=:all:',
    '--implementation=cp',
    '--python-version=3.11',
    '--abi=cp311',
    // Some of the CUDA wheels are tagged for any Python.
    '--abi=none',
    ...platforms.map((platform) => `--platform=${platform}`),
    '--no-cache-dir',
    '--progress-bar=off',
    '--retries=2',
    '--timeout=20',
    `--dest=${folder}`,
    `--requirement=${list}`,
  ];
}

/**
 * @param {string} output
 * @returns {SetupError}
 */
export function explainPipFailure(output) {
  const retry = 'then run `npm run setup -- --retry`.';
  if (/DO NOT MATCH THE HASHES|hash mismatch/i.test(output))
    return new SetupError(
      'the downloaded TensorFlow wheel does not have the pinned hash, so it was discarded',
      `Check which package index pip uses (\`pip config list\`), ${retry}`,
    );
  if (/No space left|ENOSPC|Errno 28/i.test(output))
    return new SetupError(
      'the disk filled up while downloading TensorFlow',
      `Free about 2 GB, ${retry}`,
    );
  if (isNetworkFailure(output))
    return new SetupError(
      'pip cannot reach its package index',
      `Check the connection (or pip’s index and proxy settings), ${retry}`,
      { transient: true },
    );
  if (/no such option|unrecognized arguments/i.test(output))
    return new SetupError(
      'pip is too old',
      `Upgrade it with \`python3 -m pip install --upgrade pip\`, ${retry}`,
    );
  if (/No matching distribution|Could not find a version/i.test(output))
    return new SetupError(
      'pip’s package index does not offer the TensorFlow wheel',
      `Check pip’s index settings (\`pip config list\`), ${retry}`,
      { transient: true },
    );
  const line =
    output
      .split('\n')
      .filter((text) => /error/i.test(text))
      .pop() ?? output.trim().split('\n').pop();
  return new SetupError(`pip failed (${line?.trim() || 'no output'})`, `Mend that, ${retry}`);
}
