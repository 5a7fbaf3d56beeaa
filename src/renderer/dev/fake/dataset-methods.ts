import type { DatasetCard, DatasetImage } from '../../../contract/datasets.ts';
import { RemoteError } from '../../../rpc/errors.ts';
import type { Curation } from './curation-methods.ts';
import { pretend, type JobList } from './live.ts';
import { uniform } from './random.ts';
import type { Part } from './types.ts';
import { TIME, type World } from './world.ts';

export const pathOf = (world: World, datasetId: string, ordinal: number): string => {
  const className = world.classOf(datasetId, ordinal);
  const file = `${String(ordinal).padStart(6, '0')}.png`;
  return className === null ? file : `${className}/${file}`;
};

export function datasetMethods(
  world: World,
  jobs: JobList,
  curation: Curation,
  stepMs: number,
): Part<'datasets'> {
  const get = (datasetId: string): DatasetCard => {
    const found = world.datasets.get(datasetId);
    if (!found) throw new RemoteError('not-found', `Dataset ${datasetId}: not registered. Reload the list.`); // prettier-ignore
    return { ...found, excluded: curation.excludedOf(datasetId) };
  };
  const change = (datasetId: string, changes: Partial<DatasetCard>): DatasetCard => {
    world.datasets.set(datasetId, { ...get(datasetId), ...changes });
    return get(datasetId);
  };
  const image = (datasetId: string, ordinal: number): DatasetImage => ({
    ordinal,
    path: pathOf(world, datasetId, ordinal),
    className: world.classOf(datasetId, ordinal),
    split: world.splitOf(datasetId, ordinal),
    bytes: 700 + (ordinal % 300),
    width: 28,
    height: 28,
    sha256: `${ordinal.toString(16).padStart(8, '0')}${'0'.repeat(56)}`,
    status: curation.stateOf({ datasetId, ordinal }).excluded ? 'excluded' : 'ok',
    reason: '',
    flags: uniform(11, ordinal) < 0.01 ? ['dark'] : [],
  });

  return {
    'datasets.list': () => [...world.datasets.keys()].map(get),
    'datasets.get': ({ datasetId }) => get(datasetId),
    'datasets.preview': ({ grantId }) => ({
      kind: 'folder',
      name: grantId.replace(/^grant-/u, ''),
      displayPath: `/data/${grantId.replace(/^grant-/u, '')}`,
      guessedRole: grantId.includes('ood') ? 'ood' : 'id',
      guessedNearFar: grantId.includes('ood') ? 'near' : null,
      registeredAs: null,
      overlaps: null,
      problem: grantId.includes('text')
        ? 'There are no images in this folder. Choose one that holds images.'
        : null,
    }),
    'datasets.register': async ({ grantId, name, role, nearFar }, context) => {
      const title = name ?? grantId.replace(/^grant-/u, '');
      await pretend(jobs, { kind: 'scan', title: `Scan ${title}`, images: 1200, stepMs }, context);
      const id = title.replaceAll(/[^A-Za-z0-9._-]/gu, '-').slice(0, 60);
      const model = world.datasets.values().next().value;
      const dataset: DatasetCard = {
        id,
        name: title,
        role: role === 'auto' ? 'ood' : role,
        nearFar: nearFar ?? null,
        format: 'folder',
        root: `/data/${title}`,
        reachable: true,
        classes: [],
        discovered: 1203,
        ok: 1200,
        failed: 3,
        excluded: 0,
        symlinksSkipped: 0,
        otherFiles: 0,
        bytes: 4_100_000,
        splits: { train: 0, val: 0, test: 1200 },
        splitSource: 'none',
        splitSeed: 1,
        sizes: [{ width: 64, height: 64, count: 1200 }],
        fingerprint: model?.fingerprint ?? 'f00d',
        scannedAt: TIME,
        analysis: null,
        sample: Uint32Array.from({ length: 24 }, (_, at) => at * 50),
        removedAt: null,
      };
      world.datasets.set(id, dataset);
      return { dataset, drift: null };
    },
    'datasets.rescan': async ({ datasetId }, context) => {
      const { name, ok } = get(datasetId);
      await pretend(jobs, { kind: 'scan', title: `Scan ${name}`, images: ok, stepMs }, context);
      return {
        dataset: get(datasetId),
        drift: { added: 2, removed: 1, changed: 0, examples: { added: ['new-1.png', 'new-2.png'], removed: ['old.png'], changed: [] } }, // prettier-ignore
      };
    },
    'datasets.analyse': async ({ datasetId }, context) => {
      const { name, ok } = get(datasetId);
      await pretend(
        jobs,
        { kind: 'analyse', title: `Analyse ${name}`, images: ok, stepMs },
        context,
      );
      return get(datasetId);
    },
    'datasets.update': ({ datasetId, name, nearFar }) =>
      change(datasetId, {
        ...(name === undefined ? {} : { name }),
        ...(nearFar === undefined ? {} : { nearFar }),
      }),
    'datasets.setRole': async ({ datasetId, role }, context) => {
      const { name, ok } = get(datasetId);
      await pretend(jobs, { kind: 'scan', title: `Scan ${name}`, images: ok, stepMs }, context);
      return change(datasetId, { role });
    },
    'datasets.setSplit': ({ datasetId, seed, fractions }) => {
      const { ok } = get(datasetId);
      const val = Math.round(ok * fractions.val);
      const test = Math.round(ok * fractions.test);
      return change(datasetId, { splitSeed: seed, splits: { train: ok - val - test, val, test } });
    },
    'datasets.remove': ({ datasetId }) => {
      change(datasetId, { removedAt: TIME });
      return null;
    },
    'datasets.restore': ({ datasetId }) => change(datasetId, { removedAt: null }),
    'datasets.images': ({ datasetId, status, split, className, flag, text, offset, limit }) => {
      const { ok, failed } = get(datasetId);
      if (status === 'failed') {
        const images = Array.from({ length: failed }, (_, at) => ({
          ...image(datasetId, ok + at),
          path: `broken-${at}.jpg`,
          status: 'failed' as const,
          reason: ['The file is empty.', 'The file ends in the middle of the image.', 'HEIC is not supported. Convert it to JPEG or PNG.'][at % 3]!, // prettier-ignore
        }));
        return { total: failed, images: images.slice(offset, offset + limit) };
      }
      const found: DatasetImage[] = [];
      let total = 0;
      for (let ordinal = 0; ordinal < ok; ordinal++) {
        const one = image(datasetId, ordinal);
        if (status && one.status !== status) continue;
        if (split && one.split !== split) continue;
        if (className !== undefined && one.className !== className) continue;
        if (flag && !one.flags.includes(flag)) continue;
        if (text && !one.path.toLowerCase().includes(text.toLowerCase())) continue;
        if (total >= offset && found.length < limit) found.push(one);
        total++;
      }
      return { total, images: found };
    },
    'datasets.problems': ({ datasetId, kind, offset, limit }) => {
      const { analysis, failed, ok } = get(datasetId);
      const totals = {
        failed,
        'exact-duplicates': Math.floor((analysis?.exactDuplicates ?? 0) / 2),
        'near-duplicates': Math.floor((analysis?.nearDuplicates ?? 0) / 2),
        leakage: analysis?.leaks.reduce((sum, leak) => sum + leak.exact + leak.near, 0) ?? 0,
        quality: analysis?.flagged ?? 0,
      };
      const total = totals[kind];
      const groups = Array.from(
        { length: Math.max(0, Math.min(limit, total - offset)) },
        (_, at) => {
          const first = ((offset + at) * 97) % ok;
          const size = kind === 'quality' || kind === 'failed' ? 1 : 2;
          return {
            title: kind === 'quality' ? 'dark' : `Group ${offset + at + 1}`,
            images: Array.from({ length: size }, (__, copy) => ({
              ref: { datasetId, ordinal: (first + copy * 13) % ok },
              path: pathOf(world, datasetId, (first + copy * 13) % ok),
              note: kind === 'leakage' ? (copy === 0 ? 'train' : 'test') : '',
            })),
          };
        },
      );
      return { total, groups };
    },
    'datasets.excludeCopies': ({ selections, reason }) => {
      const entry = curation.apply(selections, { type: 'exclude' }, '', reason);
      return { entryId: entry.id, images: entry.images };
    },
    'datasets.excludeLeaks': ({ datasetId, which }) => {
      const { analysis } = get(datasetId);
      const leaks = analysis?.leaks ?? [];
      const images = leaks.reduce((sum, { exact, near }) => sum + exact + (which === 'all' ? near : 0), 0); // prettier-ignore
      if (images > 0) {
        const ordinals = Uint32Array.from({ length: images }, (_, at) => at * 7 + 1);
        curation.apply([{ datasetId, ordinals }], { type: 'exclude' }, '', 'leakage: same image as in another part'); // prettier-ignore
        const left = leaks.map((leak) => ({ ...leak, exact: 0, near: which === 'all' ? 0 : leak.near })); // prettier-ignore
        change(datasetId, {
          analysis: analysis && { ...analysis, leaks: left.filter(({ near }) => near > 0) },
        });
      }
      return { images };
    },
  };
}
