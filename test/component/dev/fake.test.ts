import { describe, expect, it } from 'vitest';
import type { CallName, JobName } from '../../../src/rpc/types.ts';
import type { WindowContract } from '../../../src/contract/methods.ts';
import { windowContract } from '../../../src/contract/methods.ts';
import { createFake } from '../../../src/renderer/dev/fake/index.ts';

type Name = CallName<WindowContract> | JobName<WindowContract>;

const scope = {
  modelId: 'm-before',
  idDatasetId: 'fashion',
  oodDatasetIds: ['digits', 'textures'],
};
const dataset = { datasetId: 'fashion' };
const runId = 'run-2';
const ref = { datasetId: 'fashion', ordinal: 1 };
const filter = {};
const sort = { by: 'score', direction: 'ascending' };
const selections = [{ datasetId: 'fashion', ordinals: Uint32Array.of(1, 2) }];
const page = { offset: 0, limit: 20 };
const reportId = 'a-1';
const choice = { sparseModelId: 'm-sparse', beforeModelId: 'm-before', controlModelId: 'm-control', idDatasetId: 'fashion', oodDatasetIds: ['digits'], detectors: ['energy'], protocol: null, robustness: false }; // prettier-ignore
const options = async (): Promise<unknown> => {
  const [preset] = (await createFake({ images: 12 }).api.call('training.options', {})).presets;
  return { kind: 'finetune', parentId: 'm-before', withControl: true, preset: 'quick', config: preset!.finetune, seeds: [1, 2] }; // prettier-ignore
};

/** Parameters for those methods that take any. */
const params: Partial<Record<Name, unknown>> = {
  'jobs.cancel': { jobId: 'job-run-2' },
  'datasets.get': dataset,
  'datasets.preview': { grantId: 'grant-new' },
  'datasets.register': { grantId: 'grant-new' },
  'datasets.rescan': dataset,
  'datasets.analyse': dataset,
  'datasets.update': { ...dataset, name: 'renamed' },
  'datasets.setRole': { ...dataset, role: 'ood' },
  'datasets.setSplit': { ...dataset, seed: 2, fractions: { val: 0.1, test: 0.2 } },
  'datasets.remove': dataset,
  'datasets.restore': dataset,
  'datasets.images': { ...dataset, ...page },
  'datasets.problems': { ...dataset, kind: 'leakage', ...page },
  'datasets.excludeCopies': { selections, reason: 'copies' },
  'datasets.excludeLeaks': { ...dataset, which: 'exact' },
  'training.previewAugmentation': { ...dataset, decode: { size: 28, resize: 'stretch' }, augmentation: { cropPadding: 4, flip: true }, seed: 1, images: 2, views: 3 }, // prettier-ignore
  'runs.pause': { runId },
  'runs.resume': { runId },
  'runs.cancel': { runId },
  'runs.watch': { runId: 'run-1' },
  'runs.stopAndKeepBest': { runId },
  'runs.move': { runId: 'run-3', position: 0 },
  'runs.remove': { runId },
  'models.rename': { modelId: 'm-before', name: 'renamed' },
  'models.export': { modelId: 'm-before', grantId: 'g', format: 'tfjs' },
  'models.import': { grantId: 'g', ...dataset },
  'models.reestimate': { modelId: 'm-before' },
  'experiments.get': { experimentId: 'e-1' },
  'experiments.resume': { experimentId: 'e-1' },
  'experiments.cancel': { experimentId: 'e-1' },
  'experiments.remove': { experimentId: 'e-1' },
  'models.remove': { modelId: 'm-before' },
  'models.restore': { modelId: 'm-before' },
  'scores.compute': { modelIds: ['m-sparse-2'], datasetIds: ['digits'] },
  'scores.distributions': scope,
  'scores.overview': scope,
  'scores.sideBySide': {
    modelId: scope.modelId,
    idDatasetId: 'fashion',
    oodDatasetIds: ['digits'],
  },
  'thresholds.set': { modelId: 'm-before', detector: 'energy', idDatasetId: 'fashion', value: 5.2, author: 'Ada', reason: '95%' }, // prettier-ignore
  'thresholds.list': { modelId: 'm-before' },
  'images.query': { scope, filter, sort },
  'images.cells': { scope, refs: [ref] },
  'images.detail': { scope, ref },
  'images.detectors': { scope, ref },
  'images.explain': { modelId: scope.modelId, ref },
  'scores.barred': { modelIds: ['m-before'] },
  'robustness.start': { modelIds: ['m-before', 'm-sparse'], datasetId: 'fashion' },
  'robustness.get': { modelIds: ['m-before'], datasetId: 'fashion' },
  'scores.confusion': { scope },
  'embedding.pca': scope,
  'embedding.umap': scope,
  'compare.models': { modelIds: ['m-before', 'm-sparse'], idDatasetId: 'fashion', oodDatasetIds: ['digits'] }, // prettier-ignore
  'compare.pairs': { before: scope, afterModelId: 'm-sparse', kind: 'regressions' },
  'views.save': { name: 'dark ones', filter, sort },
  'views.remove': { viewId: 'v1' },
  'curation.apply': { selections, action: { type: 'exclude' } },
  'curation.log': page,
  'curation.export': { ...dataset, mode: 'csv', grantId: 'g' },
  'reports.plan': { choice },
  'reports.create': { title: 'Audit', choice },
  'reports.get': { reportId },
  'reports.update': { reportId, fields: { risks: 'Some' }, author: 'Ada' },
  'reports.fixCriterion': { reportId, text: 'Good enough', check: null, replaces: 'k-1', author: 'Ada', note: 'Too strict' }, // prettier-ignore
  'reports.withdrawCriterion': { reportId, criterionId: 'k-2', author: 'Ada', note: 'Not ours' },
  'reports.build': { reportId },
  'reports.pages': { reportId, version: null },
  'reports.finalise': { reportId, status: 'final', author: 'Ada', note: '', signingKey: null },
  'reports.export': { reportId, version: 1, grantId: 'g' },
  'reports.verify': { reportId, version: 1 },
  'reports.createKey': { grantId: 'g' },
  'reports.remove': { reportId },
  'reports.restore': { reportId },
};

describe.each([12, 9500])('the engine on invented data, %i images', (images) => {
  // The answer itself is checked by the fake, against the contract: a failure is a rejection.
  it.each(Object.keys(windowContract) as Name[])(
    'answers %s as the contract says',
    async (name) => {
      const { api } = createFake({ images, running: true, reports: true, experiments: true });
      if (name === 'reports.restore') await api.call('reports.remove', { reportId });
      if (name === 'experiments.start') {
        const { config } = (await options()) as { config: unknown };
        params[name] = { start: { kind: 'finetune', parentId: 'm-before' }, preset: 'quick', finetune: config, seeds: [1, 2], oodDatasetIds: ['digits'] }; // prettier-ignore
      }
      const given = params[name] ?? (/^(training|runs\.start)/u.test(name) && name !== 'training.options' ? await options() : {}); // prettier-ignore
      const call = api.call as (
        name: string,
        params: unknown,
        options?: unknown,
      ) => Promise<unknown>;
      if (name === 'jobs.watch') {
        const controller = new AbortController();
        const seen: unknown[] = [];
        const watching = call(name, {}, { signal: controller.signal, onEvent: (event: unknown) => seen.push(event) }); // prettier-ignore
        await Promise.resolve().then(() => Promise.resolve());
        controller.abort();
        await expect(watching).rejects.toMatchObject({ code: 'cancelled' });
        expect(seen).toHaveLength(1);
      } else await expect(call(name, given)).resolves.not.toBeUndefined();
    },
  );
});

describe('an empty workspace', () => {
  it('has neither datasets nor models', async () => {
    const { api } = createFake({ images: 0 });
    expect(await api.call('datasets.list', {})).toEqual([]);
    expect(await api.call('models.list', {})).toEqual([]);
  });
});
