/** `per-image.csv`: a row for every image of every set, read or not, with what each model said. RFC 4180. */
import { toCsv, type CsvCell } from '../csv.ts';
import { FLAGS } from '../datasets/analyse/flags.ts';
import type { ImageStatus, Split } from '../datasets/types.ts';
import { SPLIT_CODES, STATUS_CODES } from '../query/image-index.ts';
import { PRIMARY_DETECTOR } from '../score/registry.ts';
import { hashAt, labelAt, type ModelColumns, type ReportColumns, type SetColumns } from './columns.ts'; // prettier-ignore

/** Of the image itself. */
export const IMAGE_COLUMNS = [
  'dataset',
  'path',
  'sha256',
  'status',
  'reason',
  'split',
  'label',
  'relabelled',
  'bytes',
  'width',
  'height',
  'flags',
  'near_group',
] as const;

/** Of each model, behind its role. The score of the primary detector is the energy with its sign turned. */
export const MODEL_COLUMNS = ['predicted', 'confidence', 'energy', 'feature_l1', 'hoyer'] as const;

export const STATUS_NAMES = Object.keys(STATUS_CODES) as ImageStatus[];
export const SPLIT_NAMES = Object.fromEntries(
  Object.entries(SPLIT_CODES).map(([name, code]) => [code, name as Split]),
);

/** Detectors of which a model has columns, in their order, the primary one left out. */
export const detectorsOf = ({ sets }: ReportColumns, model: number): readonly string[] => [
  ...sets[0].models[model]!.scores.keys(),
];

/** Lines of the file, header first; made one at a time. */
export function perImageCsv(columns: ReportColumns): Generator<string> {
  const ofModels = columns.models.flatMap(({ role }, m) =>
    [...MODEL_COLUMNS, ...detectorsOf(columns, m).map((id) => `score_${id}`)].map(
      (name) => `${role}_${name}`,
    ),
  );
  return toCsv([...IMAGE_COLUMNS, ...ofModels], rowsOf(columns));
}

function* rowsOf({ models, sets }: ReportColumns): Generator<CsvCell[]> {
  for (const set of sets) {
    const perModel = set.models.map((model, m) => ({
      model,
      classes: models[m]!.classes,
      scores: [...model.scores.values()],
    }));
    for (let row = 0; row < set.paths.length; row++) {
      const cells = imageCells(set, row);
      for (const { model, classes, scores } of perModel)
        modelCells(cells, model, classes, scores, row);
      yield cells;
    }
  }
}

function imageCells(set: SetColumns, row: number): CsvCell[] {
  const { findings } = set;
  return [
    set.name,
    set.paths[row]!,
    hashAt(set, row),
    STATUS_NAMES[set.statuses[row]!]!,
    set.reasons.get(row) ?? '',
    SPLIT_NAMES[set.splits[row]!] ?? '',
    labelAt(set, row),
    set.relabelled[row] === 1 ? 'yes' : '',
    set.bytes[row]!,
    set.widths[row]!,
    set.heights[row]!,
    findings ? flagNames(findings.flags[row]!) : null,
    findings && findings.nearGroups[row]! >= 0 ? findings.nearGroups[row]! : null,
  ];
}

const NAMES_BY_BITS = new Map<number, string>();

/** `blurry|dark`, or `none` where images were looked at and nothing is odd. */
function flagNames(bits: number): string {
  let names = NAMES_BY_BITS.get(bits);
  if (names === undefined) {
    names = FLAGS.filter((_, bit) => (bits >> bit) & 1).join('|') || 'none';
    NAMES_BY_BITS.set(bits, names);
  }
  return names;
}

function modelCells(
  cells: CsvCell[],
  model: ModelColumns,
  classes: readonly string[],
  scores: readonly Float64Array[],
  row: number,
): void {
  cells.push(
    classes[model.predicted[row]!] ?? '',
    model.confidence[row]!,
    model.energy[row]!,
    model.featureL1[row]!,
    model.hoyer[row]!,
  );
  for (const column of scores) cells.push(column[row]!);
}

export const primaryId = PRIMARY_DETECTOR.id;
