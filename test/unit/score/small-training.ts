/** A few made-up images with their features and logits, as detectors read them. */
import type {
  DetectorInputs,
  Features,
  LastLayer,
  Logits,
  TrainingBlock,
  TrainingData,
} from '../../../src/core/score/types.ts';

type Rows = readonly (readonly number[])[];

export interface Fixture {
  /** `[units][classes]` */
  readonly weights: Rows;
  readonly bias: readonly number[];
  readonly training: Rows;
  readonly labels: readonly number[];
  readonly trainingLogits: Rows;
  readonly images: Rows;
  readonly logits: Rows;
}

const flat = (rows: Rows): Float32Array => Float32Array.from(rows.flat());

export const featuresOf = (rows: Rows): Features => ({
  data: flat(rows),
  count: rows.length,
  units: rows[0]!.length,
});

export const logitsOf = (rows: Rows): Logits => ({
  data: flat(rows),
  count: rows.length,
  classes: rows[0]!.length,
});

export const lastLayer = ({ weights, bias }: Pick<Fixture, 'weights' | 'bias'>): LastLayer => ({
  weights: flat(weights),
  bias: Float32Array.from(bias),
  units: weights.length,
  classes: bias.length,
});

/** The test images; as stages, the features again. */
export const imagesOf = (fixture: Fixture): DetectorInputs => ({
  logits: logitsOf(fixture.logits),
  features: featuresOf(fixture.images),
  stages: featuresOf(fixture.images),
  lastLayer: lastLayer(fixture),
});

/** The training images, in blocks of uneven size. */
export function trainingOf(
  fixture: Omit<Fixture, 'images' | 'logits'>,
  blockRows = 5,
): TrainingData {
  const { training, trainingLogits, labels } = fixture;
  const layer = lastLayer(fixture);
  return {
    count: training.length,
    classNames: fixture.bias.map((_, k) => `class-${k}`),
    lastLayer: layer,
    stageWidths: [1, layer.units - 1],
    // eslint-disable-next-line @typescript-eslint/require-await -- already in memory
    async *blocks(): AsyncGenerator<TrainingBlock> {
      for (let from = 0; from < training.length; from += blockRows) {
        const to = from + blockRows;
        const features = featuresOf(training.slice(from, to));
        yield {
          logits: logitsOf(trainingLogits.slice(from, to)),
          features,
          stages: features,
          lastLayer: layer,
          labels: Int32Array.from(labels.slice(from, to)),
        };
      }
    },
  };
}
