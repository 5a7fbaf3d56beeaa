/** The form of a new run as plain data, and the request it makes. */
import type { Preset, TrainingConfig, TrainingRequest } from '../../../contract/training.ts';
import { hasPenalty } from './objectives.ts';

export type Mode = 'pretrain' | 'finetune';

export interface Draft {
  readonly mode: Mode;
  readonly datasetId: string | null;
  readonly parentId: string | null;
  readonly preset: Preset['id'];
  readonly network: string;
  readonly dropout: number;
  readonly size: number;
  readonly resize: 'stretch' | 'center-crop' | 'pad';
  readonly config: TrainingConfig;
  /** How many seeds, counted up from the first. */
  readonly seeds: number;
  readonly withControl: boolean;
  readonly patience: number | null;
  readonly name: string;
}

/** The draft after a preset or the mode was chosen: its numbers replace what was there. */
export function withPreset(draft: Draft, preset: Preset, mode: Mode): Draft {
  return {
    ...draft,
    mode,
    preset: preset.id,
    network: preset.network,
    dropout: preset.dropout,
    config: {
      ...(mode === 'pretrain' ? preset.pretrain : preset.finetune),
      seed: draft.config.seed,
    },
  };
}

/** Null while the dataset or the model is not chosen. */
export function requestOf(draft: Draft): TrainingRequest | null {
  const {
    mode,
    datasetId,
    parentId,
    preset,
    config,
    seeds,
    patience,
    network,
    dropout,
    size,
    resize,
  } = draft;
  const name = draft.name.trim();
  const shared = {
    preset,
    config,
    seeds: Array.from({ length: seeds }, (_, i) => config.seed + i),
    patience,
    ...(name === '' ? {} : { name }),
  };
  if (mode === 'pretrain')
    return datasetId === null
      ? null
      : { kind: 'pretrain', datasetId, network, dropout, decode: { size, resize }, ...shared };
  return parentId === null
    ? null
    : {
        kind: 'finetune',
        parentId,
        withControl: draft.withControl && hasPenalty(config),
        ...shared,
      };
}

/** Settings that differ from the preset, so that a changed preset is seen to be one. */
export function changedSettings(draft: Draft, preset: Preset): (keyof TrainingConfig)[] {
  const base = draft.mode === 'pretrain' ? preset.pretrain : preset.finetune;
  return (Object.keys(base) as (keyof TrainingConfig)[]).filter(
    (key) => key !== 'seed' && JSON.stringify(base[key]) !== JSON.stringify(draft.config[key]),
  );
}
