/** Scores on the disk: whole or not there, checked when they are read, and cleared up after a process that died. */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { openScoreFolder, roomForFeatures, type ScoreBatch, scoreBytes, ScoreWriter } from '../../../src/core/store/score-files.ts'; // prettier-ignore
import { matrixBlocks } from '../../../src/core/store/score-matrices.ts';
import { temporaryFolder } from '../../support/image-folders.ts';

const root = temporaryFolder();
const shape = { classes: 3, units: 2 };

const batch = (from: number, n: number): ScoreBatch => ({
  rows: Uint32Array.from({ length: n }, (_, i) => from + i),
  predicted: new Int32Array(n).fill(1),
  confidence: new Float64Array(n).fill(0.5),
  energies: Float64Array.from({ length: n }, (_, i) => -(from + i)),
  l1: new Float64Array(n).fill(2),
  hoyer: new Float64Array(n).fill(0.25),
  logits: Float32Array.from({ length: 3 * n }, (_, i) => 3 * from + i),
  features: Float32Array.from({ length: 2 * n }, (_, i) => 2 * from + i),
});

async function written(name: string): Promise<string> {
  const folder = path.join(root, name);
  const writer = await ScoreWriter.create(folder, shape);
  await writer.append(batch(0, 4));
  await writer.append(batch(4, 3));
  await writer.finish();
  return folder;
}

async function all<T>(blocks: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const block of blocks) found.push(block);
  return found;
}

describe('a folder of scores', () => {
  it('gives back what was appended in parts, in order', async () => {
    const scores = await openScoreFolder(await written('parts'), shape);
    expect(scores.count).toBe(7);
    expect([...scores.rows]).toEqual([0, 1, 2, 3, 4, 5, 6]);
    expect([...scores.energies]).toEqual([-0, -1, -2, -3, -4, -5, -6]);
    const blocks = await all(matrixBlocks(scores, 'features'));
    expect(blocks.map(({ from, to }) => [from, to])).toEqual([[0, 7]]);
    expect(blocks[0]!.data).toEqual(batch(0, 7).features);
  });

  it('does not exist before it is finished, and leaves nothing when it is given up', async () => {
    const parent = path.join(root, 'given-up');
    mkdirSync(parent);
    const writer = await ScoreWriter.create(path.join(parent, 'scores'), shape);
    await writer.append(batch(0, 4));
    expect(readdirSync(parent).filter((name) => !name.startsWith('.'))).toEqual([]);
    await writer.discard();
    expect(readdirSync(parent)).toEqual([]);
  });

  it('refuses columns that do not belong together', async () => {
    const writer = await ScoreWriter.create(path.join(root, 'mismatch'), shape);
    const wrong = { ...batch(0, 4), l1: new Float64Array(3) };
    await expect(writer.append(wrong)).rejects.toThrow(/differ in length/);
    await writer.discard();
  });

  it.each(['energies.f64', 'sha256.json'])('refuses a missing %s', async (name) => {
    const folder = await written(`missing-${name}`);
    rmSync(path.join(folder, name));
    await expect(openScoreFolder(folder, shape)).rejects.toThrow(/missing or damaged.*Score the/);
  });

  it('refuses a column and a matrix in which one bit has changed', async () => {
    const flip = (file: string): void => {
      const bytes = readFileSync(file);
      bytes[9]! ^= 1;
      writeFileSync(file, bytes);
    };
    const folder = await written('flipped');
    const scores = await openScoreFolder(folder, shape);
    flip(path.join(folder, 'logits.f32'));
    await expect(all(matrixBlocks(scores, 'logits'))).rejects.toThrow(/logits.f32/);
    flip(path.join(folder, 'l1.f64'));
    await expect(openScoreFolder(folder, shape)).rejects.toThrow(/l1.f64/);
  });
});

describe('room on the disk', () => {
  it('is there for a few images', async () => {
    expect(await roomForFeatures(root, 'fruit', 1000, shape)).toBe(true);
  });

  it('leaves features out when only they do not fit, and is an error when nothing does', async () => {
    // Petabytes: more than any disk these tests meet.
    expect(await roomForFeatures(root, 'fruit', 1000, { classes: 3, units: 1e13 })).toBe(false);
    await expect(roomForFeatures(root, 'fruit', 1e15, shape)).rejects.toThrow(
      /^fruit: the scores of 1,000,000,000,000,000 images take .* TB/,
    );
  });

  it('counts 40 bytes of columns and 4 per logit and unit', () => {
    expect(scoreBytes(10, shape)).toBe(10 * (4 + 4 + 4 * 8 + 4 * 5));
  });
});
