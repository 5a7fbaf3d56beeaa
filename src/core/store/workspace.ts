/**
 * The workspace: one folder with everything that was registered, trained, scored and reported.
 *
 * ```
 * workspace.sqlite  workspace.lock  curation.jsonl
 * datasets/<id>/ models/<id>/ runs/<id>/ audits/<id>/ experiments/<id>/ reports/<id>/   each with its record.json
 * cache/                                                 can be deleted at any time
 * ```
 */
import { join, resolve } from 'node:path';
import { effectiveManifest } from '../curate/effective-manifest.ts';
import type { Analysis } from '../datasets/analyse/analyse.ts';
import type { Measurements } from '../datasets/analyse/measurements.ts';
import type { ImageRecord, Manifest } from '../datasets/types.ts';
import type { ImageIndex } from '../query/image-index.ts';
import { analysedAt, loadAnalysis, loadMeasurements, loadShared, saveAnalysis, saveMeasurements, type SharedImages, type StoredAnalysis } from './analyses.ts'; // prettier-ignore
import { recoverLeftovers } from './atomic.ts';
import { addAudit, type AuditRow, getAudit, listAudits } from './audits.ts';
import { CurationLog } from './curation.ts';
import { databaseError, ensureFolder, itemFolder, parentFolder, type StoreContext, unusedId } from './context.ts'; // prettier-ignore
import { datasetTotals, type DatasetRow, type DatasetTotals, getDataset, listDatasets, listRemovedDatasets, loadRecords, loadRegistered, registerDataset, removeDataset, renameDataset, restoreDataset, setNearFar } from './datasets.ts'; // prettier-ignore
import { diskError } from './disk-errors.ts';
import { createExperiment, type ExperimentChange, type ExperimentRow, getExperiment, interruptExperiments, listExperiments, updateExperiment } from './experiments.ts'; // prettier-ignore
import { listViews, removeView, type SavedView, saveView } from './views.ts';
import type { IdKind } from './ids.ts';
import { type ImageFacts, loadImageFacts, loadImageIndex } from './image-index.ts';
import { acquireLock, type WorkspaceLock } from './lock.ts';
import {
  addModel,
  changeModel,
  getModel,
  listModels,
  listRemovedModels,
  type ModelRow,
  type NewModel,
  removeModel,
  restoreModel,
} from './models.ts';
import { closeDatabase, openDatabase } from './open-database.ts';
import { ReportStore } from './reports.ts';
import { createRun, getRun, interruptRuns, listRuns, type RunChange, type RunRow, updateRun } from './runs.ts'; // prettier-ignore
import { addThreshold, listThresholds, type ThresholdRow } from './thresholds.ts';
import type { ScoreShape, ScoreWriter } from './score-files.ts';
import { listScores, loadScores, newScores, saveScores, type ScoreKey, type ScoreRow, type StoredScores, sweepScores } from './scores.ts'; // prettier-ignore
import { listThroughput, saveThroughput, type Throughput } from './throughput.ts';

/** How to open a workspace. */
export interface WorkspaceOptions {
  /** The clock, for ids and times; the system's unless a test sets it. */
  readonly now?: () => Date;
}

/**
 * Opens a workspace, making it if need be, and locks it for this process until `close`. Clears up
 * after a process that died: its lock, its temporary files, its runs (now `interrupted`).
 * @param dir any path; made absolute
 * @throws AppError('locked') when another process has it; 'invalid-data' when a file is in the way or a
 *   newer version wrote it; 'unreadable' when it cannot be written to; 'no-space'; 'runtime-missing'
 */
export function openWorkspace(dir: string, options: WorkspaceOptions = {}): Workspace {
  const folder = resolve(dir);
  const now = options.now ?? (() => new Date());
  ensureFolder(folder);
  const lock = acquireLock(folder, now());
  try {
    const parents = [
      ...(['dataset', 'model', 'run', 'audit', 'experiment', 'report'] as const).map((kind) =>
        parentFolder(folder, kind),
      ),
      join(folder, 'cache'),
    ];
    for (const parent of parents) {
      ensureFolder(parent);
      clear(parent);
    }
    const { db, warnings } = openDatabase(folder, now);
    const context = { db, folder, now };
    try {
      const interrupted = interruptRuns(context);
      interruptExperiments(context);
      sweepScores(context);
      return new Workspace(context, lock, warnings, interrupted);
    } catch (error) {
      closeDatabase(db, false);
      throw databaseError(error, folder);
    }
  } catch (error) {
    lock.release();
    throw error;
  }
}

function clear(parent: string): void {
  try {
    recoverLeftovers(parent);
  } catch (error) {
    throw diskError(error, parent, null);
  }
}

/** An open workspace. Every method throws `AppError`; see the functions of the same names for more. */
export class Workspace {
  /** What was repaired while opening, for the user; usually empty. */
  readonly warnings: readonly string[];
  /** Runs that the last process left unfinished, now `interrupted`. */
  readonly interruptedRuns: readonly string[];
  /** Decisions about images. */
  readonly curation: CurationLog;
  /** Reports in the making. */
  readonly reports: ReportStore;
  private readonly context: StoreContext;
  private readonly lock: WorkspaceLock;
  private healthy = true;
  private closed = false;

  constructor(
    context: StoreContext,
    lock: WorkspaceLock,
    warnings: readonly string[],
    interruptedRuns: readonly string[],
  ) {
    this.context = context;
    this.curation = new CurationLog(context);
    this.reports = new ReportStore(context);
    this.lock = lock;
    this.warnings = warnings;
    this.interruptedRuns = interruptedRuns;
  }

  /** Absolute path. */
  get folder(): string {
    return this.context.folder;
  }

  /** A fresh id, for things whose files are saved before their row. */
  newId(kind: IdKind): string {
    return this.guard(() => unusedId(this.context, kind));
  }

  modelFolder(id: string): string {
    return itemFolder(this.folder, 'model', id);
  }

  runFolder(id: string): string {
    return itemFolder(this.folder, 'run', id);
  }

  auditFolder(id: string): string {
    return itemFolder(this.folder, 'audit', id);
  }

  /** Decoded pixels and the like, keyed by fingerprint; may be deleted at any time. */
  cacheFolder(): string {
    return join(this.folder, 'cache');
  }

  /** Same root, same id; changed images replace the old ones and remove their scores. */
  registerDataset(manifest: Manifest): DatasetRow {
    return this.guard(() => registerDataset(this.context, manifest));
  }

  /** By id, name, root or the beginning of the id. */
  getDataset(wanted: string): DatasetRow {
    return this.guard(() => getDataset(this.context, wanted));
  }

  listDatasets(): readonly DatasetRow[] {
    return this.guard(() => listDatasets(this.context));
  }

  listRemovedDatasets(): readonly DatasetRow[] {
    return this.guard(() => listRemovedDatasets(this.context));
  }

  renameDataset(wanted: string, name: string): DatasetRow {
    return this.guard(() => renameDataset(this.context, wanted, name));
  }

  /** Off the list; `restoreDataset` brings it back with its scores. */
  removeDataset(wanted: string): DatasetRow {
    return this.guard(() => removeDataset(this.context, wanted));
  }

  restoreDataset(id: string): DatasetRow {
    return this.guard(() => restoreDataset(this.context, id));
  }

  datasetTotals(datasetId: string): DatasetTotals {
    return this.guard(() => datasetTotals(this.context, datasetId));
  }

  /** The manifest with the decisions of curation applied: what training and scoring use. */
  loadManifest(wanted: string): Manifest {
    return this.guard(() => {
      const registered = loadRegistered(this.context, wanted);
      if (this.curation.current().active.length === 0) return registered;
      const { id } = getDataset(this.context, wanted);
      return effectiveManifest(registered, this.curation.stateOf(id, registered));
    });
  }

  /** The manifest as it was scanned. */
  loadRegistered(wanted: string): Manifest {
    return this.guard(() => loadRegistered(this.context, wanted));
  }

  saveMeasurements(datasetId: string, columns: Measurements): void {
    this.guard(() => saveMeasurements(this.context, datasetId, columns));
  }

  /** Null when nothing was measured yet. */
  loadMeasurements(datasetId: string, images: number): Measurements | null {
    return this.guard(() => loadMeasurements(this.context, datasetId, images));
  }

  /** With what the dataset shares with others; `first` of the pairs belongs to it. */
  saveAnalysis(datasetId: string, analysis: Analysis, shared: readonly SharedImages[]): void {
    this.guard(() => saveAnalysis(this.context, datasetId, analysis, shared));
  }

  /** Null until the dataset as it is registered now was analysed. */
  analysedAt(datasetId: string): string | null {
    return this.guard(() => analysedAt(this.context, datasetId));
  }

  /** Null until the dataset as it is registered now was analysed. */
  loadAnalysis(datasetId: string, images: number): StoredAnalysis | null {
    return this.guard(() => loadAnalysis(this.context, datasetId, images));
  }

  loadShared(datasetId: string): readonly SharedImages[] {
    return this.guard(() => loadShared(this.context, datasetId));
  }

  /** The records at these places, in this order. @throws AppError('not-found') when there is no such place */
  loadRecords(datasetId: string, ordinals: Iterable<number>): readonly ImageRecord[] {
    return this.guard(() => loadRecords(this.context, datasetId, ordinals));
  }

  listViews(): readonly SavedView[] {
    return this.guard(() => listViews(this.context));
  }

  saveView(view: Parameters<typeof saveView>[1]): SavedView {
    return this.guard(() => saveView(this.context, view));
  }

  removeView(id: string): void {
    this.guard(() => removeView(this.context, id));
  }

  /** Every image's path, class, split and status as columns; see `ImageIndex`. */
  loadImageIndex(datasetId: string): Promise<ImageIndex> {
    return this.guardAsync(() => loadImageIndex(this.context, datasetId));
  }

  /** Every image's size in bytes and pixels. @param datasetId full id */
  loadImageFacts(datasetId: string, count: number): Promise<ImageFacts> {
    return this.guardAsync(() => loadImageFacts(this.context, datasetId, count));
  }

  setNearFar(wanted: string, nearFar: 'near' | 'far' | null): DatasetRow {
    return this.guard(() => setNearFar(this.context, wanted, nearFar));
  }

  /** After its files have been saved under `modelFolder(id)`. */
  addModel(model: NewModel): ModelRow {
    return this.guard(() => addModel(this.context, model));
  }

  /** By id, name or the beginning of the id. */
  getModel(wanted: string): ModelRow {
    return this.guard(() => getModel(this.context, wanted));
  }

  listModels(): readonly ModelRow[] {
    return this.guard(() => listModels(this.context));
  }

  listRemovedModels(): readonly ModelRow[] {
    return this.guard(() => listRemovedModels(this.context));
  }

  changeModel(wanted: string, change: Parameters<typeof changeModel>[2]): ModelRow {
    return this.guard(() => changeModel(this.context, wanted, change));
  }

  /** Off the list; `restoreModel` brings it back with its scores. */
  removeModel(wanted: string): ModelRow {
    return this.guard(() => removeModel(this.context, wanted));
  }

  restoreModel(id: string): ModelRow {
    return this.guard(() => restoreModel(this.context, id));
  }

  createRun(run: Parameters<typeof createRun>[1]): RunRow {
    return this.guard(() => createRun(this.context, run));
  }

  updateRun(id: string, change: RunChange): RunRow {
    return this.guard(() => updateRun(this.context, id, change));
  }

  getRun(wanted: string): RunRow {
    return this.guard(() => getRun(this.context, wanted));
  }

  listRuns(): readonly RunRow[] {
    return this.guard(() => listRuns(this.context));
  }

  createExperiment(experiment: Parameters<typeof createExperiment>[1]): ExperimentRow {
    return this.guard(() => createExperiment(this.context, experiment));
  }

  updateExperiment(id: string, change: ExperimentChange): ExperimentRow {
    return this.guard(() => updateExperiment(this.context, id, change));
  }

  /** By id, name or the beginning of the id. */
  getExperiment(wanted: string): ExperimentRow {
    return this.guard(() => getExperiment(this.context, wanted));
  }

  /** Oldest first, removed ones too. */
  listExperiments(): readonly ExperimentRow[] {
    return this.guard(() => listExperiments(this.context));
  }

  saveThroughput(seen: Throughput): void {
    this.guard(() => saveThroughput(this.context, seen));
  }

  listThroughput(): readonly Throughput[] {
    return this.guard(() => listThroughput(this.context));
  }

  /** Files for new scores; they count once `saveScores` has taken them. */
  newScores(key: ScoreKey, shape: ScoreShape): Promise<ScoreWriter> {
    return this.guardAsync(() => newScores(this.context, key, shape));
  }

  /** Replaces the former scores of this model on this dataset. */
  saveScores(key: Parameters<typeof saveScores>[1], writer: ScoreWriter): Promise<void> {
    return this.guardAsync(() => saveScores(this.context, key, writer));
  }

  /** Null when this model has not been scored on this dataset, or the dataset's images changed since. */
  loadScores(key: ScoreKey): Promise<StoredScores | null> {
    return this.guardAsync(() => loadScores(this.context, key));
  }

  /** Everything that is scored and whose images have not changed since. */
  listScores(): readonly ScoreRow[] {
    return this.guard(() => listScores(this.context));
  }

  /** Appends a decision; earlier ones stay. */
  addThreshold(threshold: Parameters<typeof addThreshold>[1]): ThresholdRow {
    return this.guard(() => addThreshold(this.context, threshold));
  }

  /** Newest first. @param modelId full id */
  listThresholds(modelId: string): readonly ThresholdRow[] {
    return this.guard(() => listThresholds(this.context, modelId));
  }

  addAudit(audit: Parameters<typeof addAudit>[1]): AuditRow {
    return this.guard(() => addAudit(this.context, audit));
  }

  getAudit(wanted: string): AuditRow {
    return this.guard(() => getAudit(this.context, wanted));
  }

  listAudits(): readonly AuditRow[] {
    return this.guard(() => listAudits(this.context));
  }

  /** Closes the database and gives the lock back. A second call does nothing; never throws. */
  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.curation.close();
    closeDatabase(this.context.db, this.healthy);
    this.lock.release();
  }

  /** For `using workspace = openWorkspace(...)`. */
  [Symbol.dispose](): void {
    this.close();
  }

  private guard<Result>(work: () => Result): Result {
    try {
      return work();
    } catch (error) {
      const known = databaseError(error, this.folder);
      // Without the clean flag the next open checks the file and repairs it.
      if (known.code === 'invalid-data') this.healthy = false;
      throw known;
    }
  }

  private async guardAsync<Result>(work: () => Promise<Result>): Promise<Result> {
    try {
      return await work();
    } catch (error) {
      throw databaseError(error, this.folder);
    }
  }
}
