/** Which fit a detector needs for a model and an ID set, where it is kept, and making it when it is not there. */
import { createHash } from 'node:crypto';
import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '../errors.ts';
import type { Algebra } from '../linalg/algebra.ts';
import { logitOfClass, trueClasses } from '../query/query-images.ts';
import type { Detector, Hyperparameters } from '../score/types.ts';
import { sha256Hex } from '../sha256.ts';
import type { FitOwner } from '../store/fits.ts';
import { matrixSource } from '../store/score-matrices.ts';
import type { StoredScores } from '../store/scores.ts';
import type { Workspace } from '../store/workspace.ts';
import type { ModelParts } from './compute/detector-tasks.ts';
import { runTask } from './compute/run-task.ts';
import type { FitRequest, TrainingRows } from './fit-detector.ts';
import { Recent } from './recent.ts';
import { keptImages, type ScoredRows, type ScoredSource } from './scope-columns.ts';
import { SharedWork, type Waiting } from './shared-work.ts';
import { settingsFor } from './detector-scores.ts';
import { missingInput } from './stored-inputs.ts';

/** Raised when what is fitted, or what is read of training images, changes. */
const FIT_VERSION = 1;
/** Fits of one detector that stay on the disk, e.g. of before and after a decision of curation. */
const KEPT_FITS = 3;
const KEPT_MODELS = 24;
const KEPT_NOTES = 1000;

/** Makes what multiplies large matrices; it is disposed after one task. Undefined: plain JavaScript. */
export type AlgebraSource = () => Promise<Algebra | undefined>;

/** A fit that is there. */
export interface ReadyFit {
  /** Tells this fit from all others of the model. */
  readonly key: string;
  readonly folder: string;
  readonly owner: FitOwner;
  /** Fallbacks that were taken, in sentences for users. */
  readonly notes: readonly string[];
}

/** A fit before it is made. */
export type IdentifiedFit = Omit<FitRequest, 'lastLayer' | 'stageWidths'> & {
  readonly key: string;
};

/** The ID set under the model, as `ScoreSources` knows it. */
export type FittedOn = Omit<ScoredSource, 'scored'> & {
  readonly scored: Omit<ScoredRows, 'scores'>;
  readonly stored: StoredScores;
};

/** What the training images of a set are, worked out once while scores, splits and decisions stay. */
interface KnownTraining extends TrainingRows {
  readonly index: ScoredSource['index'];
  readonly excluded: Uint8Array | undefined;
  readonly relabelled: Int32Array | undefined;
  readonly digest: string;
}

export class DetectorFits {
  private readonly workspace: () => Workspace;
  private readonly parts = new Recent<Promise<ModelParts>>(KEPT_MODELS);
  private readonly ready = new SharedWork<readonly string[]>(KEPT_NOTES, () => 1);
  private readonly training = new WeakMap<Uint32Array, KnownTraining>();

  constructor(workspace: () => Workspace) {
    this.workspace = workspace;
  }

  /** The last layer of a model and the widths of its stages. @throws AppError `invalid-model` */
  modelParts(modelId: string): Promise<ModelParts> {
    const { weightsSha256, folder } = this.workspace().getModel(modelId);
    return this.parts.get(`${modelId} ${weightsSha256}`, () => runTask('lastLayer', { folder }));
  }

  /** Where what is computed for a detector of a model is kept. */
  folder(modelId: string, detectorId: string): string {
    return join(this.workspace().modelFolder(modelId), 'detectors', detectorId);
  }

  /**
   * Which fit it would be, without making it.
   * @throws AppError `invalid-data` when the set has no scored training image, or no class of the model
   */
  identify(
    detector: Detector,
    modelId: string,
    on: FittedOn,
    hyperparameters: Hyperparameters,
  ): IdentifiedFit {
    const model = this.workspace().getModel(modelId);
    const missing = missingInput(detector, on.stored);
    if (missing !== null) throw new AppError('invalid-data', `${on.name}: ${missing}`);
    const { digest, rows, labels } = this.trainingOf(detector, model.name, on);
    const source = matrixSource(on.stored);
    const settings = settingsFor(detector, { source }, hyperparameters);
    const { weightsSha256 } = model;
    const identity = [FIT_VERSION, weightsSha256, detector.id, settings, on.stored.fingerprint, digest]; // prettier-ignore
    const key = sha256Hex(JSON.stringify(identity)).slice(0, 32);
    return {
      key,
      folder: join(this.folder(modelId, detector.id), key, 'fit'),
      owner: { detector: detector.id, weightsSha256 },
      source,
      training: { rows, labels },
      classNames: on.scored.modelClasses,
      hyperparameters: settings,
    };
  }

  /**
   * Fits the detector, unless that has been done before.
   * @throws AppError as `identify`; what the detector throws; `cancelled`
   */
  async ensure(
    detector: Detector,
    modelId: string,
    on: FittedOn,
    hyperparameters: Hyperparameters,
    waiting: Waiting,
    algebra: AlgebraSource,
  ): Promise<ReadyFit> {
    const identified = this.identify(detector, modelId, on, hyperparameters);
    const { key, folder, owner } = identified;
    const notes = await this.ready.get(`${modelId} ${key}`, waiting, async (signal, report) => {
      const request = { ...identified, ...(await this.modelParts(modelId)) };
      const made = await runTask('fit', request, { signal, onProgress: report, algebra: await algebra() }); // prettier-ignore
      await keepNewest(this.folder(modelId, detector.id), key);
      return made;
    });
    return { key, folder, owner, notes };
  }

  /** The files turned out to be missing or damaged: the next call fits again. */
  forget(modelId: string, key: string): void {
    this.ready.forget(`${modelId} ${key}`);
  }

  private trainingOf(detector: Detector, model: string, on: FittedOn): KnownTraining {
    const { index, marks, scored } = on;
    const known = this.training.get(scored.rows);
    const excluded = marks?.excluded;
    const relabelled = marks?.relabelled;
    if (known?.index === index && known.excluded === excluded && known.relabelled === relabelled)
      return known;
    const found = { index, excluded, relabelled, ...trainingRows(detector, model, on) };
    this.training.set(scored.rows, found);
    return found;
  }
}

/** @throws AppError `invalid-data` when there is nothing to fit on */
function trainingRows(detector: Detector, model: string, on: FittedOn) {
  const { name, classes, scored } = on;
  const positions = keptImages(on, 'train');
  if (positions.length === 0)
    throw new AppError(
      'invalid-data',
      `${detector.label} is fitted on the training images of ${name}, and none of them is scored under ${model}. Score ${name} (\`straylight score ${model} ${name}\`), or check its splits and what was excluded.`,
    );
  const place = logitOfClass(classes, scored.modelClasses);
  const codes = trueClasses(on);
  const labelOf = (ordinal: number): number => {
    const code = codes[ordinal]!;
    return code < 0 ? -1 : place[code]!;
  };
  // In the order of the files, so that they are read from beginning to end.
  const byRow = positions.toSorted((a, b) => scored.matrixRows[a]! - scored.matrixRows[b]!);
  const rows = byRow.map((position) => scored.matrixRows[position]!);
  const labels = Int32Array.from(byRow, (position) => labelOf(scored.rows[position]!));
  if (!labels.some((label) => label >= 0))
    throw new AppError(
      'invalid-data',
      `${detector.label} cannot be fitted: no training image of ${name} (${some(classes)}) is of a class of ${model} (${some(scored.modelClasses)}). Choose the ID set that the model was trained on, or give the folders the model's class names.`,
    );
  const digest = createHash('sha256').update(bytesOf(rows)).update(bytesOf(labels)).digest('hex');
  return { rows, labels, digest };
}

const NAMED_CLASSES = 5;
const some = (names: readonly string[]): string =>
  `${names.slice(0, NAMED_CLASSES).join(', ')}${names.length > NAMED_CLASSES ? `, and ${names.length - NAMED_CLASSES} more` : ''}`;

const bytesOf = ({ buffer, byteOffset, byteLength }: Uint32Array | Int32Array): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength);

/** Older fits can be made again. Never throws: what is left over does no harm. */
async function keepNewest(parent: string, newest: string): Promise<void> {
  const names = await readdir(parent).catch(() => []);
  const dated: { readonly name: string; readonly time: number }[] = [];
  for (const name of names)
    if (name !== newest)
      dated.push({ name, time: (await stat(join(parent, name)).catch(() => null))?.mtimeMs ?? 0 });
  dated.sort((a, b) => b.time - a.time);
  for (const { name } of dated.slice(KEPT_FITS - 1))
    await rm(join(parent, name), { recursive: true, force: true }).catch(() => undefined);
}
