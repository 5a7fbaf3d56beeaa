/** The steps of `npm test` and `npm run check`. */
import fs from 'node:fs';
import path from 'node:path';
import { BUILDER } from './build.mjs';
import { readJson } from './setup/files.mjs';
import { ROOT } from './setup/paths.mjs';
import { which } from './setup/process.mjs';
import { hasDisplay } from './start.mjs';

/**
 * @typedef {object} Step
 * @property {string} name
 * @property {string} script JavaScript file to run on Node 24
 * @property {readonly string[]} args
 * @property {readonly string[]} [wrapper] program, with its arguments, that runs the step: a display
 */

const LAYER_RULES = [
  '.dependency-cruiser.mjs',
  '.dependency-cruiser.cjs',
  '.dependency-cruiser.js',
];

/** @returns {Step[]} format, lint, types, layers */
export function checkSteps() {
  const steps = [
    step('Format (prettier)', 'prettier/bin/prettier.cjs', ['--check', '--log-level=warn', '.']),
    step('Lint (eslint)', 'eslint/bin/eslint.js', ['--max-warnings=0', '.']),
    ...projects().map((project) =>
      // vue-tsc understands .vue files and takes longer, so it checks only the projects that have them.
      /web|renderer/.test(project)
        ? step(`Types (${project})`, 'vue-tsc/bin/vue-tsc.js', ['-p', project])
        : step(`Types (${project})`, 'typescript/bin/tsc', ['-p', project]),
    ),
  ];
  const rules = LAYER_RULES.find((name) => fs.existsSync(path.join(ROOT, name)));
  if (rules)
    steps.push(
      step('Layers (dependency-cruiser)', 'dependency-cruiser/bin/dependency-cruiser.mjs', [
        '--config',
        rules,
        'src',
      ]),
    );
  return steps;
}

/**
 * @param {readonly string[]} args for vitest
 * @param {boolean} whole with the checks, and with the real window
 * @param {NodeJS.ProcessEnv} [env]
 * @returns {Step[]}
 */
export function testSteps(args, whole, env = process.env) {
  const vitest = (/** @type {string} */ name, /** @type {readonly string[]} */ projects) =>
    step(name, 'vitest/vitest.mjs', [
      'run',
      ...projects.flatMap((project) => ['--project', project]),
      // A name given on the command line may be in one step only.
      ...(whole && args.length > 0 ? ['--passWithNoTests'] : []),
      ...args,
    ]);
  const tests = vitest('Tests (vitest)', ['node', 'component']);
  if (!whole) return [tests];
  // The tests of the window and of the server take what was built.
  const build = { name: 'Build (electron-vite)', script: BUILDER, args: ['build', '--logLevel', 'warn'] }; // prettier-ignore
  const window = { ...vitest('Window (vitest, Electron)', ['e2e']), wrapper: displayWrapper(env) };
  return [...checkSteps(), build, tests, window];
}

/**
 * @param {NodeJS.ProcessEnv} env
 * @returns {string[]} what to put before a command that opens a window, where there is no display
 */
export const displayWrapper = (env) =>
  hasDisplay(env) || !which('xvfb-run', env)
    ? []
    : ['xvfb-run', '-a', '-s', '-screen 0 1600x1200x24'];

/** @returns {string[]} the TypeScript projects that tsconfig.json refers to */
function projects() {
  const references = readJson(path.join(ROOT, 'tsconfig.json'))?.references ?? [];
  return references.map((/** @type {{ path: string }} */ reference) =>
    path.normalize(reference.path),
  );
}

/**
 * @param {string} name
 * @param {string} file below node_modules
 * @param {readonly string[]} args
 * @returns {Step}
 */
function step(name, file, args) {
  return { name, script: path.join(ROOT, 'node_modules', file), args };
}
