/** A folder that the system does not let us list. Refused here by force: as root nothing is. */
import type * as fs from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { scanFolder } from '../../../src/core/datasets/scan.ts';
import { temporaryFolder, writeClassFolders } from '../../support/image-folders.ts';

vi.mock('node:fs/promises', async (importOriginal) => {
  const real = await importOriginal<typeof fs>();
  const opendir: typeof real.opendir = (folder, options) => {
    if (path.basename(String(folder)) !== 'locked') return real.opendir(folder, options);
    const refused = new Error(`EACCES: permission denied, opendir '${String(folder)}'`);
    return Promise.reject(Object.assign(refused, { code: 'EACCES', syscall: 'opendir' }));
  };
  return { ...real, default: real, opendir };
});

const root = temporaryFolder();
beforeAll(async () => {
  await writeClassFolders(path.join(root, 'set'), { dark: 20, light: 200, locked: 100 }, 6);
  await writeClassFolders(path.join(root, 'locked'), { dark: 20, light: 200 }, 6);
});
afterAll(() => vi.restoreAllMocks());

describe('a folder that cannot be listed', () => {
  it('is refused as the root, with its path, the reason and what to do', async () => {
    await expect(scanFolder(path.join(root, 'locked'))).rejects.toMatchObject({
      code: 'unreadable',
      message: expect.stringMatching(/locked.*permission denied.*Check its permissions/) as string,
    });
  });

  it('is one failed row within a set, and the rest is read', async () => {
    const { images } = await scanFolder(path.join(root, 'set'), { role: 'id' });
    const failed = images.filter(({ status }) => status === 'failed');
    expect(failed).toHaveLength(1);
    expect(failed[0]).toMatchObject({ path: 'locked' });
    expect(failed[0]!.reason).toMatch(/cannot be listed.*permission denied/);
    expect(images.filter(({ status }) => status === 'ok')).toHaveLength(12);
    expect(images).toHaveLength(13);
  });
});
