/** Weights from PyTorch, of which the file tells neither the network's name nor how images were made ready. */
import path from 'node:path';
import type { trainingMethods } from '../contract/training.ts';
import { computeNormalisation } from '../core/decode/normalisation.ts';
import type { DecodeSpec } from '../core/decode/types.ts';
import { AppError } from '../core/errors.ts';
import { architectureOf } from '../core/model/architecture.ts';
import type { ModelInfo } from '../core/model/model-file.ts';
import type { Workspace } from '../core/store/workspace.ts';
import { loadImages, usableImages } from '../core/workflow/images.ts';
import { importModel, networksOf } from '../core/workflow/import-model.ts';
import type { ReceivedOf } from '../rpc/types.ts';
import type { JobHooks } from './jobs.ts';

type Request = ReceivedOf<(typeof trainingMethods)['models.import']>;

/** Everything that was guessed is told as a warning. */
export async function importWeights(
  workspace: Workspace,
  file: string,
  { datasetId, name, weights = {} }: Request,
  appVersion: string,
  { signal, onWarning, onProgress }: JobHooks,
): Promise<ModelInfo> {
  const manifest = workspace.loadManifest(datasetId);
  const network = weights.network ?? (await guessedNetwork(file, manifest.classes.length, onWarning)); // prettier-ignore
  const decode = weights.decode ?? guessedDecode(network, onWarning);
  let { mean, std } = weights;
  if (!mean || !std) {
    const images = usableImages(manifest, 'train');
    const { block } = await loadImages(manifest, images, decode, {
      cacheDir: workspace.cacheFolder(),
      signal,
      onProgress,
    });
    const measured = await computeNormalisation(block);
    mean ??= [...measured.mean];
    std ??= [...measured.std];
    onWarning(`Mean and deviation of the colours are taken from the training images of ${manifest.name}.`); // prettier-ignore
  }
  onWarning(`The outputs are taken to be, in this order: ${manifest.classes.join(', ')}.`);
  const architecture = architectureOf(network, {
    classes: manifest.classes.length,
    inputSize: decode.size,
  });
  const called = name ?? path.basename(file, path.extname(file));
  return await importModel(workspace, { file, architecture, datasetId, decode, mean, std, name: called, appVersion }); // prettier-ignore
}

async function guessedNetwork(
  file: string,
  classes: number,
  onWarning: (text: string) => void,
): Promise<string> {
  const networks = await networksOf(file, classes);
  const [network, ...others] = networks;
  if (network === undefined)
    throw new AppError(
      'invalid-model',
      `${file}: these weights fit none of the known networks with ${classes} classes.`,
    );
  onWarning(
    `The network is taken to be ${network}${others.length > 0 ? ` (${others.join(', ')} would fit too)` : ''}.`,
  );
  return network;
}

function guessedDecode(network: string, onWarning: (text: string) => void): DecodeSpec {
  const size = network === 'resnet-18-224' ? 224 : 32;
  onWarning(`Images are taken to be ${size} x ${size} pixels.`);
  return { size, resize: 'stretch' };
}
