import type { TrainingOptions } from '../../contract/training.ts';
import { ARCHITECTURE_PRESETS, architectureName, architectureOf, summariseNetwork } from '../../core/model/architecture.ts'; // prettier-ignore
import { DEFAULT_OUTLIER_RATIO, PRESETS, type PresetName, type TrainingConfig } from '../../core/train/config.ts'; // prettier-ignore
import { OBJECTIVE_IDS, objectiveNamed } from '../../core/train/objectives/registry.ts';

type ContractConfig = TrainingOptions['presets'][number]['pretrain'];

/** Presets and networks to choose from. */
export function trainingOptions(bf16: boolean): TrainingOptions {
  return {
    presets: (Object.keys(PRESETS) as PresetName[]).map((id) => {
      const { pretrain, finetune, ...preset } = PRESETS[id];
      return { id, ...preset, pretrain: plain(pretrain), finetune: plain(finetune) };
    }),
    networks: Object.keys(ARCHITECTURE_PRESETS).map((id) => {
      const architecture = architectureOf(id, { classes: 10, inputSize: 32 });
      const { trainableCount, multiplyAdds } = summariseNetwork(architecture);
      return {
        id,
        label: architectureName(architecture),
        parameters: trainableCount,
        multiplyAdds,
      };
    }),
    objectives: OBJECTIVE_IDS.map((id) => {
      const { label, formula, source, outliers, settings } = objectiveNamed(id);
      return {
        id,
        label,
        formula,
        source,
        outliers,
        settings: settings.map((one) => ({ ...one })),
      };
    }),
    outlierRatio: DEFAULT_OUTLIER_RATIO,
    bf16,
  };
}

const plain = (config: TrainingConfig): ContractConfig => structuredClone(config) as ContractConfig;
