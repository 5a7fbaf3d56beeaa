/** What the reference's network says about the reference's images, 32 x 32 PNG of 8 bits. */
import sharp from 'sharp';
import { architectureOf, summariseNetwork } from '../../src/core/model/architecture.ts';
import { fromPytorch } from '../../src/core/model/pytorch-weights.ts';
import { decodeSafetensors } from '../../src/core/model/safetensors.ts';
import type { DetectorInputs, LastLayer, TrainingData } from '../../src/core/score/types.ts';
import type { Runtime } from '../../src/core/tf/runtime.ts';
import type { Session } from '../../src/core/tf/session.ts';
import { forwardAll } from '../../src/core/train/evaluate.ts';
import { crossEntropy } from '../../src/core/train/objectives/cross-entropy.ts';
import { readNpz } from '../../test/support/npz.ts';
import { readWeights, referenceOutputsFile, trainingSet } from './reference.ts';

const SIZE = 32;
const PERTURBATION = { temperature: 1000, epsilon: 0.0014 } as const;

export interface ReferenceModel {
  readonly session: Session;
  readonly lastLayer: LastLayer;
  readonly stageWidths: readonly number[];
}

/** The public ResNet-20, on this runtime. */
export function referenceModel(runtime: Runtime): ReferenceModel {
  const { file, bytes } = readWeights();
  const architecture = architectureOf('resnet-20', { classes: 10, inputSize: SIZE });
  const weights = fromPytorch(architecture, decodeSafetensors(bytes, file).tensors);
  const session = runtime.createSession({
    architecture,
    normalisation: { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] },
    objective: crossEntropy,
    sgd: { momentum: 0, nesterov: false, weightDecay: 0 },
    weights,
  });
  const [weight, bias] = [...weights.values()].slice(-2);
  const [units, classes] = weight!.shape as [number, number];
  const { stageWidths } = summariseNetwork(architecture);
  return {
    session,
    stageWidths,
    lastLayer: { weights: weight!.data, bias: bias!.data, units, classes },
  };
}

async function pixelsOf(files: readonly string[]): Promise<Uint8Array> {
  const images: Buffer[] = [];
  for (const file of files)
    images.push(await sharp(file).removeAlpha().toColourspace('srgb').raw().toBuffer());
  return Buffer.concat(images);
}

/** What takes longer or more memory, and is made when it is asked for. */
interface Extras {
  readonly perturbed?: boolean;
  readonly stages?: boolean;
}

/** What detectors read of these images. */
export async function inputsOf(
  { session, lastLayer }: ReferenceModel,
  files: readonly string[],
  { perturbed = false, stages = false }: Extras = {},
): Promise<DetectorInputs> {
  const outputs = await forwardAll(
    session,
    { data: await pixelsOf(files), count: files.length, size: SIZE },
    { perturb: perturbed ? PERTURBATION : null, stages },
  );
  const { count, classes, featureCount: units } = outputs;
  return {
    logits: { data: outputs.logits, count, classes },
    features: { data: outputs.features, count, units },
    ...(outputs.stages
      ? { stages: { data: outputs.stages, count, units: outputs.stages.length / count } }
      : {}),
    ...(outputs.perturbed ? { perturbed: { data: outputs.perturbed, count, classes } } : {}),
    lastLayer,
  };
}

/** What the reference's own network said about its test images, by set: to tell scores from rounding in the network. */
export function referenceOutputs(lastLayer: LastLayer): ReadonlyMap<string, DetectorInputs> {
  const archive = readNpz(referenceOutputsFile);
  const sets = [...archive.keys()].filter((name) => name.endsWith('_logits'));
  return new Map(
    sets.map((key) => {
      const name = key.replace('_logits', '');
      const logits = archive.get(key)!;
      const features = archive.get(`${name}_feats`)!;
      const [count, classes] = logits.shape as [number, number];
      return [
        name,
        {
          logits: { data: logits.data, count, classes },
          features: { data: features.data, count, units: features.shape[1]! },
          lastLayer,
        },
      ];
    }),
  );
}

/** The ID training split under the network, as one block. */
export async function trainingOf(model: ReferenceModel, stages = false): Promise<TrainingData> {
  const { files, labels, classNames } = trainingSet();
  const inputs = await inputsOf(model, files, { stages });
  return {
    count: files.length,
    classNames,
    lastLayer: model.lastLayer,
    stageWidths: model.stageWidths,
    // eslint-disable-next-line @typescript-eslint/require-await -- already in memory
    async *blocks() {
      yield { ...inputs, labels };
    },
  };
}
