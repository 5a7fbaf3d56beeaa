/** Thumbnails: made anew from decoded pixels, from regular files of the registered folder only. */
import { execFileSync } from 'node:child_process';
import { linkSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import sharp from 'sharp';
import { afterAll, describe, expect, it } from 'vitest';
import { DecodePool } from '../../../src/core/decode/decode-pool.ts';
import { makeThumbnail } from '../../../src/core/decode/thumbnail.ts';
import { sha256Hex } from '../../../src/core/sha256.ts';
import { temporaryFolder } from '../../support/image-folders.ts';

const root = temporaryFolder();
mkdirSync(path.join(root, 'set'));
const pool = new DecodePool({ workers: 1 });
afterAll(() => pool.close());

const photo = await sharp({
  create: { width: 200, height: 100, channels: 3, background: '#e08020' },
})
  .withExif({ IFD0: { Copyright: 'SECRET-IN-METADATA' } })
  .jpeg()
  .toBuffer();

const ask = (name: string, bytes: Uint8Array = photo, side = 64) =>
  pool.run({
    kind: 'thumbnail',
    side,
    source: { root: path.join(root, 'set'), file: path.join(root, 'set', name), sha256: sha256Hex(bytes) }, // prettier-ignore
  });

describe('a thumbnail', () => {
  it('is a WebP of the size asked for, without a byte of what the file says besides its pixels', async () => {
    writeFileSync(path.join(root, 'set', 'photo.jpg'), photo);
    const answer = await ask('photo.jpg');
    if (answer.kind !== 'thumbnail') throw new Error(JSON.stringify(answer));
    const { format, width, height, exif } = await sharp(answer.webp).metadata();
    expect({ format, width, height, exif }).toEqual({ format: 'webp', width: 64, height: 32, exif: undefined }); // prettier-ignore
    expect(Buffer.from(answer.webp).includes('SECRET')).toBe(false);
  });

  it('enlarges small images by whole pixels, without blur', async () => {
    const rgb = Uint8Array.of(255, 0, 0, 0, 0, 255, 0, 255, 0, 9, 9, 9);
    const webp = await makeThumbnail({ rgb, width: 2, height: 2 }, 65);
    const { data, info } = await sharp(webp).raw().toBuffer({ resolveWithObject: true });
    expect([info.width, info.height]).toEqual([64, 64]);
    const pixel = (x: number, y: number): number[] => [...data.subarray(3 * (64 * y + x), 3 * (64 * y + x) + 3)]; // prettier-ignore
    for (const [x, y, i] of [
      [0, 0, 0],
      [31, 31, 0],
      [32, 0, 1],
      [0, 32, 2],
      [63, 63, 3],
    ] as const)
      // prettier-ignore
      expect(pixel(x, y)).toEqual([...rgb.subarray(3 * i, 3 * i + 3)]);
  });

  it('is turned as the camera was held', async () => {
    const turned = await sharp({ create: { width: 40, height: 20, channels: 3, background: '#123456' } }).withMetadata({ orientation: 6 }).jpeg().toBuffer(); // prettier-ignore
    writeFileSync(path.join(root, 'set', 'turned.jpg'), turned);
    const answer = await ask('turned.jpg', turned, 40);
    if (answer.kind !== 'thumbnail') throw new Error(JSON.stringify(answer));
    const { width, height } = await sharp(answer.webp).metadata();
    expect([width, height]).toEqual([20, 40]);
  });
});

// A window may ask for any image of the list; what lies on disk by then is not what was scanned.
describe.skipIf(process.platform === 'win32')('no thumbnail is made of', () => {
  writeFileSync(path.join(root, 'outside.jpg'), photo);
  const reason = async (name: string): Promise<string> => {
    const answer = await ask(name);
    return answer.kind === 'failed' ? answer.reason : answer.kind;
  };

  it('a symbolic link, wherever it leads', async () => {
    writeFileSync(path.join(root, 'set', 'inside.jpg'), photo);
    symlinkSync(path.join(root, 'outside.jpg'), path.join(root, 'set', 'out.jpg'));
    symlinkSync(path.join(root, 'set', 'inside.jpg'), path.join(root, 'set', 'in.jpg'));
    symlinkSync(path.join(root, 'set', 'loop.jpg'), path.join(root, 'set', 'loop.jpg'));
    symlinkSync('/etc/passwd', path.join(root, 'set', 'passwd.jpg'));
    symlinkSync(root, path.join(root, 'set', 'folder'));
    expect(await reason('out.jpg')).toMatch(/outside the registered folder/);
    expect(await reason('in.jpg')).toMatch(/symbolic link/);
    expect(await reason('loop.jpg')).toMatch(/ELOOP|symbolic link/);
    expect(await reason('passwd.jpg')).toMatch(/outside/);
    expect(await reason('folder/outside.jpg')).toMatch(/outside/);
  });

  it('a path that leads outside', async () => {
    expect(await reason('../outside.jpg')).toMatch(/outside/);
    expect(await reason('..')).toMatch(/outside/);
    expect(await reason('.')).toMatch(/outside/);
  });

  it('a pipe, and it does not wait for one', async () => {
    execFileSync('mkfifo', [path.join(root, 'set', 'pipe.jpg')]);
    expect(await reason('pipe.jpg')).toMatch(/not a regular file/);
  });

  it('a file that is another one since the scan', async () => {
    writeFileSync(
      path.join(root, 'set', 'swapped.jpg'),
      await sharp(photo).negate().jpeg().toBuffer(),
    );
    linkSync('/etc/hostname', path.join(root, 'set', 'linked.jpg'));
    expect(await reason('swapped.jpg')).toMatch(/changed since the scan/);
    expect(await reason('linked.jpg')).toMatch(/changed since the scan/);
  });

  it('what is no image', async () => {
    const text = Buffer.from('<html><script>alert(1)</script>');
    writeFileSync(path.join(root, 'set', 'page.jpg'), text);
    const answer = await ask('page.jpg', text);
    expect(answer).toMatchObject({ kind: 'failed', reason: expect.stringMatching(/not an image/) as unknown }); // prettier-ignore
  });
});
