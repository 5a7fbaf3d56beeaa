/** Every score that has a reference, fitted on the ID training images of a public network; see `npm run parity`. */
import { beforeAll, describe, expect, it } from 'vitest';
import {
  fittedScorer,
  metricDifference,
  metricTolerance,
  scoreDifference,
} from '../../../bench/parity/compare.ts';
import { referenceModel, referenceOutputs, trainingOf } from '../../../bench/parity/outputs.ts';
import {
  CASES,
  missingReference,
  readReference,
  SCORE_TOLERANCE,
  type Reference,
} from '../../../bench/parity/reference.ts';
import type { Algebra } from '../../../src/core/linalg/algebra.ts';
import type { DetectorInputs, TrainingData } from '../../../src/core/score/types.ts';
import { nativeRuntime } from '../../support/runtimes.ts';

const native = nativeRuntime();
const file = missingReference();
const skipped = 'missing' in native ? native.missing : file === null ? null : `${file} is missing`;

describe.skipIf(skipped !== null)(
  `scores agree with Python implementations${skipped === null ? '' : ` (skipped: ${skipped})`}`,
  () => {
    let training: TrainingData;
    let published: ReadonlyMap<string, DetectorInputs>;
    let reference: Reference;
    let algebra: Algebra;

    beforeAll(async () => {
      if ('missing' in native) throw new Error(native.missing);
      const model = referenceModel(native.runtime);
      training = await trainingOf(model);
      published = referenceOutputs(model.lastLayer);
      reference = readReference();
      model.session.dispose();
      algebra = native.runtime.algebra();
      return () => {
        algebra.dispose();
      };
    }, 300_000);

    // ODIN's moved images are not published; its scores are tested with the network (test/unit/tf/golden-network).
    for (const what of CASES.filter(({ detector }) => detector !== 'odin'))
      it(`${what.detector}: scores to ${SCORE_TOLERANCE}, metrics to ${metricTolerance(what)}`, async () => {
        const scorer = await fittedScorer(what, training, algebra);
        const scores = await scorer(published);
        expect(scoreDifference(what, reference, scores)).toBeLessThan(SCORE_TOLERANCE);
        expect(metricDifference(what, reference, scores)).toBeLessThan(metricTolerance(what));
      });

    it('plain JavaScript gives the same scores as TensorFlow', async () => {
      for (const name of ['relative-mahalanobis', 'vim', 'nnguide', 'knn']) {
        const what = { reference: name, detector: name, follows: '' };
        const few = new Map(
          [...published].slice(0, 1).map(([set, inputs]) => [set, firstImages(inputs, 50)]),
        );
        const plain = await (await fittedScorer(what, training))(few);
        const fast = await (await fittedScorer(what, training, algebra))(few);
        for (const [set, scores] of plain)
          scores.forEach((score, i) => {
            expect(fast.get(set)![i], `${name} ${i}`).toBeCloseTo(score, 4);
          });
      }
    });
  },
);

function firstImages({ logits, features, lastLayer }: DetectorInputs, count: number) {
  return {
    logits: { ...logits!, data: logits!.data.slice(0, count * logits!.classes), count },
    features: { ...features!, data: features!.data.slice(0, count * features!.units), count },
    lastLayer: lastLayer!,
  };
}
