/** The steps of `npm test` and `npm run check`. */
import fs from 'node:fs';
import path from 'node:path';
import { readJson } from './setup/files.mjs';
import { ROOT } from './setup/paths.mjs';

/**
 * @typedef {object} Step
 * @property {string} name
 * @property {string} script JavaScript file to run on Node 24
 * @property {readonly string[]} args
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
 * @param {boolean} withChecks
 * @returns {Step[]}
 */
export function testSteps(args, withChecks) {
  const tests = step('Tests (vitest)', 'vitest/vitest.mjs', ['run', ...args]);
  return withChecks ? [...checkSteps(), tests] : [tests];
}

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
