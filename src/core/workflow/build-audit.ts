/** Compares models on the same images: every number of an audit. */
import type { Manifest, Split } from '../datasets/types.ts';
import { correctness } from '../metrics/accuracy.ts';
import { bootstrapAccuracy } from '../metrics/bootstrap.ts';
import { calibration } from '../metrics/calibration.ts';
import { evaluateSets } from '../metrics/evaluate.ts';
import { moments } from '../metrics/moments.ts';
import { pairedAccuracy, pairedBootstrap } from '../metrics/paired-bootstrap.ts';
import type { PairedEstimates } from '../metrics/paired-bootstrap.ts';
import type { BootstrapOptions } from '../metrics/resample.ts';
import { shareAtLeast, thresholdAtTpr } from '../metrics/threshold.ts';
import { decideVerdict } from '../metrics/verdict.ts';
import { architectureName, summariseNetwork } from '../model/architecture.ts';
import type { ModelInfo } from '../model/model-file.ts';
import { evaluateProtocol } from '../protocol/evaluate-protocol.ts';
import type { ProtocolId } from '../protocol/protocols.ts';
import type {
  Audit,
  AuditWithImages,
  Environment,
  ImageResult,
  ModelResult,
  ModelRole,
  PairedDifference,
  ScoreResult,
} from '../report/audit.ts';
import { EMPTY_COVER, noStatements } from '../report/not-supplied.ts';
import { AUDIT_SCHEMA } from '../report/schema/audit.ts';
import { LOGIT_DETECTORS } from '../score/registry.ts';
import type { LogitDetector } from '../score/types.ts';
import { sha256Hex } from '../sha256.ts';
import { datasetResult } from './dataset-result.ts';
import { leakage } from './leakage.ts';
import type { ScoredSet } from './score-model.ts';
import { trainingSummary } from './training-summary.ts';

/** A model and its answers on the same sets as every other model of the audit. */
export interface ScoredModel {
  readonly role: ModelRole;
  readonly info: ModelInfo;
  readonly idVal: ScoredSet;
  readonly idTest: ScoredSet;
  readonly ood: readonly ScoredSet[];
}

export interface AuditInput {
  readonly id: string;
  readonly title: string;
  readonly createdAt: string;
  readonly command: string;
  readonly environment: Environment;
  readonly idManifest: Manifest;
  /** `before` and `sparse` must be among them; `control` should be. */
  readonly models: readonly ScoredModel[];
  readonly bootstrap: Required<BootstrapOptions>;
  /** Averages of a named protocol as well. */
  readonly protocol?: ProtocolId | undefined;
  /** Of each OOD set, in their order; for the near-far protocol. */
  readonly nearFar?: readonly ('near' | 'far' | null)[] | undefined;
  readonly wallSeconds: number;
}

/** @throws AppError when a score column is empty or not finite */
export async function buildAudit(input: AuditInput): Promise<AuditWithImages> {
  const { idManifest, models, bootstrap } = input;
  const byRole = (role: ModelRole): ScoredModel | undefined =>
    models.find((model) => model.role === role);
  const results = models.map((model) => modelResult(model, bootstrap));
  const resultOf = (role: ModelRole): ModelResult | undefined =>
    results.find((result) => result.role === role);
  const before = byRole('before')!;
  const sparse = byRole('sparse')!;
  const control = byRole('control');
  const againstBefore = paired(sparse, before, bootstrap);
  const againstControl = control ? paired(sparse, control, bootstrap) : null;
  const oodManifests = before.ood.map(({ manifest }) => manifest);
  const shared = leakageOf(idManifest, oodManifests);
  const accuracyChange = pairedAccuracy(correctOf(sparse), correctOf(before), bootstrap);
  const verdict = decideVerdict({
    sparse: resultOf('sparse')!,
    control:
      control && againstControl ? { run: resultOf('control')!, difference: againstControl } : null,
    againstBefore,
    accuracyChange,
    sets: before.ood.map(({ manifest, records }) => ({ name: manifest.name, n: records.length })),
    idImages: before.idTest.records.length,
    seeds: 1,
    leakage: shared,
  });
  const audit: Audit = {
    schema: AUDIT_SCHEMA,
    id: input.id,
    title: input.title,
    createdAt: input.createdAt,
    timeZone: 'UTC',
    cover: EMPTY_COVER,
    environment: input.environment,
    command: input.command,
    seed: sparse.info.config.seed,
    idDataset: await datasetResult(idManifest, [
      ...before.idVal.failures,
      ...before.idTest.failures,
    ]),
    oodDatasets: await Promise.all(
      before.ood.map(({ manifest, failures }) => datasetResult(manifest, failures)),
    ),
    models: results,
    pairedAgainstControl: againstControl ? differences(sparse, againstControl) : [],
    pairedAgainstBefore: differences(sparse, againstBefore),
    verdict,
    leakage: shared,
    bootstrap: { ...bootstrap, method: 'bootstrap' },
    wallSeconds: input.wallSeconds,
    headlines: [],
    topRisks: verdict.cautions.slice(0, 3),
    statements: noStatements([idManifest.name, ...oodManifests.map(({ name }) => name)]),
    sharing: [],
    curation: { entries: [], entriesTotal: 0, totals: [] },
    protocol: {
      name: 'Own sets',
      description: '',
      orientation: '',
      positiveClass: '',
      ties: '',
      intervals: '',
      subsampling: '',
      thresholdSource: '',
      tuning: { testDataUsed: null, statement: '' },
      nearFar: '',
      detectors: [],
    },
    protocolResults: protocolResults(input),
    seeds: [],
    distributions: null,
    curves: [],
    flips: [],
    sparsity: [],
    galleries: { worstId: [], mostAcceptedOod: [], regressions: [], rescues: [] },
    robustness: null,
    limitations: [],
    reproducibility: {
      deterministic: false,
      determinism: '',
      rerun: null,
      command: input.command,
      config: '{}',
      configSha256: sha256Hex('{}'),
    },
    evidence: [],
    versions: [],
    attachments: [],
  };
  return { audit, images: imageResults(models) };
}

/** Of the primary score. */
function protocolResults({
  protocol,
  models,
  nearFar,
  bootstrap,
}: AuditInput): Audit['protocolResults'] {
  if (!protocol) return [];
  const [detector] = LOGIT_DETECTORS as readonly [LogitDetector];
  return models.map((model) => ({
    role: model.role,
    ...evaluateProtocol({
      protocol,
      score: detector.id,
      validation: scoresOf(detector, model.idVal),
      id: scoresOf(detector, model.idTest),
      ood: model.ood.map((set, i) => ({
        name: set.manifest.name,
        nearFar: nearFar?.[i] ?? null,
        scores: scoresOf(detector, set),
      })),
      bootstrap,
    }),
  }));
}

const inputsOf = ({ logits }: ScoredSet) => ({ logits });

const correctOf = ({ idTest }: ScoredModel): Uint8Array =>
  correctness(
    idTest.predicted,
    idTest.records.map(({ classIndex }) => classIndex!),
  );

function modelResult(model: ScoredModel, bootstrap: BootstrapOptions): ModelResult {
  const { role, info, idTest, idVal } = model;
  const correct = correctOf(model);
  const network = summariseNetwork(info.architecture);
  const energies = moments(idTest.energies, 'ID energies');
  const valScores = scoresOf(LOGIT_DETECTORS[0]!, idVal);
  const threshold = thresholdAtTpr(valScores);
  return {
    role,
    id: info.id,
    name: info.name,
    createdAt: info.createdAt,
    parentId: info.lineage.parentId,
    lineage: {
      parentId: info.lineage.parentId,
      parentWeightsSha256: info.lineage.parentWeightsSha256,
      dataset: info.lineage.datasetId,
      datasetFingerprint: info.lineage.datasetFingerprint,
      sameData: info.lineage.datasetFingerprint === idTest.manifest.fingerprint,
      outlierSets: (info.lineage.barred ?? []).map(({ name, datasetId, fingerprint }) => ({
        dataset: name,
        datasetId,
        fingerprint,
      })),
    },
    layers: JSON.stringify(info.architecture),
    classes: info.classes,
    trainingFacts: {
      hyperparameters: [],
      runId: null,
      startedAt: null,
      endedAt: null,
      interruptions: null,
      notes: [],
      hardware: `${info.madeWith.tier}, TensorFlow ${info.madeWith.tensorflow}`,
    },
    idPerformance: { perClass: [], confusion: [], calibration: [] },
    operatingPoint: {
      detector: LOGIT_DETECTORS[0]!.id,
      threshold,
      from: 'keeps 95% of ID validation',
      rationale: '',
      decidedBy: null,
      decidedAt: null,
      validationImages: valScores.length,
      keptOfValidation: shareAtLeast(valScores, threshold),
      keptOfTest: shareAtLeast(scoresOf(LOGIT_DETECTORS[0]!, idTest), threshold),
      rejectedPerClass: [],
      acceptedPerSet: [],
      band: [],
    },
    unscored: [],
    architecture: architectureName(info.architecture),
    parameters: network.trainableCount,
    multiplyAdds: network.multiplyAdds,
    weightsSha256: info.weightsSha256,
    decode: info.decode,
    normalisation: info.normalisation,
    training: trainingSummary(info),
    idAccuracy: bootstrapAccuracy(correct, bootstrap),
    ece: calibration(idTest.confidence, correct).ece,
    threshold,
    thresholdImages: valScores.length,
    idKeptAtThreshold: shareAtLeast(scoresOf(LOGIT_DETECTORS[0]!, idTest), threshold),
    meanEnergyId: energies.mean,
    stdEnergyId: energies.std,
    featureL1: idTest.features.meanL1,
    hoyer: idTest.features.hoyer,
    nearZeroUnits: idTest.features.nearZeroUnits,
    scores: LOGIT_DETECTORS.map((detector) => scoreResult(detector, model, bootstrap)),
  };
}

const scoresOf = (detector: LogitDetector, set: ScoredSet): Float64Array =>
  detector.score(inputsOf(set));

function scoreResult(
  detector: LogitDetector,
  { idVal, idTest, ood }: ScoredModel,
  bootstrap: BootstrapOptions,
): ScoreResult {
  const threshold = thresholdAtTpr(scoresOf(detector, idVal));
  const { perSet, average, averageIntervals } = evaluateSets({
    id: scoresOf(detector, idTest),
    ood: ood.map((set) => ({
      name: set.manifest.name,
      scores: scoresOf(detector, set),
      energies: set.energies,
    })),
    threshold,
    bootstrap,
  });
  return {
    score: detector.id,
    label: detector.label,
    threshold,
    idKeptAtThreshold: shareAtLeast(scoresOf(detector, idTest), threshold),
    hyperparameters: [],
    notes: [],
    perSet,
    average,
    averageIntervals,
    near: null,
    far: null,
  };
}

/** Differences a - b of the primary score, over the same images. */
function paired(a: ScoredModel, b: ScoredModel, bootstrap: BootstrapOptions): PairedEstimates {
  const [detector] = LOGIT_DETECTORS as readonly [LogitDetector];
  return pairedBootstrap({
    idA: scoresOf(detector, a.idTest),
    idB: scoresOf(detector, b.idTest),
    oodA: a.ood.map((set) => scoresOf(detector, set)),
    oodB: b.ood.map((set) => scoresOf(detector, set)),
    ...bootstrap,
  });
}

const differences = ({ ood }: ScoredModel, { perSet }: PairedEstimates): PairedDifference[] =>
  ood.flatMap(({ manifest }, i) =>
    (['fpr95', 'auroc'] as const).map((metric) => ({
      dataset: manifest.name,
      metric,
      difference: perSet[i]![metric],
    })),
  );

/** Exact duplicates between what was trained on and what is tested on. */
function leakageOf(idManifest: Manifest, oodManifests: readonly Manifest[]): Audit['leakage'] {
  const hashes = (manifest: Manifest, split: Split | null): string[] =>
    manifest.images
      .filter((image) => image.status === 'ok' && (split === null || image.split === split))
      .map(({ sha256 }) => sha256);
  return leakage({
    train: hashes(idManifest, 'train'),
    val: hashes(idManifest, 'val'),
    test: hashes(idManifest, 'test'),
    all: hashes(idManifest, null),
    ood: oodManifests.map((manifest) => ({ name: manifest.name, hashes: hashes(manifest, null) })),
  });
}

function imageResults(models: readonly ScoredModel[]): ImageResult[] {
  const setsOf = ({ idTest, ood }: ScoredModel): readonly ScoredSet[] => [idTest, ...ood];
  const first = models[0]!;
  return setsOf(first).flatMap(({ manifest, records }, s) => {
    const sets = models.map((model) => ({ model, set: setsOf(model)[s]! }));
    return records.map((record, i) => ({
      dataset: manifest.name,
      path: record.path,
      sha256: record.sha256,
      label: record.classIndex === null ? '' : (manifest.classes[record.classIndex] ?? ''),
      predicted: sets.map(({ model, set }) => model.info.classes[set.predicted[i]!]!),
      confidence: sets.map(({ set }) => set.confidence[i]!),
      energy: sets.map(({ set }) => set.energies[i]!),
      featureL1: sets.map(({ set }) => set.features.l1[i]!),
    }));
  });
}
