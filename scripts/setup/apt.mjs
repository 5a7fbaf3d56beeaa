/** Debian packages that a window or a browser test needs. */
import { existsSync } from 'node:fs';
import { say } from './log.mjs';
import { run, which } from './process.mjs';

/**
 * Together they bring every shared library that Electron loads, and for tests a display and the view of where the
 * window's processes connect to.
 */
export const WINDOW_PACKAGES = ['chromium', 'xvfb', 'xauth', 'strace'];

/** Whose presence tells that a package is installed. */
const PROGRAMS = {
  chromium: ['chromium', 'chromium-browser', 'google-chrome'],
  xvfb: ['Xvfb'],
  xauth: ['xauth'],
};

/**
 * @param {readonly string[]} packages
 * @param {NodeJS.ProcessEnv} [env]
 * @returns {string[]} those that are missing
 */
export function missingPackages(packages, env = process.env) {
  return packages.filter((name) => {
    const programs = /** @type {Record<string, string[]>} */ (PROGRAMS)[name] ?? [name];
    return !programs.some((program) => which(program, env));
  });
}

/**
 * @param {string} program
 * @returns {Promise<string[]>} shared libraries that it needs and the system lacks; [] where that cannot be told
 */
export async function missingLibraries(program) {
  if (process.platform !== 'linux' || !which('ldd')) return [];
  const { stdout } = await run('ldd', [program]);
  return [...stdout.matchAll(/^\s*(\S+) => not found/gm)].map(([, name]) => name ?? '');
}

/**
 * Installs Debian packages as root; otherwise prints the command to type. Only on Linux.
 * @param {readonly string[]} [packages]
 * @returns {Promise<boolean>} whether they are there now
 */
export async function ensureSystemPackages(packages = WINDOW_PACKAGES) {
  if (process.platform !== 'linux') return true;
  const missing = missingPackages(packages);
  if (missing.length === 0) return true;
  const command = `apt-get install -y --no-install-recommends ${missing.join(' ')}`;
  if (!which('apt-get') || !existsSync('/etc/debian_version')) {
    say(
      `System packages: ${missing.join(', ')} not found. Install your distribution’s equivalents.`,
    );
    return false;
  }
  if (process.getuid?.() !== 0) {
    say(
      `System packages: ${missing.join(', ')} not found. Install them with: sudo apt-get update && sudo ${command}`,
    );
    return false;
  }
  say(`System packages: installing ${missing.join(', ')} with apt-get.`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const update = await run('apt-get', ['update', '-q'], { env });
  const install = await run('apt-get', command.split(' ').slice(1), { env });
  if (install.code === 0) return true;
  const output = `${update.stderr}\n${install.stderr}`
    .split('\n')
    .filter((line) => /^E:/.test(line));
  say(
    `System packages: apt-get failed (${output[0] ?? 'no output'}). Install them with: apt-get update && ${command}`,
  );
  return false;
}
