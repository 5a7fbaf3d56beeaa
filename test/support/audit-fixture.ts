/** A report of made-up images, computed by the real code: for tests of what is drawn, written and verified. */
import {
  architectureName,
  architectureOf,
  summariseNetwork,
} from '../../src/core/model/architecture.ts';
import { Random } from '../../src/core/random.ts';
import { assembleAudit, settingsFrom, type AuditFacts } from '../../src/core/report/assemble.ts';
import type { Audit, Criterion, ModelRole } from '../../src/core/report/audit.ts';
import { HASH_BYTES, type ReportColumns, type SetColumns } from '../../src/core/report/columns.ts';
import { measureReport } from '../../src/core/report/measure/measure.ts';
import type { ThresholdDecision } from '../../src/core/report/measure/settings.ts';
import { noStatements } from '../../src/core/report/not-supplied.ts';
import { AUDIT_SCHEMA } from '../../src/core/report/schema/audit.ts';
import { energiesOf, energy } from '../../src/core/score/energy.ts';
import { maxLogit } from '../../src/core/score/max-logit.ts';
import { msp } from '../../src/core/score/msp.ts';
import { predictions } from '../../src/core/score/predictions.ts';
import { featureStatistics } from '../../src/core/score/sparsity.ts';
import { sha256Hex } from '../../src/core/sha256.ts';
import { PRESETS } from '../../src/core/train/config.ts';
import { describeAugmentation } from '../../src/core/train/augment.ts';
import { describeSchedule } from '../../src/core/train/schedule.ts';

export interface FixtureOptions {
  readonly classes?: readonly string[];
  readonly oodNames?: readonly string[];
  readonly idTest?: number;
  readonly oodImages?: number;
  readonly control?: boolean;
  /** Path of an image, by its number. */
  readonly pathOf?: (i: number) => string;
  readonly failures?: number;
  /** On S of the sparse model; the default when not given. */
  readonly decision?: ThresholdDecision;
  readonly criteria?: readonly Criterion[];
  readonly protocol?: 'as-given' | 'near-far';
}

/** A report, and the columns of its images. */
export interface FixtureReport {
  readonly audit: Audit;
  readonly columns: ReportColumns;
}

const CREATED = '2026-01-02T03:04:05.000Z';
const UNITS = 8;

export async function auditFixture(options: FixtureOptions = {}): Promise<FixtureReport> {
  const {
    classes = ['ankle boot', 'bag', 'coat'],
    oodNames = ['digits', 'textures'],
    idTest = 60,
    oodImages = 40,
    control = true,
    pathOf = (i) => `images/${i}.png`,
    failures = 0,
  } = options;
  const roles: readonly ModelRole[] = control ? ['before', 'control', 'sparse'] : ['before', 'sparse']; // prettier-ignore
  const columns: ReportColumns = {
    models: roles.map((role) => ({ role, classes })),
    sets: [
      setOf('clothes', 'id', classes, 90 + 40 + idTest, failures, roles, pathOf),
      ...oodNames.map((name, s) => setOf(name, 'ood', classes, oodImages, 0, roles, (i) => pathOf(1000 * (s + 1) + i))), // prettier-ignore
    ],
  };
  const facts = factsOf(columns, classes);
  const decisions = roles.map((role) => (role === 'sparse' ? (options.decision ?? null) : null));
  const statements = { ...facts.statements, acceptanceCriteria: options.criteria ?? null };
  const settings = settingsFrom({ ...facts, statements }, decisions, options.protocol ?? null);
  const numbers = await measureReport(columns, settings);
  return { audit: assembleAudit({ ...facts, statements }, numbers), columns };
}

/** Images of one set: confident on ID, less so on OOD; the gap differs between roles. */
function setOf(
  name: string,
  role: 'id' | 'ood',
  classes: readonly string[],
  usable: number,
  failures: number,
  roles: readonly ModelRole[],
  pathOf: (i: number) => string,
): SetColumns {
  const n = usable + failures;
  const splits = Uint8Array.from({ length: n }, (_, i) => (role === 'ood' || i >= usable ? 0 : i < 90 ? 1 : i < 130 ? 2 : 3)); // prettier-ignore
  const labels = Int32Array.from({ length: n }, (_, i) => (role === 'ood' || i >= usable ? -1 : i % classes.length)); // prettier-ignore
  const hashes = new Uint8Array(n * HASH_BYTES);
  for (let i = 0; i < usable; i++)
    hashes.set(Buffer.from(sha256Hex(`${name} ${i}`), 'hex'), i * HASH_BYTES);
  return {
    name,
    role,
    classes: role === 'id' ? classes : [],
    paths: Array.from({ length: n }, (_, i) => pathOf(i < usable ? i : 10_000 + i - usable)),
    hashes,
    statuses: Uint8Array.from({ length: n }, (_, i) => (i < usable ? 0 : 1)),
    reasons: new Map(Array.from({ length: failures }, (_, i) => [usable + i, 'file is empty'])),
    splits,
    labels,
    relabelled: new Uint8Array(n),
    bytes: Float64Array.from({ length: n }, (_, i) => 900 + i),
    widths: new Uint32Array(n).fill(28),
    heights: new Uint32Array(n).fill(28),
    findings: { flags: new Uint8Array(n), nearGroups: new Int32Array(n).fill(-1) },
    models: roles.map((model, m) => {
      const gap = role === 'ood' ? 0 : { before: 3, control: 3.2, sparse: 4 }[model];
      const tested = (i: number): boolean => i < usable && splits[i] !== 1;
      return modelColumns(labels, classes.length, tested, gap, new Random(m + 1, n + name.length));
    }),
  };
}

function modelColumns(
  labels: Int32Array,
  classes: number,
  tested: (i: number) => boolean,
  gap: number,
  random: Random,
): SetColumns['models'][number] {
  const n = labels.length;
  const data = Float32Array.from({ length: n * classes }, (_, k) => random.normal() + (labels[Math.floor(k / classes)] === k % classes ? gap : 0)); // prettier-ignore
  const logits = { data, count: n, classes };
  const features = Float32Array.from({ length: n * UNITS }, () => Math.max(0, random.normal()));
  const { l1, hoyerOf } = featureStatistics({ data: features, count: n, units: UNITS });
  const { predicted, confidence } = predictions(logits);
  const only = (values: Float64Array): Float64Array => values.map((value, i) => (tested(i) ? value : NaN)); // prettier-ignore
  return {
    predicted: predicted.map((value, i) => (tested(i) ? value : -1)),
    confidence: only(confidence),
    energy: only(energiesOf(energy.score({ logits }))),
    featureL1: only(l1),
    hoyer: only(hoyerOf),
    scores: new Map([msp, maxLogit].map((detector) => [detector.id, only(detector.score({ logits }))])), // prettier-ignore
  };
}

function factsOf({ models, sets }: ReportColumns, classes: readonly string[]): AuditFacts {
  const architecture = architectureOf('wrn-10-1', { classes: classes.length, inputSize: 28 });
  const network = summariseNetwork(architecture);
  const [id, ...ood] = sets;
  const setFacts = (set: SetColumns): AuditFacts['idDataset'] => ({
    id: `d-${set.name}`,
    name: set.name,
    root: `/nowhere/${set.name}`,
    role: set.role,
    nearFar: null,
    format: 'folder',
    classes: set.classes,
    symlinksSkipped: 0,
    splitSource: set.role === 'id' ? 'seeded' : 'none',
    fingerprint: 'ab'.repeat(32),
    source: '',
  });
  return {
    schema: AUDIT_SCHEMA,
    id: 'a-20260102-fixture',
    title: 'Clothes',
    createdAt: CREATED,
    timeZone: 'UTC',
    cover: { author: null, reviewer: null, organisation: null, status: 'draft', version: 1 },
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
    command: 'straylight audit',
    seed: 1,
    idDataset: setFacts(id),
    oodDatasets: ood.map(setFacts),
    models: models.map(({ role }) => {
      const config = role === 'before' ? PRESETS.quick.pretrain : PRESETS.quick.finetune;
      return {
        role,
        id: `m-20260102-${role}`,
        name: role,
        createdAt: CREATED,
        parentId: role === 'before' ? null : 'm-20260102-before',
        lineage: {
          parentId: role === 'before' ? null : 'm-20260102-before',
          parentWeightsSha256: null,
          dataset: id.name,
          datasetFingerprint: 'ab'.repeat(32),
          sameData: true,
          outlierSets: [],
        },
        architecture: architectureName(architecture),
        parameters: network.trainableCount,
        multiplyAdds: network.multiplyAdds,
        layers: 'WideResNet',
        classes,
        weightsSha256: 'cd'.repeat(32),
        decode: { size: 28, resize: 'stretch' },
        normalisation: { mean: [0.5, 0.5, 0.5], std: [0.2, 0.2, 0.2] },
        training: {
          objective: config.objective,
          seed: config.seed,
          epochs: config.epochs,
          batchSize: config.batchSize,
          learningRate: config.learningRate,
          momentum: config.momentum,
          nesterov: config.nesterov,
          weightDecay: config.weightDecay,
          precision: config.precision,
          lambda: role === 'sparse' ? 0.02 : 0,
          preset: 'quick',
          dropout: 0,
          schedule: describeSchedule(config.schedule),
          augmentation: describeAugmentation(config.augmentation),
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
        },
        trainingFacts: {
          hyperparameters: [],
          runId: null,
          startedAt: null,
          endedAt: null,
          interruptions: null,
          notes: [],
          hardware: 'cpu, TensorFlow 2.21.0',
        },
        nearZeroUnits: 0.5,
        scores: [energy, msp, maxLogit].map(({ id: score, label }) => ({ score, label, hyperparameters: [], notes: [] })), // prettier-ignore
        unscored: [],
      };
    }),
    statements: noStatements(sets.map(({ name }) => name)),
    sharing: [],
    curation: { entries: [], entriesTotal: 0, totals: [] },
    protocol: {
      name: 'As given',
      description: '',
      orientation: '',
      positiveClass: '',
      ties: '',
      intervals: '',
      subsampling: '',
      thresholdSource: '',
      tuning: { testDataUsed: false, statement: '' },
      nearFar: '',
      detectors: [],
    },
    seeds: [],
    robustness: null,
    galleries: null,
    reproducibility: {
      deterministic: true,
      determinism: '',
      rerun: null,
      command: 'straylight audit',
      config: '{}',
      configSha256: sha256Hex('{}'),
    },
    versions: [],
    attachments: [],
    bootstrap: { samples: 200, seed: 1, method: 'bootstrap' },
    wallSeconds: 12,
  };
}
