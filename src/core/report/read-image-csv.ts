/** `per-image.csv` as columns again: what `verify` recomputes the numbers from. */
import { parseCsv } from '../csv-parse.ts';
import { FLAGS, type Flag } from '../datasets/analyse/flags.ts';
import type { Split } from '../datasets/types.ts';
import { AppError } from '../errors.ts';
import { SPLIT_CODES, STATUS_CODES } from '../query/image-index.ts';
import type { ModelRole } from './audit.ts';
import { HASH_BYTES, type ModelColumns, type ReportColumns, type SetColumns } from './columns.ts';
import { IMAGE_COLUMNS, MODEL_COLUMNS, STATUS_NAMES } from './image-csv.ts';

/** What must be known to read the file. */
export interface PerImageShape {
  readonly models: ReportColumns['models'];
  /** ID set first, in the order of the file, with how many images each has. */
  readonly sets: readonly {
    readonly name: string;
    readonly role: 'id' | 'ood';
    readonly classes: readonly string[];
    readonly images: number;
    readonly looked: boolean;
  }[];
  /** Detectors of each model, without the primary one. */
  readonly detectors: readonly (readonly string[])[];
}

/** @throws AppError `invalid-data` naming the row and the column that is wrong */
export async function readPerImage(
  chunks: AsyncIterable<Uint8Array>,
  shape: PerImageShape,
): Promise<ReportColumns> {
  const header = headerOf(shape);
  const sets = shape.sets.map((set) => emptySet(set, shape));
  const classesOf = shape.models.map(
    ({ classes }) => new Map(classes.map((name, i) => [name, i] as const)),
  );
  let row = 0;
  let place = { set: 0, row: 0 };
  for await (const cells of parseCsv(chunks)) {
    row++;
    if (row === 1) {
      if (cells.join('\n') !== header.join('\n')) throw wrong(1, 'header', cells.join(','));
      continue;
    }
    if (cells.length !== header.length) throw wrong(row, 'number of cells', String(cells.length));
    while (place.set < sets.length && place.row === shape.sets[place.set]!.images)
      place = { set: place.set + 1, row: 0 };
    const set = sets[place.set];
    if (!set || cells[0] !== set.name) throw wrong(row, 'dataset', cells[0]!);
    fillRow(set, place.row, cells, row, classesOf);
    place.row++;
  }
  while (place.set < sets.length && place.row === shape.sets[place.set]!.images)
    place = { set: place.set + 1, row: 0 };
  if (place.set < sets.length)
    throw new AppError(
      'invalid-data',
      `per-image.csv: ends after ${place.row} of ${shape.sets[place.set]!.images} images of ${sets[place.set]!.name}.`,
    );
  const [first, ...others] = sets;
  return { models: shape.models, sets: [first!, ...others] };
}

const headerOf = ({ models, detectors }: PerImageShape): string[] => [
  ...IMAGE_COLUMNS,
  ...models.flatMap(({ role }: { role: ModelRole }, m) =>
    [...MODEL_COLUMNS, ...detectors[m]!.map((id) => `score_${id}`)].map((n) => `${role}_${n}`),
  ),
];

interface OpenSet extends Omit<SetColumns, 'paths' | 'reasons'> {
  readonly paths: string[];
  readonly reasons: Map<number, string>;
  readonly classIndex: ReadonlyMap<string, number>;
}

function emptySet(
  { name, role, classes, images: n, looked }: PerImageShape['sets'][number],
  { detectors }: PerImageShape,
): OpenSet {
  return {
    name,
    role,
    classes,
    classIndex: new Map(classes.map((label, i) => [label, i])),
    paths: new Array<string>(n).fill(''),
    hashes: new Uint8Array(n * HASH_BYTES),
    statuses: new Uint8Array(n),
    reasons: new Map(),
    splits: new Uint8Array(n),
    labels: new Int32Array(n).fill(-1),
    relabelled: new Uint8Array(n),
    bytes: new Float64Array(n),
    widths: new Uint32Array(n),
    heights: new Uint32Array(n),
    findings: looked ? { flags: new Uint8Array(n), nearGroups: new Int32Array(n).fill(-1) } : null,
    models: detectors.map((ids): ModelColumns => ({
      predicted: new Int32Array(n).fill(-1),
      confidence: new Float64Array(n),
      energy: new Float64Array(n),
      featureL1: new Float64Array(n),
      hoyer: new Float64Array(n),
      scores: new Map(ids.map((id) => [id, new Float64Array(n)])),
    })),
  };
}

function fillRow(
  set: OpenSet,
  row: number,
  cells: readonly string[],
  line: number,
  classesOf: readonly ReadonlyMap<string, number>[],
): void {
  const [, path, sha256, status, reason, split, label, relabelled, bytes, width, height, flags, near] = cells as [string, string, string, string, string, string, string, string, string, string, string, string, string]; // prettier-ignore
  set.paths[row] = path;
  if (sha256 !== '') {
    const hash = Buffer.from(sha256, 'hex');
    if (hash.length !== HASH_BYTES || hash.toString('hex') !== sha256)
      throw wrong(line, 'sha256', sha256);
    set.hashes.set(hash, row * HASH_BYTES);
  }
  const code = STATUS_NAMES.find((name) => name === status);
  if (code === undefined) throw wrong(line, 'status', status);
  set.statuses[row] = STATUS_CODES[code];
  if (reason !== '') set.reasons.set(row, reason);
  if (split !== '' && !(split in SPLIT_CODES)) throw wrong(line, 'split', split);
  set.splits[row] = split === '' ? 0 : SPLIT_CODES[split as Split];
  const index = label === '' ? -1 : set.classIndex.get(label);
  if (index === undefined) throw wrong(line, 'label', label);
  set.labels[row] = index;
  if (relabelled !== '' && relabelled !== 'yes') throw wrong(line, 'relabelled', relabelled);
  set.relabelled[row] = relabelled === 'yes' ? 1 : 0;
  set.bytes[row] = numberIn(bytes, line, 'bytes');
  set.widths[row] = numberIn(width, line, 'width');
  set.heights[row] = numberIn(height, line, 'height');
  if (set.findings) {
    set.findings.flags[row] = bitsOf(flags, line);
    set.findings.nearGroups[row] = near === '' ? -1 : numberIn(near, line, 'near_group');
  } else if (flags !== '' || near !== '') throw wrong(line, 'flags', flags);
  let cell = IMAGE_COLUMNS.length;
  for (const [m, model] of set.models.entries()) {
    const predicted = cells[cell++]!;
    const found = predicted === '' ? -1 : classesOf[m]!.get(predicted);
    if (found === undefined) throw wrong(line, 'predicted class', predicted);
    model.predicted[row] = found;
    for (const column of [model.confidence, model.energy, model.featureL1, model.hoyer])
      column[row] = numberOrNaN(cells[cell++]!, line);
    for (const column of model.scores.values()) column[row] = numberOrNaN(cells[cell++]!, line);
  }
}

function bitsOf(names: string, line: number): number {
  if (names === 'none') return 0;
  return names.split('|').reduce((bits, name) => {
    const bit = FLAGS.indexOf(name as Flag);
    if (bit < 0) throw wrong(line, 'flags', names);
    return bits | (1 << bit);
  }, 0);
}

/** Numbers are written in one way only, so that no two files say the same. */
function numberIn(text: string, line: number, column: string): number {
  const value = Number(text);
  if (text === '' || String(value) !== text) throw wrong(line, column, text);
  return value;
}

const numberOrNaN = (text: string, line: number): number =>
  text === '' ? NaN : numberIn(text, line, 'number');

const wrong = (line: number, column: string, found: string): AppError =>
  new AppError(
    'invalid-data',
    `per-image.csv, row ${line}: ${column} cannot be ${JSON.stringify(found.slice(0, 80))}.`,
  );
