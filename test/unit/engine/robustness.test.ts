/** The robustness job as a window starts it. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { engineIn, registerNoise } from '../../support/engine.ts';
import { addRandomModel } from '../../support/random-model.ts';

const { engine, client } = engineIn();
let datasetId = '';
const modelIds: string[] = [];
beforeAll(async () => {
  datasetId = await registerNoise(engine, 20);
  for (const seed of [1, 2])
    modelIds.push(await addRandomModel(engine.context.workspace, { classes: ['dark', 'grey', 'light'], seed })); // prettier-ignore
});
afterAll(() => engine.shutdown());

it('measures models on the same corrupted images, tells how far it is, and knows the result later', async () => {
  expect(await client.call('robustness.get', { modelIds, datasetId })).toEqual([null, null]);
  const values: number[] = [];
  const results = await client.job(
    'robustness.start',
    { modelIds, datasetId, severities: [5, 1] },
    { onEvent: (event) => event.type === 'progress' && values.push(event.progress.value) },
  );
  expect(results.map(({ modelId }) => modelId)).toEqual(modelIds);
  for (const { cells, clean, images } of results) {
    expect(images).toBe(results[0]!.images);
    expect(cells.map(({ corruption, severity }) => `${corruption} ${severity}`)).toEqual([
      'gaussian-noise 1',
      'gaussian-noise 5',
      'gaussian-blur 1',
      'gaussian-blur 5',
      'defocus-blur 1',
      'defocus-blur 5',
      'brightness 1',
      'brightness 5',
      'jpeg 1',
      'jpeg 5',
    ]);
    expect(clean.accuracy).toBeGreaterThanOrEqual(0);
  }
  expect(values.at(-1)).toBe(1);
  expect(await client.call('robustness.get', { modelIds, datasetId })).toEqual(results);
  const jobs = engine.context.jobs.list().filter(({ kind }) => kind === 'robustness');
  expect(jobs.map(({ state, title }) => [state, title])).toEqual([['succeeded', 'Robustness on noise']]); // prettier-ignore
});

it('refuses a severity that there is not', async () => {
  await expect(
    client.job('robustness.start', { modelIds, datasetId, severities: [6 as 5] }),
  ).rejects.toMatchObject({ code: 'invalid-request' });
});
