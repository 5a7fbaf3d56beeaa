/** What detectors read, out of the files of stored scores. */
import { AppError } from '../errors.ts';
import type { Detector, DetectorInputs, DetectorNeed, LastLayer } from '../score/types.ts';
import {
  matrixWidth,
  type Perturbation,
  type ScoreMatrix,
  type ScoreShape,
} from '../store/score-files.ts';
import { matricesBlocks, type MatrixSource } from '../store/score-matrices.ts';
import { allFinite } from '../tf/host-tensor.ts';

/** Stored outputs of a model, and the part of it that scores may need. */
export interface StoredOutputs {
  readonly source: MatrixSource;
  /** Null where no detector asks for it. */
  readonly lastLayer: LastLayer | null;
}

/** Some images, by their rows in the files. */
export interface InputBlock {
  readonly rows: Uint32Array;
  readonly inputs: DetectorInputs;
}

/** Every need but the last layer is a file of its own. */
const matricesOf = (needs: readonly DetectorNeed[]): ScoreMatrix[] =>
  needs.filter((need) => need !== 'lastLayer');

/** What is not computed unless it is asked for; the words of `scores.compute`. */
export type Extra = 'stages' | 'perturbed';
/** How images are moved: the values that ODIN is known by (Liang et al. 2018), the step in pixel values from 0 to 1. */
export const PERTURBATION: Perturbation = { temperature: 1000, epsilon: 0.0014 };
export const EXTRAS: readonly Extra[] = ['stages', 'perturbed'];

/** What the detectors need beside logits and features. */
export const extrasOf = (detectors: readonly Pick<Detector, 'needs'>[]): readonly Extra[] =>
  EXTRAS.filter((extra) => detectors.some(({ needs }) => needs.includes(extra)));

const missingMatrix = ({ needs }: Pick<Detector, 'needs'>, shape: ScoreShape) =>
  matricesOf(needs).find((matrix) => matrixWidth(shape, matrix) === 0);

/**
 * What a detector needs and these stored outputs lack.
 * @returns in words for users, with what to do; null when nothing is missing
 */
export function missingInput(
  detector: Pick<Detector, 'id' | 'label' | 'needs'>,
  shape: ScoreShape,
): string | null {
  const { id, label } = detector;
  const matrix = missingMatrix(detector, shape);
  if (matrix === undefined) return null;
  if (matrix === 'features')
    return `${label} needs penultimate features, which were not kept when these images were scored. Free some space and score them again.`;
  return `${label} needs ${EXTRA_WORDS[matrix as Extra]}, which have not been computed for these images. Compute them in Scores, or with \`straylight score <model> <dataset> --detector ${id}\`.`;
}

const EXTRA_WORDS: Readonly<Record<Extra, string>> = {
  stages: 'the activations after each stage of the network',
  perturbed: 'the logits of slightly moved images, which take a backward pass',
};

/** The extra that {@link missingInput} is about; null when it is something else or nothing. */
export function missingExtra(detector: Pick<Detector, 'needs'>, shape: ScoreShape): Extra | null {
  const matrix = missingMatrix(detector, shape);
  return EXTRAS.find((extra) => extra === matrix) ?? null;
}

/**
 * Inputs of all images, or of those in some rows, in the order of the files, a few megabytes at a time.
 * @param wanted rows, ascending; all when not given
 * @throws AppError `invalid-data` when a part is missing or damaged, or holds NaN or Inf; `details.row` says where
 */
export async function* inputBlocks(
  { source, lastLayer }: StoredOutputs,
  needs: readonly DetectorNeed[],
  wanted?: Uint32Array,
): AsyncGenerator<InputBlock> {
  const matrices = matricesOf(needs);
  let next = 0;
  for await (const { from, to, data } of matricesBlocks(source, matrices)) {
    let rows: Uint32Array;
    if (wanted) {
      const first = next;
      while (next < wanted.length && wanted[next]! < to) next++;
      rows = wanted.subarray(first, next);
      if (rows.length === 0) continue;
    } else rows = Uint32Array.from({ length: to - from }, (_, i) => from + i);
    const all = rows.length === to - from;
    const parts = Object.fromEntries(
      matrices.map((matrix) => {
        const width = matrixWidth(source, matrix);
        const block = data[matrix]!;
        const picked = all ? block : pickRows(block, rows, from, width);
        checkFinite(picked, rows, width);
        return [matrix, asInput(matrix, picked, rows.length, width)];
      }),
    );
    yield { rows, inputs: withLastLayer(parts, needs, lastLayer) };
  }
}

const asInput = (matrix: ScoreMatrix, data: Float32Array, count: number, width: number) =>
  matrix === 'logits' || matrix === 'perturbed'
    ? { data, count, classes: width }
    : { data, count, units: width };

const withLastLayer = (
  parts: DetectorInputs,
  needs: readonly DetectorNeed[],
  lastLayer: LastLayer | null,
): DetectorInputs => (needs.includes('lastLayer') && lastLayer ? { ...parts, lastLayer } : parts);

function pickRows(
  block: Float32Array,
  rows: Uint32Array,
  from: number,
  width: number,
): Float32Array {
  const picked = new Float32Array(rows.length * width);
  for (const [i, row] of rows.entries())
    picked.set(block.subarray((row - from) * width, (row - from + 1) * width), i * width);
  return picked;
}

function checkFinite(data: Float32Array, rows: Uint32Array, width: number): void {
  if (allFinite(data)) return;
  const at = data.findIndex((value) => !Number.isFinite(value));
  const row = rows[Math.floor(at / width)]!;
  throw new AppError(
    'invalid-data',
    `The model's output for stored image ${row} holds ${data[at]}. The model has diverged or the file is damaged: score the dataset again, or use another model.`,
    { details: { row } },
  );
}
