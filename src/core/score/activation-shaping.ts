/** ASH and SCALE: an image's own percentile decides which units are kept, or by how much all are scaled. */
import { checkedResult, hyperparameter, requireFeatures, requireLastLayer } from './inputs.ts';
import { ownPercentile, shapedEnergies, type OwnPercentile } from './shaped-energy.ts';
import type { Detector, Hyperparameter } from './types.ts';

/** What differs between the scores of this family. */
export type ShapingSpec = Pick<
  Detector,
  'id' | 'label' | 'formula' | 'source' | 'sourceUrl' | 'assumes' | 'grid'
> & {
  readonly hyperparameters: { readonly percentile: Hyperparameter };
  /** Changes the features of one image in place. */
  readonly shape: (row: Float64Array, own: OwnPercentile) => void;
};

/** Energy after shaping by the image's own percentile. Nothing is fitted; a sort and a product with the last layer. */
export const shapingDetector = ({ shape, ...spec }: ShapingSpec): Detector => ({
  ...spec,
  orientation: 'Shown as it is: higher = more in-distribution.',
  cost: 'sorting the units of the image, and one more last layer',
  fits: null,
  needs: ['features', 'lastLayer'],
  heavy: false,
  score: (inputs, { hyperparameters: given } = {}) => {
    const percent = hyperparameter(spec, 'percentile', given);
    const features = requireFeatures(inputs, spec.id);
    const lastLayer = requireLastLayer(inputs, spec.id, features.units);
    const scratch = new Float64Array(features.units);
    const scores = shapedEnergies(features, lastLayer, (row) => {
      shape(row, ownPercentile(row, percent, scratch));
    });
    return checkedResult(scores, spec.label);
  },
});
