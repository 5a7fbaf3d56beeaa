/** An audit of made-up scores, computed by the real code: for tests of what is drawn from it. */
import type { ImageRecord, Manifest } from '../../src/core/datasets/types.ts';
import { architectureOf } from '../../src/core/model/architecture.ts';
import { Random } from '../../src/core/random.ts';
import type { AuditWithImages, ModelRole } from '../../src/core/report/audit.ts';
import { energiesOf, energy } from '../../src/core/score/energy.ts';
import { predictions } from '../../src/core/score/predictions.ts';
import { featureStatistics } from '../../src/core/score/sparsity.ts';
import { PRESETS } from '../../src/core/train/config.ts';
import { buildAudit, type ScoredModel } from '../../src/core/workflow/build-audit.ts';
import type { ScoredSet } from '../../src/core/workflow/score-model.ts';

export interface FixtureOptions {
  readonly classes?: readonly string[];
  readonly oodNames?: readonly string[];
  readonly idTest?: number;
  readonly oodImages?: number;
  readonly control?: boolean;
  /** Path of an image, by its number. */
  readonly pathOf?: (i: number) => string;
  readonly failures?: number;
}

export async function auditFixture(options: FixtureOptions = {}): Promise<AuditWithImages> {
  const {
    classes = ['ankle boot', 'bag', 'coat'],
    oodNames = ['digits', 'textures'],
    idTest = 60,
    oodImages = 40,
    control = true,
    pathOf = (i) => `images/${i}.png`,
    failures = 0,
  } = options;
  const record = (i: number, split: ImageRecord['split'], ok = true): ImageRecord => ({
    path: pathOf(i),
    classIndex: split === null ? null : i % classes.length,
    split,
    bytes: 900 + i,
    width: 28,
    height: 28,
    sha256: ok ? (0x1000 + i).toString(16).padStart(64, '0') : '',
    status: ok ? 'ok' : 'failed',
    reason: ok ? '' : 'file is empty',
  });
  const manifest = (name: string, images: ImageRecord[], role: 'id' | 'ood'): Manifest => ({
    schema: 'straylight.manifest/1',
    name,
    root: `/nowhere/${name}`,
    role,
    format: 'folder',
    classes: role === 'id' ? classes : [],
    images,
    symlinksSkipped: 0,
    otherFiles: 0,
    splitSource: role === 'id' ? 'seeded' : 'none',
    splitSeed: 1,
    fingerprint: 'ab'.repeat(32),
    scannedAt: '2026-01-02T03:04:05.000Z',
  });
  const splits = [
    ...Array.from({ length: 90 }, () => 'train' as const),
    ...Array.from({ length: 40 }, () => 'val' as const),
    ...Array.from({ length: idTest }, () => 'test' as const),
  ];
  const idManifest = manifest(
    'clothes',
    [
      ...splits.map((split, i) => record(i, split)),
      ...Array.from({ length: failures }, (_, i) => record(10_000 + i, null, false)),
    ],
    'id',
  );
  const oodManifests = oodNames.map((name, s) =>
    manifest(
      name,
      Array.from({ length: oodImages }, (_, i) => record(1000 * (s + 1) + i, null)),
      'ood',
    ),
  );

  /** Confident on ID, less so on OOD; the gap differs between roles. */
  const scored = (
    set: Manifest,
    split: 'val' | 'test' | null,
    gap: number,
    seed: number,
  ): ScoredSet => {
    const records = set.images.filter(
      (i) => i.status === 'ok' && (split === null || i.split === split),
    );
    const random = new Random(seed, records.length);
    const width = classes.length;
    const data = Float32Array.from({ length: records.length * width }, (_, k) => {
      const own = records[Math.floor(k / width)]!.classIndex === k % width;
      return random.normal() + (own ? gap : 0);
    });
    const logits = { data, count: records.length, classes: width };
    const features = Float32Array.from({ length: records.length * 8 }, () =>
      Math.max(0, random.normal()),
    );
    return {
      manifest: set,
      split,
      records,
      block: { count: 0, size: 28, data: new Uint8Array(0) },
      failures: [],
      logits,
      energies: energiesOf(energy.score({ logits })),
      ...predictions(logits),
      features: featureStatistics({ data: features, count: records.length, units: 8 }),
    };
  };
  const architecture = architectureOf('wrn-10-1', { classes: classes.length, inputSize: 28 });
  const model = (role: ModelRole, gap: number): ScoredModel => {
    const config = role === 'before' ? PRESETS.quick.pretrain : PRESETS.quick.finetune;
    const seed = { before: 1, control: 2, sparse: 3 }[role];
    return {
      role,
      info: {
        schema: 'straylight.model/1',
        id: `m-20260102-${role}`,
        name: role,
        createdAt: '2026-01-02T03:04:05.000Z',
        architecture,
        classes: [...classes],
        decode: { size: 28, resize: 'stretch' },
        normalisation: { mean: [0.5, 0.5, 0.5], std: [0.2, 0.2, 0.2] },
        preset: 'quick',
        config: {
          ...config,
          lambda: role === 'sparse' ? 0.02 : 0,
        } as ScoredModel['info']['config'],
        history: Array.from({ length: config.epochs }, (_, e) => ({
          epoch: e + 1,
          learningRate: 0.1,
          trainLoss: 2 / (e + 1),
          trainAccuracy: 1 - 1 / (e + 2),
          valLoss: 2.1 / (e + 1),
          valAccuracy: 1 - 1.1 / (e + 2),
          featureL1: 30 - e,
          meanEnergy: -5,
        })),
        wallSeconds: 61,
        stopReason: 'finished',
        lineage: {
          parentId: role === 'before' ? null : 'm-20260102-before',
          parentWeightsSha256: null,
          datasetId: 'd-1',
          datasetFingerprint: 'ab'.repeat(32),
        },
        madeWith: { app: '0.0.0', tier: 'cpu', tensorflow: '0' },
        weightsSha256: 'cd'.repeat(32),
      },
      idVal: scored(idManifest, 'val', gap, seed),
      idTest: scored(idManifest, 'test', gap, seed + 10),
      ood: oodManifests.map((set, s) => scored(set, null, 0, seed + 20 + s)),
    };
  };
  return buildAudit({
    id: 'a-20260102-fixture',
    title: 'Clothes',
    createdAt: '2026-01-02T03:04:05.000Z',
    command: 'straylight audit',
    environment: {
      app: '0.0.0',
      tier: 'cpu',
      tensorflow: '2.21.0',
      tfjs: '4.22.0',
      node: '24.0.0',
      os: 'Linux',
      cpu: 'a processor',
      threads: 2,
      cuda: null,
      driver: null,
    },
    idManifest,
    models: [model('before', 3), ...(control ? [model('control', 3.2)] : []), model('sparse', 4)],
    bootstrap: { samples: 200, seed: 1 },
    wallSeconds: 12,
  });
}
