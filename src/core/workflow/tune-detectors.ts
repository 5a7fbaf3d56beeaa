/** Chooses hyperparameters of detectors on validation images, and shows what they change on test images. */
import { AppError } from '../errors.ts';
import { auroc } from '../metrics/auroc.ts';
import { fprAtTpr } from '../metrics/fpr.ts';
import { loadModel } from '../model/model-file.ts';
import { candidatesOf, tune, type Candidate, type Tuning } from '../score/tune.ts';
import type { Detector, Hyperparameters } from '../score/types.ts';
import type { Workspace } from '../store/workspace.ts';
import type { Runtime } from '../tf/runtime.ts';
import type { Session } from '../tf/session.ts';
import { forwardAll } from '../train/evaluate.ts';
import { loadImages, usableImages } from './images.ts';
import { keptImages } from './scope-columns.ts';
import { scoringSession } from './score-model.ts';
import type { ScoreSources } from './score-sources.ts';
import { PERTURBATION } from './stored-inputs.ts';
import type { WorkflowHooks } from './train-model.ts';

export interface TuneRequest {
  readonly modelId: string;
  readonly idDatasetId: string;
  readonly detectors: readonly Detector[];
  /** OOD set to tune on; null to tune without OOD images. Must not be among the test sets. */
  readonly validationSetId: string | null;
  readonly testSetIds: readonly string[];
}

/** How well an OOD set is told from the ID test images. */
export interface TestResult {
  readonly fpr95: number;
  readonly auroc: number;
}

export interface TunedDetector {
  readonly detector: Detector;
  readonly tuning: Tuning;
  readonly tests: readonly {
    readonly name: string;
    readonly defaults: TestResult;
    readonly tuned: TestResult;
  }[];
}

/**
 * All sets must be scored already; see `scoreDatasets`.
 * @throws AppError `usage` when the validation set is also a test set, or a set is barred for the model; `invalid-data`
 * when there is no ID validation image; `cancelled`
 */
export async function tuneDetectors(
  workspace: Workspace,
  runtime: Runtime,
  sources: ScoreSources,
  request: TuneRequest,
  hooks: Pick<WorkflowHooks, 'signal' | 'onProgress'> = {},
): Promise<readonly TunedDetector[]> {
  const { modelId, idDatasetId, validationSetId, testSetIds } = request;
  const nameOf = (id: string): string => workspace.getDataset(id).name;
  if (validationSetId !== null && testSetIds.includes(validationSetId))
    throw new AppError(
      'usage',
      `${nameOf(validationSetId)} cannot be both: a set that settings are tuned on is no test set. Name another one.`,
    );
  sources.refuseBarred(modelId, [...testSetIds, ...(validationSetId === null ? [] : [validationSetId])]); // prettier-ignore
  const perturbing = new PerturbedScores(workspace, runtime, modelId, hooks);
  try {
    const results: TunedDetector[] = [];
    for (const detector of request.detectors) {
      const scoresOf = async (
        set: string,
        split: 'val' | 'test' | null,
        given: Hyperparameters,
      ) => {
        if (detector.needs.includes('perturbed')) return perturbing.scores(detector, set, split, given); // prettier-ignore
        const choice = { modelId, detector: detector.id, idDatasetId };
        const source = await sources.scored({ ...choice, hyperparameters: given }, set, hooks);
        return Float64Array.from(keptImages(source, split), (i) => source.scored.scores[i]!);
      };
      const tuning = await chosen(detector, request, scoresOf, nameOf);
      const tests: TunedDetector['tests'][number][] = [];
      for (const set of testSetIds) {
        const under = async (given: Hyperparameters): Promise<TestResult> => {
          const id = await scoresOf(idDatasetId, 'test', given);
          const ood = await scoresOf(set, null, given);
          return { fpr95: fprAtTpr(id, ood), auroc: auroc(id, ood) };
        };
        const defaults = await under({});
        const kept = tuning.basis === 'defaults';
        tests.push({ name: nameOf(set), defaults, tuned: kept ? defaults : await under(tuning.hyperparameters) }); // prettier-ignore
      }
      results.push({ detector, tuning, tests });
    }
    return results;
  } finally {
    perturbing.dispose();
  }
}

async function chosen(
  detector: Detector,
  { idDatasetId, validationSetId }: TuneRequest,
  scoresOf: (set: string, split: 'val' | null, given: Hyperparameters) => Promise<Float64Array>,
  nameOf: (id: string) => string,
): Promise<Tuning> {
  const candidates = candidatesOf(detector);
  const deciding = validationSetId !== null || detector.tunedOnId !== undefined;
  const scored: Candidate[] = [];
  for (const hyperparameters of candidates) {
    try {
      // What nothing decides about needs no scores; the number of validation images is told all the same.
      const id = deciding || scored.length === 0 ? await scoresOf(idDatasetId, 'val', hyperparameters) : scored[0]!.id; // prettier-ignore
      const ood = validationSetId === null ? null : await scoresOf(validationSetId, null, hyperparameters); // prettier-ignore
      scored.push({ hyperparameters, id, ...(ood ? { ood } : {}) });
    } catch (error) {
      // A setting that this data does not allow, e.g. more neighbours than images, is not tried; the defaults must be.
      if (scored.length === 0 || !(error instanceof AppError) || error.code !== 'usage')
        throw error;
    }
  }
  return tune(detector, scored, validationSetId === null ? null : nameOf(validationSetId));
}

/** Scores that need their own pass over the images for every setting: ODIN's step. */
class PerturbedScores {
  private readonly workspace: Workspace;
  private readonly runtime: Runtime;
  private readonly modelId: string;
  private readonly hooks: Pick<WorkflowHooks, 'signal' | 'onProgress'>;
  private session: Session | null = null;

  constructor(
    workspace: Workspace,
    runtime: Runtime,
    modelId: string,
    hooks: Pick<WorkflowHooks, 'signal' | 'onProgress'>,
  ) {
    this.workspace = workspace;
    this.runtime = runtime;
    this.modelId = modelId;
    this.hooks = hooks;
  }

  async scores(
    detector: Detector,
    datasetId: string,
    split: 'val' | 'test' | null,
    hyperparameters: Hyperparameters,
  ): Promise<Float64Array> {
    const { workspace, hooks } = this;
    const model = await loadModel(workspace.getModel(this.modelId).folder);
    this.session ??= scoringSession(this.runtime, model);
    // As people curated it: excluded images are not in it.
    const manifest = workspace.loadManifest(datasetId);
    const images = usableImages(manifest, split);
    if (images.length === 0) return new Float64Array(0);
    const { block } = await loadImages(manifest, images, model.info.decode, {
      signal: hooks.signal,
      cacheDir: workspace.cacheFolder(),
    });
    const perturb = { ...PERTURBATION, ...hyperparameters };
    const phase = `${detector.label} on ${manifest.name}`;
    const { perturbed, count, classes } = await forwardAll(this.session, block, { ...hooks, phase, perturb }); // prettier-ignore
    return detector.score({ perturbed: { data: perturbed!, count, classes } }, { hyperparameters });
  }

  dispose(): void {
    this.session?.dispose();
  }
}
