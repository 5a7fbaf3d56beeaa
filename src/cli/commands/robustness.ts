import { AppError } from '../../core/errors.ts';
import { loadModel } from '../../core/model/model-file.ts';
import { CORRUPTION_SOURCE, CORRUPTIONS, SEVERITIES, type Severity } from '../../core/robustness/corruptions.ts'; // prettier-ignore
import type { Robustness } from '../../core/robustness/stored.ts';
import { measureRobustness } from '../../core/workflow/measure-robustness.ts';
import type { Host } from '../host.ts';
import { datasetId, numberOption } from '../resolve.ts';
import { formatTable, percent } from '../table.ts';

export interface RobustnessOptions {
  readonly id?: string;
  readonly images?: string;
  readonly severities?: string;
  readonly seed: string;
}

/** `straylight robustness <model...>`: the ID test images, corrupted in five ways at up to five severities. */
export async function robustnessCommand(
  host: Host,
  models: readonly string[],
  options: RobustnessOptions,
): Promise<void> {
  const workspace = host.workspace();
  const rows = models.map((model) => workspace.getModel(model));
  const { info } = await loadModel(rows[0]!.folder);
  const dataset =
    options.id === undefined ? info.lineage.datasetId : await datasetId(host, options.id, 'id');
  const images = numberOption('images', options.images) ?? null;
  if (images !== null && !(Number.isInteger(images) && images > 0))
    throw new AppError('usage', `--images must be a whole number above 0, not ${images}.`);
  const results = await measureRobustness(
    workspace,
    await host.runtime(),
    {
      modelIds: rows.map(({ id }) => id),
      datasetId: dataset,
      images,
      seed: numberOption('seed', options.seed)!,
      corruptions: [...CORRUPTIONS],
      severities: [...severitiesOf(options.severities)],
    },
    host.hooks,
  );
  host.output.line(`Corruptions: ${CORRUPTION_SOURCE}.`);
  for (const [i, { name }] of rows.entries()) describe(host, name, results[i]!);
  host.output.result({ models: results.map((result, i) => ({ model: rows[i]!.id, ...result })) });
}

function severitiesOf(text: string | undefined): readonly Severity[] {
  if (text === undefined) return SEVERITIES;
  const asked = text.split(',').map(Number);
  const known = SEVERITIES.filter((severity) => asked.includes(severity));
  if (asked.length === 0 || known.length !== new Set(asked).size)
    throw new AppError('usage', `--severities must be numbers from 1 to 5, e.g. 1,3,5, not "${text}".`); // prettier-ignore
  return known;
}

function describe(host: Host, name: string, result: Robustness): void {
  const { images, clean, cells, threshold, thresholdImages } = result;
  host.output.line(
    `\n${name} on ${images.toLocaleString('en-US')} test images; kept: E <= ${(0 - threshold).toFixed(2)}, which keeps 95% of ${thresholdImages.toLocaleString('en-US')} validation images`,
  );
  host.output.line(
    formatTable(
      ['corruption', 'severity', 'accuracy', 'kept', 'mean E', 'AUROC'],
      [
        ['none', '', percent(clean.accuracy), percent(clean.keptAtThreshold), clean.meanEnergy.toFixed(2), ''], // prettier-ignore
        ...cells.map((cell) => [
          cell.corruption,
          String(cell.severity),
          percent(cell.accuracy),
          percent(cell.keptAtThreshold),
          cell.meanEnergy.toFixed(2),
          cell.auroc.toFixed(3),
        ]),
      ],
    ),
  );
}
