/** Runs other programs; kills them and undoes half-done work when set-up is interrupted. */
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';

/** @type {Set<import('node:child_process').ChildProcess>} */
const children = new Set();
/** @type {Set<() => void>} */
const undos = new Set();

/**
 * Registers work to undo (synchronously) if set-up is interrupted.
 * @param {() => void} undo
 * @returns {() => void} forgets it
 */
export function onInterrupt(undo) {
  undos.add(undo);
  return () => undos.delete(undo);
}

/** npm puts back what it had begun to change, which takes it a moment. */
const PATIENCE_MS = 30_000;

/** Called when the last child has ended, once set-up is being interrupted; nothing goes on after that. */
let whenChildrenEnded = /** @type {(() => void) | null} */ (null);

/**
 * Ends set-up cleanly on Ctrl-C: waits for the programs it runs to stop; a second Ctrl-C kills them.
 * @returns {() => void} removes the handlers
 */
export function handleInterrupts() {
  const stop = (/** @type {NodeJS.Signals} */ signal) => {
    const killAll = () => {
      for (const child of children) child.kill('SIGKILL');
    };
    if (whenChildrenEnded) {
      killAll();
      return;
    }
    whenChildrenEnded = () => {
      for (const undo of undos) undo();
      process.stderr.write(
        '\nSet-up was interrupted. Run the same command again: it goes on from the last finished step.\n',
      );
      process.exit(signal === 'SIGINT' ? 130 : 143);
    };
    if (children.size === 0) whenChildrenEnded();
    for (const child of children) child.kill('SIGTERM');
    setTimeout(killAll, PATIENCE_MS);
  };
  const signals = /** @type {NodeJS.Signals[]} */ (['SIGINT', 'SIGTERM', 'SIGHUP']);
  for (const signal of signals) process.on(signal, stop);
  return () => {
    for (const signal of signals) process.off(signal, stop);
  };
}

/**
 * Finds a program on PATH.
 * @param {string} name
 * @param {NodeJS.ProcessEnv} [env]
 * @returns {string | null}
 */
export function which(name, env = process.env) {
  const extensions = process.platform === 'win32' ? ['.exe', '.cmd', '.bat'] : [''];
  for (const folder of (env.PATH ?? '').split(path.delimiter)) {
    if (!folder) continue;
    for (const extension of extensions) {
      const file = path.join(folder, name + extension);
      try {
        fs.accessSync(file, fs.constants.X_OK);
        if (fs.statSync(file).isFile()) return file;
      } catch {
        // not here
      }
    }
  }
  return null;
}

/**
 * @typedef {object} RunResult
 * @property {number} code 128 + signal number style is not used: a killed program has code 1
 * @property {string} stdout
 * @property {string} stderr
 */

/**
 * Runs a program to its end and returns what it wrote; never throws.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv, timeoutMs?: number, signal?: AbortSignal, show?: boolean }} [options]
 * @returns {Promise<RunResult>}
 */
export function run(command, args, { cwd, env, timeoutMs, signal, show = false } = {}) {
  return new Promise((resolve) => {
    const output = { stdout: '', stderr: '' };
    const child = spawn(command, args, {
      cwd,
      env: env ?? process.env,
      timeout: timeoutMs,
      signal,
      shell: process.platform === 'win32' && /\.(cmd|bat)$/i.test(command),
      stdio: ['ignore', show ? 'inherit' : 'pipe', show ? 'inherit' : 'pipe'],
    });
    children.add(child);
    child.stdout?.on('data', (chunk) => (output.stdout += chunk));
    child.stderr?.on('data', (chunk) => (output.stderr += chunk));
    const end = (/** @type {number} */ code) => {
      children.delete(child);
      if (!whenChildrenEnded) resolve({ code, ...output });
      else if (children.size === 0) whenChildrenEnded();
    };
    child.on('error', (error) => {
      output.stderr += error.message;
      end(127);
    });
    child.on('close', (code) => end(code ?? 1));
  });
}
