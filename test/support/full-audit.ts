/** The fixture's audit with something in every field: for tests of what is drawn and checked of it. */
import type {
  Audit,
  DatasetResult,
  GalleryImage,
  ModelResult,
  Supplied,
} from '../../src/core/report/audit.ts';
import { hashAt, labelAt, scoredRows, type ReportColumns } from '../../src/core/report/columns.ts';
import { auditFixture, type FixtureOptions, type FixtureReport } from './audit-fixture.ts';

const TIME = '2026-01-01T09:00:00.000Z';
const HASH = 'ef'.repeat(32);
const words = (text: string): Supplied => ({ text, author: 'M. Weber', time: TIME });

export async function fullAuditFixture(options: FixtureOptions = {}): Promise<FixtureReport> {
  const { audit, columns } = await auditFixture(options);
  return { audit: filled(audit, columns), columns };
}

function filled(audit: Audit, columns: ReportColumns): Audit {
  const [id] = [audit.idDataset];
  const sets = [id, ...audit.oodDatasets];
  const roles = audit.models.map(({ role }) => role);
  const [before, sparse] = [audit.models[0]!, audit.models.at(-1)!];
  const control = audit.models.find(({ role }) => role === 'control') ?? null;
  const gallery = (dataset: string, n: number): GalleryImage[] => {
    const set = columns.sets.find(({ name }) => name === dataset)!;
    return [...scoredRows(set, null).subarray(0, n)].map((row, i) => ({
      dataset,
      path: set.paths[row]!,
      sha256: hashAt(set, row),
      label: labelAt(set, row),
      perModel: audit.models.map((model, m) => ({
        role: model.role,
        predicted: model.classes[set.models[m]!.predicted[row]!]!,
        confidence: set.models[m]!.confidence[row]!,
        energy: set.models[m]!.energy[row]!,
        rank: 0.9 - 0.1 * m,
        kept: -set.models[m]!.energy[row]! >= model.threshold,
      })),
      change: -0.1 - 0.01 * i,
      parts: id.classes.map((name, c) => ({ class: name, logit: 3 - c, share: [0.7, 0.2, 0.1][c] ?? 0 })), // prettier-ignore
      saliency: { width: 4, height: 4, data: Buffer.from(Array.from({ length: 16 }, (_, p) => p * 17)).toString('base64') }, // prettier-ignore
    }));
  };
  const firstOod = audit.oodDatasets[0]!.name;
  return {
    ...audit,
    timeZone: 'Europe/Berlin',
    cover: {
      author: 'M. Weber',
      reviewer: 'Dr. Ø. Łukasik',
      organisation: 'Works 7',
      status: 'final',
      version: 2,
    },
    environment: { ...audit.environment, tier: 'cuda', cuda: '12.5', driver: '555.42' },
    idDataset: filledSet(id, null),
    oodDatasets: audit.oodDatasets.map((set, i) => filledSet(set, i % 2 === 0 ? 'near' : 'far')),
    models: audit.models.map((model) => filledModel(model, audit)),
    headlines: [
      {
        metric: 'fpr95',
        label: 'Mean FPR95 over the OOD sets',
        lowerIsBetter: true,
        before: before.scores[0]!.averageIntervals.fpr95,
        control: control?.scores[0]!.averageIntervals.fpr95 ?? null,
        sparse: sparse.scores[0]!.averageIntervals.fpr95,
        againstBefore: audit.verdict.againstBefore,
        againstControl: audit.verdict.againstControl,
      },
      {
        metric: 'id-accuracy',
        label: 'ID accuracy',
        lowerIsBetter: false,
        before: before.idAccuracy,
        control: control?.idAccuracy ?? null,
        sparse: sparse.idAccuracy,
        againstBefore: audit.verdict.accuracyChange,
        againstControl: null,
      },
    ],
    topRisks: ['One seed only.', 'Two OOD sets.', 'Small sets.'],
    statements: {
      intendedUse: words('Sorts returned clothes on line 3. A person looks at what is rejected.'),
      outOfScopeUse: words('Not for pricing.'),
      audited: words('The classifier and its threshold.'),
      notAudited: words('The camera and its lighting.'),
      licence: words('Internal use.'),
      risks: words('Shoes in bags may pass.\nSecond line, with ünïcode: 服装.'),
      actions: words('Repeat with three seeds before the summer.'),
      oversight: words('The shift lead sees every rejected image.'),
      monitoring: words('More than 8% rejected in a day: a new audit.'),
      acceptanceCriteria: [
        {
          text: 'At most 30% of digits accepted',
          check: { metric: 'fpr95', dataset: firstOod, relation: 'at most', value: 0.3 },
          author: 'M. Weber',
          fixedAt: TIME,
          beforeTest: true,
          withdrawn: null,
          result: {
            value: sparse.scores[0]!.perSet[0]!.fpr95.value,
            interval: sparse.scores[0]!.perSet[0]!.fpr95,
            outcome: 'met',
          },
        },
        {
          text: 'The line lead agrees',
          check: null,
          author: 'M. Weber',
          fixedAt: '2026-01-03T09:00:00.000Z',
          beforeTest: false,
          withdrawn: {
            author: 'M. Weber',
            time: '2026-01-03T10:00:00.000Z',
            note: 'it was said twice',
          },
          result: null,
        },
      ],
      datasets: sets.map(({ name }) => ({
        dataset: name,
        source: words(`Where ${name} is from`),
        licence: words('CC BY 4.0'),
        collection: words('Photographed in 2025.'),
      })),
      preparer: { name: 'M. Weber', role: 'engineer', date: '2026-01-04' },
      reviewer: { name: 'Dr. Ø. Łukasik', role: 'quality', date: '2026-01-05' },
    },
    sharing: [
      { between: 'ID train and ID test', exact: 2, near: 5 },
      ...audit.oodDatasets.map(({ name }) => ({ between: `ID and ${name}`, exact: 0, near: 1 })),
    ],
    curation: {
      entries: [
        {
          id: 'e-1',
          time: TIME,
          author: 'M. Weber',
          kind: 'apply',
          action: 'exclude',
          reason: 'two garments in one picture',
          target: null,
          inForce: false,
          images: [{ dataset: id.name, images: 3 }],
        },
        {
          id: 'e-2',
          time: TIME,
          author: 'M. Weber',
          kind: 'undo',
          action: 'take back',
          reason: '',
          target: 'e-1',
          inForce: true,
          images: [{ dataset: id.name, images: 3 }],
        },
        {
          id: 'e-3',
          time: TIME,
          author: 'A. Ng',
          kind: 'apply',
          action: 'relabel as bag',
          reason: 'it is a bag',
          target: null,
          inForce: true,
          images: [{ dataset: id.name, images: 1 }],
        },
      ],
      entriesTotal: 3,
      totals: sets.map(({ name, ok, excluded }) => ({
        dataset: name,
        before: { usable: ok, excluded },
        after: { usable: ok, excluded, relabelled: name === id.name ? 1 : 0 },
      })),
    },
    protocol: {
      name: 'Own sets',
      description: 'The ID test images against every OOD set, one at a time.',
      orientation: 'Scores are larger for images that are more in-distribution: S = -E.',
      positiveClass: 'ID is positive in FPR95 and AUPR-In; OOD is in FPR95 (OOD+) and AUPR-Out.',
      ties: 'Equal scores count as one step.',
      intervals: 'Percentile bootstrap.',
      subsampling: 'None.',
      thresholdSource: 'ID validation images only.',
      tuning: { testDataUsed: false, statement: 'No test image tuned anything.' },
      nearFar: 'Near sets resemble the ID classes.',
      detectors: [
        {
          id: 'energy',
          label: 'Energy',
          formula: 'S = log Σ exp f_k',
          source: 'Liu et al. 2020',
          sourceUrl: 'https://arxiv.org/abs/2010.03759',
          orientation: 'E = -S',
          cost: 'none',
          assumes: 'logits that were not normalised',
          fits: null,
          hyperparameters: [],
        },
        {
          id: 'knn',
          label: 'KNN',
          formula: 'S = -‖z - z_k‖',
          source: 'Sun et al. 2022',
          sourceUrl: null,
          orientation: 'distance = -S',
          cost: 'a search in the training features',
          assumes: 'training images',
          fits: 'training features',
          hyperparameters: [{ name: 'k', label: 'neighbours', value: 50 }],
        },
      ],
    },
    protocolResults: [],
    seeds: [
      {
        label: 'Sparse, λ = 0.02',
        seeds: [1, 2, 3],
        modelIds: ['m-1', 'm-2', 'm-3'],
        fpr95: { mean: 0.31, std: 0.004 },
        auroc: { mean: 0.93, std: 0.002 },
        accuracy: { mean: 0.91, std: 0.001 },
      },
    ],
    distributions: {
      detector: 'energy',
      axis: 'energy E(x)',
      edges: [-6, -4, -2, 0, 2],
      perModel: audit.models.map(({ role, threshold }) => ({
        role,
        threshold: -threshold,
        sets: sets.map(({ name }, i) => ({ dataset: name, counts: i === 0 ? [30, 20, 8, 2] : [4, 10, 16, 10] })), // prettier-ignore
      })),
    },
    curves: audit.oodDatasets.flatMap(({ name }) =>
      roles.map((role, m) => ({
        dataset: name,
        role,
        roc: { x: [0, 0.1, 0.4, 1], y: [0, 0.6 + 0.05 * m, 0.9, 1] },
        pr: { x: [0.1, 0.6, 1], y: [1, 0.9, 0.6] },
      })),
    ),
    flips: (control ? (['before', 'control'] as const) : (['before'] as const)).flatMap((against) =>
      sets.map((set, i) => ({
        against,
        dataset: set.name,
        n: 60,
        bothKept: 40,
        bothRejected: 10,
        nowKept: 6,
        nowRejected: 4,
        nowRight: i === 0 ? 3 : null,
        nowWrong: i === 0 ? 2 : null,
      })),
    ),
    sparsity: audit.models.flatMap(({ role }) =>
      sets.map(({ name }) => ({
        role,
        dataset: name,
        n: 60,
        meanL1: 3.2,
        stdL1: 0.4,
        meanHoyer: 0.45,
        stdHoyer: 0.05,
      })),
    ),
    galleries: {
      worstId: gallery(id.name, 8),
      mostAcceptedOod: gallery(firstOod, 8),
      regressions: gallery(id.name, 4),
      rescues: gallery(firstOod, 4),
    },
    robustness: {
      images: 60,
      seed: 1,
      detector: 'energy',
      source: 'Hendrycks & Dietterich 2019, at this image size',
      perModel: roles.map((role) => ({
        role,
        clean: { accuracy: 0.9, keptAtThreshold: 0.95, meanEnergy: -5 },
        cells: ['gaussian noise', 'blur', 'brightness', 'JPEG'].flatMap((corruption, c) =>
          [1, 2, 3, 4, 5].map((severity) => ({
            corruption,
            severity,
            accuracy: 0.9 - 0.05 * severity - 0.02 * c,
            keptAtThreshold: 0.95 - 0.08 * severity,
            meanEnergy: -5 + 0.3 * severity,
          })),
        ),
      })),
    },
    limitations: [
      { id: 'leakage', severity: 'serious', text: '2 identical images in ID train and ID test.' },
      { id: 'small-sets', severity: 'moderate', text: 'Fewer than 500 images: digits (40).' },
      { id: 'one-seed', severity: 'note', text: 'One seed only.' },
    ],
    reproducibility: {
      deterministic: true,
      determinism: 'Deterministic operations were on.',
      rerun: { images: 60, model: sparse.id, largestDifference: 1.2e-6, tolerance: 1e-4 },
      command: 'straylight report --config audit.yaml',
      config: '{"models":{"before":"a"}}',
      configSha256: HASH,
    },
    evidence: [
      {
        framework: 'EU AI Act',
        reference: 'Annex IV 2(g)',
        asks: 'Validation and testing procedures, metrics, test logs',
        section: 11,
        status: 'present',
        note: 'Results per set with intervals.',
      },
      {
        framework: 'NIST AI RMF',
        reference: 'MEASURE 2.5',
        asks: 'The system is valid and reliable; limits are documented',
        section: 16,
        status: 'partial',
        note: 'Robustness was run on corruptions only.',
      },
      {
        framework: 'EU AI Act',
        reference: 'Art. 15',
        asks: 'Cybersecurity',
        section: 17,
        status: 'absent',
        note: '',
      },
    ],
    versions: [
      {
        version: 1,
        time: TIME,
        author: 'M. Weber',
        status: 'draft',
        note: 'first',
        reportSha256: HASH,
      },
      {
        version: 2,
        time: '2026-01-02T03:04:05.000Z',
        author: 'M. Weber',
        status: 'final',
        note: '',
        reportSha256: null,
      },
    ],
    attachments: [{ name: 'camera.pdf', bytes: 12_345, sha256: HASH, note: 'data sheet' }],
  };
}

function filledSet(set: DatasetResult, nearFar: DatasetResult['nearFar']): DatasetResult {
  const each = Math.floor(set.ok / Math.max(1, set.classes.length));
  return {
    ...set,
    id: `d-${set.name}`,
    nearFar,
    relabelled: set.role === 'id' ? 1 : 0,
    source: `Sources of ${set.name}: made up.`,
    sheet: {
      classBySplit: set.classes.map((name) => ({ class: name, train: 30, val: 13, test: 20, unsplit: 0 })), // prettier-ignore
      width: { smallest: 28, median: 28, largest: 64 },
      height: { smallest: 28, median: 28, largest: 48 },
      sizes: [
        { width: 28, height: 28, images: set.ok - 1 },
        { width: 64, height: 48, images: 1 },
      ],
      otherSizes: 0,
      merkleRoot: HASH,
      merkleLeaves: set.ok,
      samples: Array.from({ length: 6 }, (_, i) => ({ path: `images/${i}.png`, sha256: HASH, label: set.classes[0] ?? '' })), // prettier-ignore
    },
    quality: {
      measured: true,
      skipped: [{ path: 'images/broken.png', reason: 'file is empty' }],
      skippedTotal: 1,
      excluded: [{ path: 'images/7.png', reason: 'two garments' }],
      exactDuplicates: { groups: 1, images: 2, redundant: 1 },
      nearDuplicates: { groups: 2, images: 5 },
      flags: [
        { flag: 'blurry', images: 3 },
        { flag: 'dark', images: 1 },
      ],
      balance: set.classes.length > 0 ? { smallest: set.classes[0]!, smallestImages: each, largest: set.classes.at(-1)!, largestImages: each + 2, ratio: (each + 2) / each } : null, // prettier-ignore
    },
  };
}

function filledModel(model: ModelResult, audit: Audit): ModelResult {
  const { classes } = audit.idDataset;
  const n = 20;
  return {
    ...model,
    lineage: {
      ...model.lineage,
      dataset: audit.idDataset.name,
      outlierSets:
        model.role === 'sparse'
          ? [{ dataset: 'noise', datasetId: 'd-noise', fingerprint: HASH }]
          : [],
    },
    layers: 'WideResNet, depth 10, width 1, dropout 0',
    trainingFacts: {
      hyperparameters: [
        { name: 'objective', value: model.training.objective },
        { name: 'learning rate', value: '0.1' },
      ],
      runId: `r-${model.role}`,
      startedAt: TIME,
      endedAt: '2026-01-01T09:01:01.000Z',
      interruptions: [{ time: TIME, text: 'Paused by the user after epoch 2.' }],
      notes: ['Two images were skipped.'],
      hardware: 'cpu, TensorFlow 2.21.0',
    },
    idPerformance: {
      perClass: classes.map((name) => ({ class: name, n, recall: 0.9, precision: 0.9 })),
      confusion: classes.flatMap((_, r) => classes.map((_, c) => (r === c ? 18 : 1))),
      calibration: Array.from({ length: 15 }, (_, b) => ({
        low: b / 15,
        high: (b + 1) / 15,
        count: b < 5 ? 0 : 6,
        confidence: b < 5 ? null : (b + 0.5) / 15,
        accuracy: b < 5 ? null : (b + 0.2) / 15,
      })),
    },
    operatingPoint: {
      ...model.operatingPoint,
      from: model.role === 'sparse' ? 'decision' : 'keeps 95% of ID validation',
      rationale: 'One in twenty may be looked at by hand.',
      decidedBy: model.role === 'sparse' ? 'M. Weber' : null,
      decidedAt: model.role === 'sparse' ? TIME : null,
      rejectedPerClass: classes.map((name, c) => ({ class: name, n, rejected: c + 1 })),
      acceptedPerSet: audit.oodDatasets.map(({ name, ok }) => ({ dataset: name, n: ok, accepted: 9 })), // prettier-ignore
      band: [0.9, 0.925, 0.95, 0.975, 0.99].map((target) => ({
        target,
        threshold: model.threshold + 2 * (0.95 - target),
        keptOfTest: target - 0.01,
        accepted: audit.oodDatasets.map(() => target / 3),
      })),
    },
    scores: model.scores.map((score) => ({ ...score, near: score.average, far: score.average })),
    unscored: [
      { detector: 'vim', reason: 'Penultimate features were not kept when images were scored.' },
    ],
  };
}
