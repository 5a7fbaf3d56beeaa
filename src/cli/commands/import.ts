import { AppError } from '../../core/errors.ts';
import { architectureOf } from '../../core/model/architecture.ts';
import { importModel } from '../../core/workflow/import-model.ts';
import { APP_VERSION, type Host } from '../host.ts';
import { datasetId, numberOption } from '../resolve.ts';
import { describeModel } from './describe-model.ts';
import { resizeMode } from './training-options.ts';

export interface ImportOptions {
  readonly network: string;
  readonly dataset: string;
  readonly mean: string;
  readonly std: string;
  readonly size: string;
  readonly resize: string;
  readonly name?: string;
}

/** `straylight import <file>`: weights that were trained in PyTorch. */
export async function importCommand(
  host: Host,
  file: string,
  options: ImportOptions,
): Promise<void> {
  const [mean, std] = [threeNumbers('mean', options.mean), threeNumbers('std', options.std)];
  const decode = { size: numberOption('size', options.size)!, resize: resizeMode(options.resize) };
  const id = await datasetId(host, options.dataset, 'id');
  const { classes } = host.workspace().loadManifest(id);
  const architecture = architectureOf(options.network, {
    classes: classes.length,
    inputSize: decode.size,
  });
  const name = options.name ?? `${options.network}, imported`;
  const appVersion = APP_VERSION;
  const request = { file, architecture, datasetId: id, decode, mean, std, name, appVersion };
  const info = await importModel(host.workspace(), request);
  host.output.line(
    `The network's outputs are taken to be, in this order: ${classes.join(', ')}. An accuracy near chance in an audit means that the order was another.`,
  );
  describeModel(host, info);
  host.output.result({ model: info });
}

function threeNumbers(option: string, text: string): readonly [number, number, number] {
  const values = text.split(',').map((part) => Number(part.trim() || NaN));
  if (values.length !== 3 || !values.every((value) => Number.isFinite(value)))
    throw new AppError(
      'usage',
      `--${option} must be three numbers, for red, green and blue, such as 0.485,0.456,0.406; not "${text}".`,
    );
  return values as unknown as readonly [number, number, number];
}
