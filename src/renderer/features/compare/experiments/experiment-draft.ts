/** The form of a new experiment as plain data, and the request it makes. */
import type { ExperimentRequest } from '../../../../contract/experiments.ts';
import type { Preset } from '../../../../contract/training.ts';

export interface ExperimentDraft {
  /** `dataset:<id>` to pretrain once per seed, `model:<id>` to fine-tune one model. */
  readonly source: string;
  readonly preset: Preset;
  readonly network: string;
  readonly size: number;
  /** As typed: `1, 2, 3`. */
  readonly seeds: string;
  readonly pretrainEpochs: number;
  readonly epochs: number;
  readonly lambda: number;
  readonly oodDatasetIds: readonly string[];
  readonly protocol: 'as-given' | 'six-sets' | 'near-far';
  readonly withControl: boolean;
  readonly withBatchNorm: boolean;
  readonly name: string;
}

/** Seeds of the paper. */
export const FIVE_SEEDS = '1, 2, 3, 4, 5';

/** Whole numbers with commas or spaces between them; null when it is anything else, or one is there twice. */
export function seedsIn(text: string): number[] | null {
  const words = text.split(/[\s,;]+/u).filter((word) => word !== '');
  const seeds = words.map(Number);
  const valid = seeds.every((seed) => Number.isSafeInteger(seed) && seed >= 0);
  if (!valid || seeds.length === 0 || seeds.length > 20) return null;
  return new Set(seeds).size === seeds.length ? seeds : null;
}

/** Null while something is missing or makes no sense. */
export function experimentRequestOf(draft: ExperimentDraft): ExperimentRequest | null {
  const seeds = seedsIn(draft.seeds);
  const [kind, id] = draft.source.split(':', 2) as [string, string | undefined];
  if (!seeds || !id || draft.oodDatasetIds.length === 0) return null;
  const { preset } = draft;
  const name = draft.name.trim();
  return {
    start:
      kind === 'model'
        ? { kind: 'finetune', parentId: id }
        : {
            kind: 'pretrain',
            datasetId: id,
            network: draft.network,
            dropout: preset.dropout,
            decode: { size: draft.size, resize: 'stretch' },
            config: { ...preset.pretrain, epochs: draft.pretrainEpochs },
          },
    preset: preset.id,
    finetune: { ...preset.finetune, epochs: draft.epochs, lambda: draft.lambda },
    seeds,
    oodDatasetIds: [...draft.oodDatasetIds],
    protocol: draft.protocol,
    withControl: draft.withControl && draft.lambda > 0,
    withBatchNorm: draft.withBatchNorm,
    ...(name === '' ? {} : { name }),
  };
}
