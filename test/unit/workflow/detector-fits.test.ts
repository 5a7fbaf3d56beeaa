/** Detectors that learn: fitted once on the ID training images of a real network's outputs, kept, and made again. */
import { existsSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { scanFolder } from '../../../src/core/datasets/scan.ts';
import type { Algebra, Operand, OperandShape } from '../../../src/core/linalg/algebra.ts';
import { plainAlgebra } from '../../../src/core/linalg/plain-algebra.ts';
import { DETECTORS, detectorById } from '../../../src/core/score/registry.ts';
import type { TrainingBlock } from '../../../src/core/score/types.ts';
import { readMatrix } from '../../../src/core/store/score-matrices.ts';
import { openWorkspace, type Workspace } from '../../../src/core/store/workspace.ts';
import type { Runtime } from '../../../src/core/tf/runtime.ts';
import { TfjsRuntime } from '../../../src/core/tf/tfjs/tfjs-runtime.ts';
import { loadModel } from '../../../src/core/model/model-file.ts';
import { scoreDatasets } from '../../../src/core/workflow/score-datasets.ts';
import { ScoreSources, type ImageKnowledge } from '../../../src/core/workflow/score-sources.ts';
import { extrasOf } from '../../../src/core/workflow/stored-inputs.ts';
import { ImageData } from '../../../src/engine/image-data.ts';
import { temporaryFolder, writeClassFolders, writeFlatFolder } from '../../support/image-folders.ts'; // prettier-ignore
import { addRandomModel } from '../../support/random-model.ts';

const root = temporaryFolder();
const at = (...parts: string[]): string => path.join(root, ...parts);
const excluded = new Set<number>();

let runtime: Runtime;
let workspace: Workspace;
let pets = '';
let others = '';
let birds = '';
let modelId = '';

/** Images as the engine knows them, with some taken out by hand. */
function images(): ImageKnowledge {
  const data = new ImageData(() => workspace);
  return {
    index: (id) => data.index(id),
    marks: async (id) => {
      const marks = await data.marks(id);
      if (id !== pets || excluded.size === 0) return marks;
      return { ...marks, excluded: marks.excluded.map((flag, i) => (excluded.has(i) ? 1 : flag)) };
    },
  };
}
const newSources = (): ScoreSources => new ScoreSources(() => workspace, images());
const choice = (detector: string) => ({ modelId, detector, idDatasetId: pets });
const fitsOf = (detector: string): string[] => {
  const folder = path.join(workspace.modelFolder(modelId), 'detectors', detector);
  return existsSync(folder) ? readdirSync(folder) : [];
};

beforeAll(async () => {
  runtime = await TfjsRuntime.load('wasm');
  await writeClassFolders(at('pets'), { cat: 40, dog: 160 }, 50);
  await writeClassFolders(at('birds'), { owl: 60, jay: 120 }, 10);
  await writeFlatFolder(at('others'), 5, 90);
  workspace = openWorkspace(at('workspace'));
  pets = workspace.registerDataset(await scanFolder(at('pets'))).id;
  birds = workspace.registerDataset(await scanFolder(at('birds'))).id;
  others = workspace.registerDataset(await scanFolder(at('others'))).id;
  modelId = await addRandomModel(workspace, { classes: ['cat', 'dog'], datasetId: pets });
  await scoreDatasets(workspace, runtime, modelId, [pets, birds, others], { extras: extrasOf(DETECTORS) }); // prettier-ignore
});
afterAll(() => workspace.close());

describe('detectors over stored outputs', () => {
  it.each(DETECTORS.map(({ id }) => id))('%s scores every image of every set', async (id) => {
    const sources = newSources();
    for (const datasetId of [pets, others]) {
      const { scores } = await sources.column(choice(id), datasetId);
      expect(scores).toHaveLength(datasetId === pets ? 100 : 5);
      expect(scores.every((score) => Number.isFinite(score))).toBe(true);
    }
  });

  it('learns from the training images and nothing else', async () => {
    const stored = (await workspace.loadScores({ modelId, datasetId: pets }))!;
    const { images: records } = workspace.loadManifest(pets);
    const rows = [...stored.rows.keys()].filter((row) => records[stored.rows[row]!]!.split === 'train'); // prettier-ignore
    const { units } = stored;
    const data = new Float32Array(rows.length * units);
    for (const [i, row] of rows.entries())
      data.set(await readMatrix(stored, 'features', row, row + 1), i * units);
    const labels = Int32Array.from(rows, (row) => records[stored.rows[row]!]!.classIndex!);
    const block: TrainingBlock = { features: { data, count: rows.length, units }, labels };
    const { weights } = await loadModel(workspace.modelFolder(modelId));
    const lastLayer = { weights: weights.get('fc.weight')!.data, bias: weights.get('fc.bias')!.data, units, classes: 2 }; // prettier-ignore
    const detector = detectorById('mahalanobis');
    const fitted = await detector.fit!(
      {
        count: rows.length,
        classNames: ['cat', 'dog'],
        lastLayer,
        // eslint-disable-next-line @typescript-eslint/require-await
        async *blocks() {
          yield block;
        },
      },
      { algebra: plainAlgebra },
    );
    const all = await readMatrix(stored, 'features', 0, stored.count);
    const expected = await detector.score({ features: { data: all, count: stored.count, units } }, { fitted }); // prettier-ignore
    const { scores } = await newSources().column(choice('mahalanobis'), pets);
    // Columns are in the order of the manifest, files in the order of scoring.
    for (const [row, ordinal] of stored.rows.entries())
      expect(scores[ordinal]).toBeCloseTo(expected[row]!, 6);
  });

  it.each(['knn', 'vim', 'mahalanobis'])(
    '%s multiplies with what its owner has, and gives it back',
    async (id) => {
      const model = await addRandomModel(workspace, { classes: ['cat', 'dog'], seed: 3, datasetId: pets }); // prettier-ignore
      await scoreDatasets(workspace, runtime, model, [pets, others], {});
      const used = { products: 0, disposed: 0 };
      const prepare = ((b: Float32Array, shape: OperandShape, transposed?: boolean): Operand => {
        used.products++;
        return plainAlgebra.prepare(b, shape, transposed);
      }) as Algebra['prepare'];
      const owner = (): Algebra => ({
        prepare,
        gram: (...given) => {
          used.products++;
          return plainAlgebra.gram(...given);
        },
        dispose: () => {
          used.disposed++;
        },
      });
      let made = 0;
      const sources = new ScoreSources(() => workspace, images(), () => Promise.resolve((made++, owner()))); // prettier-ignore
      const wanted = { modelId: model, detector: id, idDatasetId: pets };
      const { scores } = await sources.column(wanted, others);
      expect(used.products).toBeGreaterThan(0);
      expect(used.disposed).toBe(made);
      // The same as in JavaScript alone, from files that another process would have made.
      rmSync(path.join(workspace.modelFolder(model), 'detectors'), { recursive: true });
      expect((await newSources().column(wanted, others)).scores).toEqual(scores);
    },
  );

  it('says what was not kept and how to have it', async () => {
    const plain = await addRandomModel(workspace, { classes: ['cat', 'dog'], seed: 2 });
    await scoreDatasets(workspace, runtime, plain, [pets], {});
    const column = (detector: string) =>
      newSources().column({ modelId: plain, detector, idDatasetId: pets }, pets);
    await expect(column('odin')).rejects.toThrow(/pets: ODIN needs .*straylight score/);
    await expect(column('mahalanobis-stages')).rejects.toThrow(
      /after each stage.*straylight score/,
    );
    expect((await column('energy')).scores).toHaveLength(100);
  });
});

describe('a fit', () => {
  it('is kept in files and used again, also after a restart', async () => {
    const { scores } = await newSources().column(choice('react'), others);
    const [key] = fitsOf('react');
    const fit = path.join(workspace.modelFolder(modelId), 'detectors', 'react', key!, 'fit', 'fit.json'); // prettier-ignore
    const made = statSync(fit, { bigint: true }).mtimeNs;
    expect((await newSources().column(choice('react'), others)).scores).toEqual(scores);
    expect(statSync(fit, { bigint: true }).mtimeNs).toBe(made);
    expect(fitsOf('react')).toEqual([key]);
  });

  it('is made again when its files, or the scores beside it, are damaged', async () => {
    const { scores } = await newSources().column(choice('she'), others);
    const [key] = fitsOf('she');
    const folder = path.join(workspace.modelFolder(modelId), 'detectors', 'she', key!);
    for (const name of readdirSync(path.join(folder, 'fit')))
      if (name.startsWith('array')) writeFileSync(path.join(folder, 'fit', name), 'rubbish');
    for (const name of readdirSync(folder))
      if (name.endsWith('.scores')) writeFileSync(path.join(folder, name), 'rubbish');
    expect((await newSources().column(choice('she'), others)).scores).toEqual(scores);
  });

  it('is another one when a training image was taken out', async () => {
    const before = await newSources().column(choice('mahalanobis'), others);
    const { images: records } = workspace.loadManifest(pets);
    excluded.add(records.findIndex(({ split }) => split === 'train'));
    const after = await newSources().column(choice('mahalanobis'), others);
    expect(after.scores).not.toEqual(before.scores);
    excluded.clear();
    const again = await newSources().column(choice('mahalanobis'), others);
    expect(again.scores).toEqual(before.scores);
  });

  it('is refused on a set that has none of the classes of the model', async () => {
    const wrong = { modelId, detector: 'mahalanobis', idDatasetId: birds };
    await expect(newSources().column(wrong, others)).rejects.toThrow(
      /no training image of birds \(jay, owl\) is of a class of random 1 \(cat, dog\)/,
    );
  });

  it('ends when nobody waits for it, and can be started again', async () => {
    const abort = new AbortController();
    abort.abort();
    const sources = newSources();
    const stopped = sources.column(choice('vim'), others, { signal: abort.signal });
    await expect(stopped).rejects.toMatchObject({ code: 'cancelled' });
    expect((await sources.column(choice('vim'), others)).scores).toHaveLength(5);
  });
});
