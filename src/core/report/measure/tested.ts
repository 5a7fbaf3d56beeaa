/** The images that a report's numbers are about, and their scores. */
import type { ModelRole } from '../audit.ts';
import { at, scoredRows, type ReportColumns, type SetColumns } from '../columns.ts';
import { primaryId } from '../image-csv.ts';

/** Rows of the ID validation and test images and of every OOD set. */
export interface TestedRows {
  readonly val: Uint32Array;
  readonly test: Uint32Array;
  readonly ood: readonly Uint32Array[];
}

/** Columns with the rows that count. */
export interface Tested {
  readonly columns: ReportColumns;
  readonly rows: TestedRows;
  readonly id: SetColumns;
  readonly ood: readonly SetColumns[];
}

export function testedOf(columns: ReportColumns): Tested {
  const [id, ...ood] = columns.sets;
  return {
    columns,
    id,
    ood,
    rows: {
      val: scoredRows(id, 'val'),
      test: scoredRows(id, 'test'),
      ood: ood.map((set) => scoredRows(set, null)),
    },
  };
}

/** S of a detector at some rows of a set; null when the model has no such scores. */
export function scoresAt(
  set: SetColumns,
  model: number,
  detector: string,
  rows: Uint32Array,
): Float64Array | null {
  const columns = set.models[model]!;
  if (detector === primaryId) {
    const values = at(columns.energy, rows);
    for (let i = 0; i < values.length; i++) values[i] = 0 - values[i]!;
    return values;
  }
  const column = columns.scores.get(detector);
  return column ? at(column, rows) : null;
}

/** The scores of one detector on everything that is tested. */
export interface TestedScores {
  readonly val: Float64Array;
  readonly test: Float64Array;
  readonly ood: readonly Float64Array[];
}

export function testedScores(tested: Tested, model: number, detector: string): TestedScores | null {
  const { id, ood, rows } = tested;
  const val = scoresAt(id, model, detector, rows.val);
  const test = scoresAt(id, model, detector, rows.test);
  const sets = ood.map((set, i) => scoresAt(set, model, detector, rows.ood[i]!));
  if (!val || !test || sets.includes(null)) return null;
  return { val, test, ood: sets as Float64Array[] };
}

/** Per ID test image 1 where the class is right. */
export function correctOf({ id, rows, columns }: Tested, model: number): Uint8Array {
  const { predicted } = id.models[model]!;
  const { classes } = columns.models[model]!;
  // -2: a class that the model does not know is never right.
  const known = id.classes.map((name) => (classes.includes(name) ? classes.indexOf(name) : -2));
  return Uint8Array.from(rows.test, (row) => Number(predicted[row] === known[id.labels[row]!]));
}

/** Place of a role among the models; -1 when there is none. */
export const placeOf = ({ models }: ReportColumns, role: ModelRole): number =>
  models.findIndex((model) => model.role === role);
