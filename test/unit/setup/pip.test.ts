import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { downloadWheels, explainPipFailure, findPip } from '../../../scripts/setup/pip.mjs';

const windows = process.platform === 'win32';
let folder = '';
beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'straylight-pip-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** A PATH that holds only this program. */
function fakeProgram(name: string, script: string): NodeJS.ProcessEnv {
  const file = path.join(folder, name);
  writeFileSync(file, `#!/bin/sh\n${script}\n`);
  chmodSync(file, 0o755);
  return { PATH: folder };
}

const download = {
  requirements: ['tensorflow-cpu==2.21.0 --hash=sha256:00'],
  platforms: ['manylinux_2_27_x86_64'],
  downloadBytes: 1,
  label: 'TensorFlow',
};

describe.skipIf(windows)('a machine that cannot download (fake PATH, POSIX only)', () => {
  it('without Python, says so and how to get it', async () => {
    await expect(findPip({ PATH: folder })).rejects.toMatchObject({
      reason: 'Python with pip was not found',
      fix: expect.stringMatching(/install/i) as string,
    });
  });

  it('with a Python that has no pip, names it', async () => {
    const env = fakeProgram('python3', 'echo "No module named pip" >&2; exit 1');
    await expect(findPip(env)).rejects.toMatchObject({ reason: 'python3 has no pip' });
  });

  it('falls back from python3 to pip3', async () => {
    fakeProgram('python3', 'exit 1');
    const env = fakeProgram('pip3', 'exit 0');
    expect(await findPip(env)).toEqual({ command: path.join(folder, 'pip3'), prefix: [] });
  });

  it('with an unreachable index, calls it a network failure that is worth trying again', async () => {
    const warning =
      "WARNING: Retrying (Retry(total=1)) after connection broken by 'NewConnectionError': Connection refused";
    const env = fakeProgram(
      'pip',
      `echo "${warning}" >&2; echo "ERROR: Could not find a version that satisfies the requirement" >&2; exit 1`,
    );
    const failed = downloadWheels(
      { command: path.join(folder, 'pip'), prefix: [] },
      { ...download, folder: path.join(folder, 'wheels'), env },
    );
    await expect(failed).rejects.toMatchObject({
      reason: 'pip cannot reach its package index',
      transient: true,
    });
  });
});

describe('pip failures', () => {
  // Lines as pip 23 and 25 print them.
  it.each([
    [
      'ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE.',
      /pinned hash/,
      false,
    ],
    [
      'ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device',
      /disk/,
      false,
    ],
    ['ERROR: No matching distribution found for tensorflow-cpu==2.21.0', /does not offer/, true],
    ['pip: error: no such option: --retries', /too old/, false],
    ['ERROR: something new', /something new/, false],
  ])('%s', (output, reason, transient) => {
    const error = explainPipFailure(output);
    expect(error.reason).toMatch(reason);
    expect(error.transient).toBe(transient);
    expect(error.fix).toMatch(/npm run setup/);
  });
});
