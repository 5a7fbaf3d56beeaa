#!/usr/bin/env node
/**
 * The door of every npm script: makes the clone ready (see setup/), then runs the verb on a Node that runs TypeScript.
 * Node built-ins only, and any Node from 18 on, because nothing is installed yet.
 */
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { checkSteps, displayWrapper, testSteps } from './checks.mjs';
import { ensureSystemPackages } from './setup/apt.mjs';
import { requestedDevice } from './setup/device.mjs';
import { SetupError } from './setup/errors.mjs';
import { say } from './setup/log.mjs';
import { ROOT } from './setup/paths.mjs';
import { ensureSetup } from './setup/setup.mjs';
import { foreground, runEnvironment } from './setup/foreground.mjs';
import { ensureBuilt } from './build.mjs';
import { start } from './start.mjs';

/** Commands that compute with TensorFlow; the others need the npm packages only. */
const COMPUTING = [
  'demo',
  'train',
  'finetune',
  'score',
  'tune',
  'robustness',
  'experiment',
  'reestimate',
  'compare',
  'audit',
  'report',
  'verify',
  'resume',
  'serve',
  'doctor',
];
/** Options before the command whose next word is their value. */
const VALUED = ['--workspace', '--device', '--threads'];

/**
 * @param {readonly string[]} args of the command line
 * @returns {string} the command among them, '' when there is none
 */
export function commandIn(args) {
  return args.find((word, i) => !word.startsWith('-') && !VALUED.includes(args[i - 1] ?? '')) ?? '';
}

/**
 * @param {string} verb
 * @param {readonly string[]} args
 * @returns {Promise<number>} exit code
 */
export async function main(verb, args) {
  const device = requestedDevice(args);
  const command = verb === 'cli' ? commandIn(args) : verb;
  switch (verb) {
    case 'setup': {
      const electron = args.includes('--electron');
      const state = await ensureSetup({
        device,
        tensorflow: true,
        electron,
        retry: args.includes('--retry'),
      });
      const version = state.tensorflow ? ` (TensorFlow ${state.tensorflow.version})` : '';
      say(`Ready on the ${state.device} tier${version}.`);
      return 0;
    }
    case 'test':
    case 'test:unit':
    case 'check': {
      const whole = verb === 'test';
      const state = await ensureSetup({ device, tensorflow: verb !== 'check', electron: whole });
      // What the tests of the real window need; without it they are skipped by name.
      if (whole) await ensureSystemPackages();
      const steps = verb === 'check' ? checkSteps() : testSteps(args, whole);
      return runSteps(steps, state.node, runEnvironment(state, device));
    }
    case 'screens': {
      const state = await ensureSetup({ device, tensorflow: true, electron: true });
      await ensureSystemPackages();
      const env = runEnvironment(state, device);
      const built = await ensureBuilt(state.node, env);
      if (built !== 0) return built;
      const script = path.join(ROOT, 'scripts', 'screens.mjs');
      const [program = state.node, ...words] = [
        ...displayWrapper(env),
        state.node,
        script,
        ...args,
      ];
      return foreground(program, words, env);
    }
    case 'start': {
      const state = await ensureSetup({ device, tensorflow: true, electron: true });
      return start(state, args, runEnvironment(state, device));
    }
    default: {
      if (verb === 'parity' || verb.startsWith('bench:'))
        return benchmark(verb.replace('bench:', ''), args, device);
      const help = args.includes('--help') || args.includes('-h');
      const state = await ensureSetup({ device, tensorflow: COMPUTING.includes(command) && !help });
      const entry = path.join(ROOT, 'src', 'cli', 'main.ts');
      const words = verb === 'cli' ? args : [verb, ...args];
      const env = runEnvironment(state, device);
      const built = command === 'serve' && !help ? await ensureBuilt(state.node, env) : 0;
      return built === 0 ? foreground(state.node, [entry, ...words], env) : built;
    }
  }
}

/**
 * Runs `bench/<name>/main.ts`.
 * @param {string} name
 * @param {readonly string[]} args
 * @param {import('./setup/device.mjs').Device} device
 * @returns {Promise<number>} exit code
 */
async function benchmark(name, args, device) {
  const entry = path.join(ROOT, 'bench', name, 'main.ts');
  if (!fs.existsSync(entry)) {
    const names = fs.readdirSync(path.join(ROOT, 'bench')).join(', ');
    throw new SetupError(`there is no benchmark "${name}"`, `Use one of ${names}.`);
  }
  const window = name === 'ui';
  const state = await ensureSetup({ device, tensorflow: true, electron: window });
  const env = runEnvironment(state, device);
  if (!window) return foreground(state.node, [entry, ...args], env);
  await ensureSystemPackages();
  const built = await ensureBuilt(state.node, env);
  if (built !== 0) return built;
  const [program = state.node, ...words] = [...displayWrapper(env), state.node, entry, ...args];
  return foreground(program, words, env);
}

/**
 * Runs the steps in order, printing each with its time, up to the first that fails.
 * @param {readonly import('./checks.mjs').Step[]} steps
 * @param {string} node
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<number>}
 */
async function runSteps(steps, node, env) {
  for (const { name, script, args, wrapper } of steps) {
    const started = performance.now();
    say(`\n> ${name}`);
    const [program = node, ...words] = [...(wrapper ?? []), node, script, ...args];
    const code = await foreground(program, words, env);
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    if (code !== 0) {
      say(`${name}: failed after ${seconds} s (exit code ${code}).`);
      return code;
    }
    say(`${name}: passed in ${seconds} s.`);
  }
  return 0;
}

/** Runs `main` and turns a failure into one message. @param {string} verb @param {readonly string[]} args */
export async function runToExit(verb, args) {
  try {
    process.exitCode = await main(verb, args);
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    say(`Set-up failed: ${error.message}`);
    process.exitCode = error.exitCode;
  }
}

if (process.argv[1] && fs.realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const [verb, ...args] = process.argv.slice(2);
  if (verb) await runToExit(verb, args);
  else {
    say(
      'Usage: node scripts/run.mjs <setup | doctor | demo | start | test | test:unit | check | cli> [options]',
    );
    process.exitCode = 2;
  }
}
