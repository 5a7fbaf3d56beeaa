/** Keeps what an audit scored, so that the app can show it; scores that are there already stay. */
import type { Features } from '../score/types.ts';
import { roomForFeatures, type ScoreWriter } from '../store/score-files.ts';
import type { Workspace } from '../store/workspace.ts';
import type { ScoredSet } from './score-model.ts';

/** One model's scores on the datasets of an audit. */
export class StoredAside {
  private readonly workspace: Workspace;
  private readonly modelId: string;
  private readonly datasetIds: readonly string[];
  private readonly writers = new Map<string, { writer: ScoreWriter; fingerprint: string }>();

  /** @param datasetIds of each set that is scored; a dataset of two splits is named twice */
  constructor(workspace: Workspace, modelId: string, datasetIds: readonly string[]) {
    this.workspace = workspace;
    this.modelId = modelId;
    this.datasetIds = datasetIds.map((id) => workspace.getDataset(id).id);
  }

  /** @param index of the set in the order of `datasetIds` */
  async keep(set: ScoredSet, features: Features, index: number): Promise<void> {
    const datasetId = this.datasetIds[index]!;
    const { modelId, workspace } = this;
    const kept = workspace
      .listScores()
      .some((row) => row.modelId === modelId && row.datasetId === datasetId);
    if (kept) return;
    const { manifest, records, logits } = set;
    const ordinals = new Map(manifest.images.map(({ path }, ordinal) => [path, ordinal]));
    let entry = this.writers.get(datasetId);
    if (!entry) {
      const shape = { classes: logits.classes, units: features.units };
      const folder = workspace.modelFolder(modelId);
      const room = await roomForFeatures(folder, manifest.name, manifest.images.length, shape);
      const writer = await workspace.newScores(
        { modelId, datasetId },
        { ...shape, units: room ? shape.units : 0 },
      );
      entry = { writer, fingerprint: workspace.getDataset(datasetId).fingerprint };
      this.writers.set(datasetId, entry);
    }
    await entry.writer.append({
      rows: Uint32Array.from(records, ({ path }) => ordinals.get(path)!),
      logits: logits.data,
      features: features.data,
      energies: set.energies,
      predicted: set.predicted,
      confidence: set.confidence,
      l1: set.features.l1,
      hoyer: set.features.hoyerOf,
    });
  }

  /** After the last set. Files of an audit that stopped before are cleared when the workspace is opened. */
  async finish(): Promise<void> {
    for (const [datasetId, { writer, fingerprint }] of this.writers)
      await this.workspace.saveScores({ modelId: this.modelId, datasetId, fingerprint }, writer);
  }
}
