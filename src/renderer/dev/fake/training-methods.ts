import type {
  EpochRecord,
  ModelSummary,
  Preset,
  RunSummary,
  TrainingRequest,
  TrainingEstimate,
  TrainingConfig,
} from '../../../contract/training.ts'; // prettier-ignore // prettier-ignore
import { OBJECTIVES } from './objectives.ts';
import { RemoteError } from '../../../rpc/errors.ts';
import { pretend, untilAborted, type JobList } from './live.ts';
import type { Part } from './types.ts';
import { CONFIG, epochsOf, TIME, type World } from './world.ts';

const PRESETS: Preset[] = [
  { id: 'paper', label: 'Paper as printed', description: 'What the paper prints: Adam-like schedule, 100 epochs.', network: 'wrn-40-2', dropout: 0.3, pretrain: { ...CONFIG, epochs: 100 }, finetune: { ...CONFIG, objective: 'sparsity', lambda: 0.001, epochs: 10, learningRate: 0.001 } }, // prettier-ignore
  { id: 'authors', label: 'Authors’ code (recommended)', description: 'What the authors’ code does.', network: 'wrn-40-2', dropout: 0.3, pretrain: { ...CONFIG, epochs: 100 }, finetune: { ...CONFIG, objective: 'sparsity', lambda: 0.001, epochs: 10, learningRate: 0.001 } }, // prettier-ignore
  { id: 'quick', label: 'Quick look', description: 'Minutes on a laptop; to see the way, not for results.', network: 'wrn-16-2', dropout: 0, pretrain: { ...CONFIG, epochs: 4 }, finetune: { ...CONFIG, objective: 'sparsity', lambda: 0.001, epochs: 2, learningRate: 0.01 } }, // prettier-ignore
];

export class Runs {
  readonly all = new Map<string, RunSummary>();
  private minted = 0;
  private readonly jobs: JobList;

  constructor(jobs: JobList) {
    this.jobs = jobs;
  }

  get(runId: string): RunSummary {
    const found = this.all.get(runId);
    if (!found) throw new RemoteError('not-found', `Run ${runId}: not there. Reload the list.`);
    return found;
  }
  set(runId: string, changes: Partial<RunSummary>): RunSummary {
    const run = { ...this.get(runId), ...changes };
    this.all.set(runId, run);
    const { id, name: title, state, progress, error, startedAt, endedAt } = run;
    this.jobs.put({ id: `job-${id}`, kind: 'train', title, state, progress, runId: id, error, startedAt, endedAt }); // prettier-ignore
    return run;
  }
  add(given: Partial<RunSummary> & Pick<RunSummary, 'name' | 'kind' | 'purpose'>): RunSummary {
    const id = `run-${++this.minted}`;
    this.all.set(id, {
      id,
      groupId: null,
      state: 'pending',
      queuePosition: null,
      datasetId: 'fashion',
      parentId: given.kind === 'finetune' ? 'm-before' : null,
      modelId: null,
      network: 'wrn-16-2',
      preset: 'quick',
      config: CONFIG,
      step: 0,
      steps: 5640,
      epochs: [],
      progress: null,
      error: null,
      createdAt: TIME,
      startedAt: null,
      endedAt: null,
      ...given,
    });
    return this.set(id, {});
  }
}

export function trainingMethods(
  world: World,
  jobs: JobList,
  runs: Runs,
  stepMs: number,
): Part<'training'> & Part<'runs'> & Part<'models'> {
  const modelOf = (modelId: string): ModelSummary => {
    const found = world.models.get(modelId);
    if (!found) throw new RemoteError('not-found', `Model ${modelId}: not there. Reload the list.`);
    return found;
  };
  const change = (modelId: string, changes: Partial<ModelSummary>): ModelSummary => {
    const model = { ...modelOf(modelId), ...changes };
    world.models.set(modelId, model);
    return model;
  };
  const estimate = (request: TrainingRequest): TrainingEstimate => ({
    seconds: request.config.epochs * 96,
    basis: 'measured-here',
    imagesPerSecond: 214,
    memoryBytes: 1_240_000_000,
    diskBytes: 12_000_000,
    parameters: 691_674,
    multiplyAdds: 101_000_000,
    trainImages: 6000,
    steps: request.config.epochs * 47,
    runs: request.seeds.length * (request.kind === 'finetune' && request.withControl ? 2 : 1),
    warnings: request.config.learningRate > 1 ? ['A learning rate above 1 rarely converges.'] : [],
    problems: request.config.epochs < 1 ? ['Epochs: must be at least 1.'] : [],
  });

  return {
    'training.options': () => ({
      presets: PRESETS,
      networks: [
        {
          id: 'wrn-16-2',
          label: 'WideResNet-16-2',
          parameters: 691_674,
          multiplyAdds: 101_000_000,
        },
        { id: 'wrn-40-2', label: 'WideResNet-40-2', parameters: 2_243_546, multiplyAdds: 328_000_000 }, // prettier-ignore
        { id: 'resnet18', label: 'ResNet-18', parameters: 11_173_962, multiplyAdds: 556_000_000 },
      ],
      objectives: OBJECTIVES,
      outlierRatio: 2,
      bf16: false,
    }),
    'training.estimate': (request) => estimate(request),
    'training.measure': async (request, context) => {
      await pretend(
        jobs,
        { kind: 'estimate', title: 'Measure speed', images: 640, stepMs },
        context,
      );
      return estimate(request);
    },
    'training.previewAugmentation': ({ decode, images, views }) => {
      const pixels = decode.size * decode.size * 3;
      const paint = (count: number): Uint8Array<ArrayBuffer> =>
        Uint8Array.from({ length: count * pixels }, (_, at) => (Math.floor(at / 3) % decode.size) * (200 / decode.size) + (Math.floor(at / pixels) % 12) * 4); // prettier-ignore
      return { size: decode.size, originals: paint(images), views: paint(images * views) };
    },
    'runs.start': (request) => {
      const purposes =
        request.kind === 'pretrain'
          ? (['pretrain'] as const)
          : request.withControl
            ? (['sparse', 'control'] as const)
            : (['sparse'] as const);
      return request.seeds.flatMap((seed) =>
        purposes.map((purpose) =>
          runs.add({
            name: request.name ?? `${purpose}, seed ${seed}`,
            kind: request.kind,
            purpose,
            preset: request.preset,
            config: { ...request.config, seed, lambda: purpose === 'control' ? 0 : request.config.lambda }, // prettier-ignore
            queuePosition: [...runs.all.values()].filter(({ state }) => state === 'pending').length,
          }),
        ),
      );
    },
    'runs.list': () => [...runs.all.values()],
    'runs.watch': async ({ runId }, { signal, emit }) => {
      const run = runs.get(runId);
      emit({ type: 'state', run });
      emit({ type: 'log', time: TIME, text: `${run.network}, ${run.steps} steps` });
      const perEpoch = run.steps / run.config.epochs;
      for (const epoch of run.epochs) {
        for (let part = 0; part < 8; part++)
          emit(stepEvent(epoch, perEpoch, part, run.config.objective));
        emit({ type: 'epoch', epoch });
        emit({ type: 'checkpoint', step: Math.round(epoch.epoch * perEpoch) });
      }
      if (run.state !== 'running') return run;
      return untilAborted(signal);
    },
    'runs.pause': ({ runId }) => runs.set(runId, { state: 'paused' }),
    'runs.resume': ({ runId }) => runs.set(runId, { state: 'running', error: null }),
    'runs.cancel': ({ runId }) => runs.set(runId, { state: 'cancelled', endedAt: TIME }),
    'runs.stopAndKeepBest': ({ runId }) =>
      runs.set(runId, { state: 'succeeded', modelId: 'm-sparse', endedAt: TIME }),
    'runs.move': ({ runId, position }) => {
      runs.set(runId, { queuePosition: position });
      return [...runs.all.values()];
    },
    'runs.remove': ({ runId }) => {
      runs.all.delete(runId);
      return null;
    },
    'models.list': () => [...world.models.values()],
    'models.rename': ({ modelId, name }) => change(modelId, { name }),
    'models.export': async ({ modelId }, context) => {
      await pretend(jobs, { kind: 'export', title: `Export ${modelOf(modelId).name}`, images: 1, stepMs }, context); // prettier-ignore
      return { displayPath: `/exports/${modelId}` };
    },
    'models.import': async ({ datasetId, name }, context) => {
      await pretend(jobs, { kind: 'export', title: 'Import a model', images: 1, stepMs }, context);
      const model: ModelSummary = { ...modelOf('m-before'), id: 'm-imported', name: name ?? 'Imported', role: 'other', datasetId, preset: 'imported' }; // prettier-ignore
      world.models.set(model.id, model);
      return model;
    },
    'models.reestimate': async ({ modelId }, context) => {
      const parent = modelOf(modelId);
      await pretend(jobs, { kind: 'train', title: `Batch-norm statistics of ${parent.name}`, images: 6000, stepMs }, context); // prettier-ignore
      const id = `${modelId}-bn`;
      const made: ModelSummary = { ...parent, id, parentId: modelId, role: 'batch-norm', name: `${parent.name}, batch-norm statistics again (control)`, epochs: [], scoredDatasetIds: [] }; // prettier-ignore
      world.models.set(id, made);
      return made;
    },
    'models.remove': ({ modelId }) => {
      change(modelId, { removedAt: TIME });
      return null;
    },
    'models.restore': ({ modelId }) => change(modelId, { removedAt: null }),
  };
}

/** Falling, each on a scale of its own. */
function termsOf(
  objective: TrainingConfig['objective'],
  loss: number,
  at: number,
): Record<string, number> {
  const falling = (scale: number) => (scale * (1 + 0.15 * Math.sin(at * 9))) / (1 + at);
  switch (objective) {
    case 'energy-margin':
      return { crossEntropy: loss, energyIn: falling(180), energyOut: falling(40) };
    case 'sparsity':
    case 'sparsity-logits':
      return { crossEntropy: loss, l1: falling(30) };
    default:
      return { crossEntropy: loss };
  }
}

const stepEvent = (
  epoch: EpochRecord,
  perEpoch: number,
  part: number,
  objective: TrainingConfig['objective'],
) => ({
  type: 'step' as const,
  step: Math.round((epoch.epoch - 1 + part / 8) * perEpoch),
  loss: epoch.trainLoss + 0.1 * Math.sin(epoch.epoch * 8 + part * 2.4),
  terms: termsOf(objective, epoch.trainLoss, epoch.epoch + part / 8),
  learningRate: epoch.learningRate,
  imagesPerSecond: 214,
});

/** A pretrained model behind, a fine-tuning under way, its control waiting. */
export function runsUnderWay(runs: Runs): void {
  runs.add({ name: 'Pretrain fashion', kind: 'pretrain', purpose: 'pretrain', state: 'succeeded', modelId: 'm-before', epochs: epochsOf(12, 1), step: 5640, startedAt: TIME, endedAt: TIME }); // prettier-ignore
  const { id } = runs.add({ name: 'Fine-tune, λ = 0.001', kind: 'finetune', purpose: 'sparse', groupId: 'g1', startedAt: TIME, config: { ...CONFIG, objective: 'sparsity', lambda: 0.001 } }); // prettier-ignore
  runs.set(id, {
    state: 'running',
    epochs: epochsOf(5, 3, true),
    step: 2370,
    progress: { phase: 'Fine-tune', value: 0.42, done: 2370, total: 5640, unit: 'steps', ratePerS: 3.4, remainingS: 962, note: 'epoch 6/12  loss 0.412  accuracy 85.3%' }, // prettier-ignore
  });
  runs.add({ name: 'Fine-tune, λ = 0 (control)', kind: 'finetune', purpose: 'control', groupId: 'g1', queuePosition: 0, config: { ...CONFIG, objective: 'sparsity', lambda: 0 } }); // prettier-ignore
}
