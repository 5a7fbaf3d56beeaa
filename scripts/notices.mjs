/**
 * THIRD_PARTY_NOTICES.md from the lockfile: every package that Straylight runs with, its version and licence.
 *
 *     node scripts/notices.mjs            writes the file
 */
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = path.resolve(import.meta.dirname, '..');
const FILE = path.join(ROOT, 'THIRD_PARTY_NOTICES.md');

/** Not from npm, or of a kind that npm's licence field does not tell. */
const OTHERS = [
  [
    'TensorFlow',
    '2.21.0',
    'Apache-2.0',
    'shared libraries out of the official Python wheel, fetched at set-up',
  ],
  ['TensorFlow C headers', '2.21.0', 'Apache-2.0', 'out of the same wheel, to build the addon'],
  ['Inter', 'in @fontsource/inter', 'OFL-1.1', 'embedded in reports'],
  ['Noto Sans Math', 'in resources/fonts', 'OFL-1.1', 'embedded in reports'],
  ['Noto Sans SC', 'in resources/fonts', 'OFL-1.1', 'embedded in reports'],
  ['JetBrains Mono', 'in @fontsource/jetbrains-mono', 'OFL-1.1', 'embedded in reports'],
  ['Sample images', '', 'see resources/sample/SOURCES.md', 'shipped'],
];

/**
 * Packages of the lockfile that are needed to run, on any platform.
 * @param {{ packages: Record<string, { version?: string, license?: string, dev?: boolean }> }} lock
 */
export function runtimePackages(lock) {
  const packages = new Map();
  for (const [where, { version, license, dev }] of Object.entries(lock.packages)) {
    if (where === '' || dev) continue;
    const name = where.slice(where.lastIndexOf('node_modules/') + 'node_modules/'.length);
    packages.set(`${name}@${version}`, {
      name,
      version,
      license: license ?? installedLicense(where),
    });
  }
  return [...packages.values()].sort(
    (a, b) => compare(a.name, b.name) || compare(a.version, b.version),
  );
}

/**
 * @param {string} a
 * @param {string} b
 */
const compare = (a, b) => (a < b ? -1 : a > b ? 1 : 0);

/** Older packages say their licence only in their own package.json. @param {string} where */
function installedLicense(where) {
  try {
    const { license, licenses } = JSON.parse(
      fs.readFileSync(path.join(ROOT, where, 'package.json'), 'utf8'),
    );
    return license?.type ?? license ?? licenses?.[0]?.type ?? licenceFile(where);
  } catch {
    return 'not stated';
  }
}

/** Recognises the MIT licence by its text, where only a file tells. @param {string} where */
function licenceFile(where) {
  const folder = path.join(ROOT, where);
  const file = fs.readdirSync(folder).find((name) => /^licen[cs]e/i.test(name));
  const text = file ? fs.readFileSync(path.join(folder, file), 'utf8') : '';
  return /MIT License|Permission is hereby granted, free of charge/.test(text)
    ? 'MIT'
    : 'not stated';
}

/** @param {ReturnType<typeof runtimePackages>} packages */
export function noticesText(packages) {
  const row = (/** @type {readonly unknown[]} */ cells) => `| ${cells.join(' | ')} |`;
  return [
    '# Third-party notices',
    '',
    'Straylight is MIT licensed. It runs with the following works of others, each under its own licence; the licence texts lie in the packages. Made by `node scripts/notices.mjs` from the lockfile.',
    '',
    row(['work', 'version', 'licence', 'how']),
    row(['---', '---', '---', '---']),
    ...OTHERS.map(row),
    '',
    row(['npm package', 'version', 'licence']),
    row(['---', '---', '---']),
    ...packages.map(({ name, version, license }) => row([name, version, license])),
    '',
  ].join('\n');
}

if (process.argv[1] && fs.realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const lock = JSON.parse(fs.readFileSync(path.join(ROOT, 'package-lock.json'), 'utf8'));
  fs.writeFileSync(FILE, noticesText(runtimePackages(lock)));
}
