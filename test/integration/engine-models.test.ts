/** Stored models through the contract: out to a folder, in again, off the list and back. */
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'; // prettier-ignore
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JobEvent } from '../../src/contract/common.ts';
import type { ModelSummary } from '../../src/contract/training.ts';
import { architectureOf, summariseNetwork } from '../../src/core/model/architecture.ts';
import { encodeSafetensors } from '../../src/core/model/safetensors.ts';
import { PRESETS } from '../../src/core/train/config.ts';
import { engineIn, registerNoise } from '../support/engine.ts';
import { temporaryFolder, writeClassFolders } from '../support/image-folders.ts';

const { engine, client } = engineIn();
const folder = temporaryFolder();
let datasetId: string;
let model: ModelSummary;

const grant = async (chosen: string): Promise<string> =>
  (await client.call('grants.add', { path: chosen })).grantId;
const place = (): string => mkdtempSync(path.join(folder, 'place-'));

beforeAll(async () => {
  datasetId = await registerNoise(engine, 6);
  const [run] = engine.context.queue.add([
    {
      kind: 'pretrain',
      datasetId,
      parentId: null,
      name: 'Noise / λ = 0',
      preset: 'quick',
      architecture: architectureOf('wrn-10-1', { classes: 3, inputSize: 8 }),
      decode: { size: 8, resize: 'stretch' },
      config: { ...PRESETS.quick.pretrain, epochs: 1, batchSize: 4 },
    },
  ]);
  await client.job('runs.watch', { runId: run!.id });
  [model] = (await client.call('models.list', {})) as [ModelSummary];
});
afterAll(() => engine.shutdown());

const exported = async (format: 'tfjs' | 'safetensors', parent = place()): Promise<string> =>
  (await client.job('models.export', { modelId: model.id, grantId: await grant(parent), format }))
    .displayPath;

const importing = async (chosen: string, into = datasetId) =>
  await client.job('models.import', { grantId: await grant(chosen), datasetId: into });

describe('a model', () => {
  it('is exported into a new folder each time, whatever its name holds', async () => {
    const parent = place();
    const first = await exported('safetensors', parent);
    const second = await exported('safetensors', parent);
    expect(readdirSync(parent)).toHaveLength(2);
    for (const made of [first, second]) {
      expect(path.dirname(made)).toBe(parent);
      expect(path.basename(made)).toMatch(/^[\w.-]+$/);
    }
  });

  it('is exported for tfjs with its classes', async () => {
    const made = await exported('tfjs');
    expect(readdirSync(made)).toEqual(expect.arrayContaining(['model.json', 'weights.bin']));
    const info = JSON.parse(readFileSync(path.join(made, 'straylight.json'), 'utf8')) as {
      classes: string[];
    };
    expect(info.classes).toEqual(['dark', 'grey', 'light']);
  });

  it('comes back from its export with the same weights and history', async () => {
    const made = await exported('safetensors');
    const imported = await client.job('models.import', { grantId: await grant(made), datasetId, name: 'Again' }); // prettier-ignore
    expect(imported).toMatchObject({
      name: 'Again',
      weightsSha256: model.weightsSha256,
      epochs: model.epochs,
      network: model.network,
      role: 'other',
    });
    expect(imported.id).not.toBe(model.id);
  });

  it('is renamed, removed and brought back', async () => {
    const renamed = await client.call('models.rename', { modelId: model.id, name: ' Noise ' });
    expect(renamed.name).toBe('Noise');
    await client.call('models.remove', { modelId: model.id });
    // It stays on the list as removed, so that it can be brought back.
    const removedAt = async () =>
      (await client.call('models.list', {})).find(({ id }) => id === model.id)?.removedAt;
    expect(Date.parse((await removedAt())!)).not.toBeNaN();
    expect((await client.call('models.restore', { modelId: model.id })).removedAt).toBeNull();
    expect(await removedAt()).toBeNull();
  });
});

describe('an import is refused', () => {
  it('from a folder that is no model', async () => {
    await expect(importing(place())).rejects.toMatchObject({ code: 'invalid-model' });
  });

  it('from a folder whose weights were changed', async () => {
    const made = await exported('safetensors');
    const file = path.join(made, 'weights.safetensors');
    const bytes = readFileSync(file);
    bytes[bytes.length - 1]! ^= 1;
    writeFileSync(file, bytes);
    await expect(importing(made)).rejects.toMatchObject({ code: 'invalid-model' });
  });

  it('from a folder that links to files elsewhere', async () => {
    const made = await exported('safetensors');
    const linked = place();
    for (const name of readdirSync(made)) {
      if (name === 'weights.safetensors')
        symlinkSync(path.join(made, name), path.join(linked, name));
      else copyFileSync(path.join(made, name), path.join(linked, name));
    }
    await expect(importing(linked)).rejects.toMatchObject({ code: 'invalid-model' });
  });

  it('for a dataset with other classes', async () => {
    const root = path.join(place(), 'other');
    mkdirSync(root);
    await writeClassFolders(root, { cats: 20, dogs: 200 }, 6);
    const other = await client.job('datasets.register', { grantId: await grant(root), role: 'id' });
    const made = await exported('safetensors');
    const refused = importing(made, other.dataset.id);
    await expect(refused).rejects.toMatchObject({ code: 'invalid-model' });
    await expect(refused).rejects.toThrow(/dark, grey, light/);
  });

  it('of a file that holds no weights', async () => {
    const file = path.join(place(), 'weights.safetensors');
    writeFileSync(file, 'not weights');
    await expect(importing(file)).rejects.toMatchObject({ code: 'invalid-model' });
  });
});

describe('weights from PyTorch', () => {
  /** A WRN-16-2 for 3 classes in PyTorch's layout: filters OIHW, dense weights `[out, in]`. */
  function pytorchFile(): string {
    const { parameters } = summariseNetwork(architectureOf('wrn-16-2', { classes: 3, inputSize: 32 })); // prettier-ignore
    const tensors = parameters.map(({ name, shape }) => {
      const turned = shape.length === 4 ? [3, 2, 0, 1].map((i) => shape[i]!) : shape.toReversed();
      const length = shape.reduce((a, b) => a * b, 1);
      return [name, { shape: turned, data: new Float32Array(length).fill(0.01) }] as const;
    });
    const file = path.join(place(), 'their-network.safetensors');
    writeFileSync(file, encodeSafetensors(new Map(tensors)));
    return file;
  }

  it('are taken in, and what was guessed is said', async () => {
    const told: JobEvent[] = [];
    const request = { grantId: await grant(pytorchFile()), datasetId };
    const imported = await client.job('models.import', request, {
      onEvent: (event) => told.push(event),
    });
    expect(imported).toMatchObject({ name: 'their-network', network: 'WRN-16-2', role: 'other' });
    const text = told.map((event) => (event.type === 'warning' ? event.text : '')).join('\n');
    expect(text).toContain('The network is taken to be wrn-16-2.');
    expect(text).toContain('in this order: dark, grey, light');
  });

  it('that fit no known network are refused with the reason', async () => {
    const file = path.join(place(), 'odd.safetensors');
    const tensor = { shape: [2], data: Float32Array.of(1, 2) };
    writeFileSync(file, encodeSafetensors(new Map([['what.is.this', tensor]])));
    await expect(importing(file)).rejects.toThrow(/none of the known networks with 3 classes/);
  });
});
