/** The invented workspace: which datasets, models and scores there are. */
import type { DatasetCard } from '../../../contract/datasets.ts';
import type { EpochRecord, ModelSummary, TrainingConfig } from '../../../contract/training.ts';
import { normal, seedOf, uniform } from './random.ts';

export interface WorldOptions {
  /** Of all datasets together; 0 is an empty workspace. */
  readonly images: number;
  /** Models are there too; without images there are none. */
  readonly models?: boolean;
}

export interface World {
  readonly datasets: Map<string, DatasetCard>;
  readonly models: Map<string, ModelSummary>;
  /** S of every image of a set under a model, larger = more in-distribution. */
  scores(modelId: string, datasetId: string): Float64Array;
  classOf(datasetId: string, ordinal: number): string | null;
  predictedOf(modelId: string, datasetId: string, ordinal: number): string;
  splitOf(datasetId: string, ordinal: number): 'train' | 'val' | 'test' | null;
}

export const TIME = '2026-08-14T09:30:00.000Z';
const LONG_CLASS = 'Pullover, knitted, with a roll neck and a pattern on the front';
export const CLASSES = [
  'T-shirt',
  'Trouser',
  LONG_CLASS,
  'Dress',
  'Coat',
  'Sandal',
  'Shirt',
  'Sneaker',
  'Bag',
  'Ankle boot',
] as const;

export const CONFIG: TrainingConfig = {
  objective: 'cross-entropy',
  lambda: 0,
  epochs: 12,
  batchSize: 128,
  learningRate: 0.1,
  schedule: { kind: 'cosine', final: 0 },
  momentum: 0.9,
  nesterov: true,
  weightDecay: 0.0005,
  augmentation: { cropPadding: 4, flip: true },
  seed: 1,
  keep: 'last',
  precision: 'fp32',
};

export function epochsOf(count: number, seed: number, sparse = false): EpochRecord[] {
  return Array.from({ length: count }, (_, epoch) => {
    const come = 1 - Math.exp(-(epoch + 1) / 4);
    const wobble = normal(seed, epoch) * 0.006;
    return {
      epoch: epoch + 1,
      learningRate: 0.05 * (1 + Math.cos((Math.PI * epoch) / count)),
      trainLoss: 2.3 - 2.05 * come + wobble,
      trainAccuracy: 0.1 + 0.86 * come + wobble,
      valLoss: 2.3 - 1.9 * come + wobble * 3,
      valAccuracy: 0.1 + 0.815 * come + wobble * 2,
      featureL1: sparse ? 18 - 11 * come : 19 + come,
      meanEnergy: -(4 + 6 * come),
    };
  });
}

function card(
  given: Pick<DatasetCard, 'id' | 'name' | 'role' | 'nearFar'> & { readonly images: number },
): DatasetCard {
  const { images, ...named } = given;
  const { role } = named;
  const isId = role === 'id';
  const splits = isId
    ? { train: Math.round(images * 0.65), val: Math.round(images * 0.1), test: 0 }
    : { train: 0, val: 0, test: images };
  if (isId) splits.test = images - splits.train - splits.val;
  const failed = images > 50 ? 3 : 0;
  const share = (total: number, at: number): number =>
    Math.floor(total / CLASSES.length) + (at < total % CLASSES.length ? 1 : 0);
  return {
    ...named,
    format: isId ? 'idx' : 'folder',
    root: `/data/${named.name}`,
    reachable: true,
    classes: isId
      ? CLASSES.map((name, at) => ({
          name,
          train: share(splits.train, at),
          val: share(splits.val, at),
          test: share(splits.test, at),
        }))
      : [],
    discovered: images + failed,
    ok: images,
    failed,
    excluded: 0,
    symlinksSkipped: 0,
    otherFiles: 1,
    bytes: images * 780,
    splits,
    splitSource: isId ? 'seeded' : 'none',
    splitSeed: 1,
    sizes: [{ width: 28, height: 28, count: images }],
    fingerprint: 'a3f1c2d4e5b60718293a4b5c6d7e8f90a1b2c3d4e5f60718293a4b5c6d7e8f90',
    scannedAt: TIME,
    analysis: {
      exactDuplicates: Math.floor(images / 800),
      nearDuplicates: Math.floor(images / 300),
      flagged: Math.floor(images / 60),
      flags: [
        { flag: 'dark', count: Math.floor(images / 120) },
        { flag: 'blurry', count: Math.floor(images / 200) },
        { flag: 'low-information', count: Math.floor(images / 300) },
      ],
      leaks:
        isId && images > 1000
          ? [{ between: 'train / test', otherDatasetId: null, exact: 2, near: 9 }]
          : [],
      analysedAt: TIME,
    },
    sample: Uint32Array.from({ length: Math.min(24, images) }, (_, at) =>
      Math.floor((at * images) / Math.min(24, images)),
    ),
    removedAt: null,
  };
}

function model(
  given: Pick<ModelSummary, 'id' | 'name' | 'parentId' | 'role' | 'objective' | 'lambda' | 'seed'>,
  scored: readonly string[],
): ModelSummary {
  return {
    ...given,
    datasetId: 'fashion',
    preset: 'quick',
    network: 'wrn-16-2',
    classes: [...CLASSES],
    inputSize: 28,
    parameters: 691_674,
    multiplyAdds: 101_000_000,
    sizeBytes: 2_768_000,
    weightsSha256: `${seedOf(given.id).toString(16).padStart(8, '0')}c2d4e5b60718293a4b5c6d7e8f90a1b2c3d4e5f60718293a4b5c6d7e`,
    epochs: epochsOf(12, given.seed, given.role === 'sparse'),
    config: { ...CONFIG, lambda: given.lambda, seed: given.seed },
    wallSeconds: 412,
    stopReason: 'all epochs done',
    tier: 'cpu',
    createdAt: TIME,
    scoredDatasetIds: [...scored],
    removedAt: null,
  };
}

/** Mean and spread of S by role of model and kind of set: separated a little more by the sparse one. */
const SHAPES = {
  before: { id: [9.4, 2.3], near: [7.2, 2.1], far: [5.1, 1.9] },
  control: { id: [9.9, 2.2], near: [7.3, 2.1], far: [5.0, 1.8] },
  sparse: { id: [10.6, 2.1], near: [6.6, 1.9], far: [3.9, 1.6] },
  'batch-norm': { id: [9.2, 2.4], near: [7.3, 2.2], far: [5.4, 2] },
  other: { id: [9, 2.4], near: [7.2, 2.2], far: [5.3, 2] },
} as const;

export function createWorld({ images, models: withModels = true }: WorldOptions): World {
  const ood = Math.floor(images / 10);
  const cards =
    images === 0
      ? []
      : [
          card({ id: 'fashion', name: 'fashion', role: 'id', nearFar: null, images: images - 3 * ood }), // prettier-ignore
          card({ id: 'photographs', name: 'photographs', role: 'ood', nearFar: 'near', images: ood }), // prettier-ignore
          card({ id: 'digits', name: 'digits', role: 'ood', nearFar: 'far', images: ood }),
          card({ id: 'textures', name: 'textures', role: 'ood', nearFar: 'far', images: ood }),
        ];
  const datasets = new Map(cards.map((one) => [one.id, one]));
  const all = [...datasets.keys()];
  const made =
    images === 0 || !withModels
      ? []
      : [
          model({ id: 'm-before', name: 'Pretrained', parentId: null, role: 'before', objective: 'cross-entropy', lambda: 0, seed: 1 }, all), // prettier-ignore
          model({ id: 'm-control', name: 'Fine-tuned, λ = 0', parentId: 'm-before', role: 'control', objective: 'sparsity', lambda: 0, seed: 1 }, all), // prettier-ignore
          model({ id: 'm-sparse', name: 'Fine-tuned, λ = 0.001', parentId: 'm-before', role: 'sparse', objective: 'sparsity', lambda: 0.001, seed: 1 }, all), // prettier-ignore
          model({ id: 'm-sparse-2', name: 'Fine-tuned, λ = 0.001, seed 2', parentId: 'm-before', role: 'sparse', objective: 'sparsity', lambda: 0.001, seed: 2 }, []), // prettier-ignore
        ];
  const models = new Map(made.map((one) => [one.id, one]));

  const cache = new Map<string, Float64Array>();
  function scores(modelId: string, datasetId: string): Float64Array {
    const key = `${modelId}/${datasetId}`;
    const known = cache.get(key);
    if (known) return known;
    const set = datasets.get(datasetId)!;
    const kind = set.role === 'id' ? 'id' : (set.nearFar ?? 'far');
    const [mean, std] = SHAPES[models.get(modelId)?.role ?? 'other'][kind];
    const shift = datasetId === 'textures' ? -0.7 : 0;
    const seed = seedOf(datasetId);
    // The models agree on which images are odd, not on how much.
    const own = seedOf(key);
    const made = Float64Array.from(
      { length: set.ok },
      (_, at) => mean + shift + std * (0.85 * normal(seed, at) + 0.5 * normal(own, at)),
    );
    cache.set(key, made);
    return made;
  }
  const classOf: World['classOf'] = (datasetId, ordinal) =>
    datasets.get(datasetId)?.role === 'id' ? CLASSES[ordinal % CLASSES.length]! : null;
  const predictedOf: World['predictedOf'] = (modelId, datasetId, ordinal) => {
    const own = classOf(datasetId, ordinal);
    const luck = uniform(seedOf(modelId + datasetId), ordinal);
    if (own !== null && luck < 0.91) return own;
    return CLASSES[Math.floor(luck * 7919) % CLASSES.length]!;
  };
  const splitOf: World['splitOf'] = (datasetId, ordinal) => {
    const set = datasets.get(datasetId);
    if (set?.role !== 'id') return null;
    const share = (ordinal * 0.618034) % 1;
    return share < 0.65 ? 'train' : share < 0.75 ? 'val' : 'test';
  };
  return { datasets, models, scores, classOf, predictedOf, splitOf };
}
