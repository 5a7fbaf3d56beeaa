import { fittedFloats, hyperparameter, requireFeatures } from './inputs.ts';
import { fitResidualSpace, PRINCIPAL, residuals } from './residual-space.ts';
import { TrainingReader } from './training-reader.ts';
import type { Detector } from './types.ts';

const settings = { id: 'residual', hyperparameters: { principal: PRINCIPAL } } as const;

/**
 * Residual: minus the length of g − u in the directions in which training features vary least, S = −‖Rᵀ(g − u)‖.
 * Wang et al. 2022, section 3.1, with R the eigenvectors of the smallest eigenvalues of the uncentred scatter about
 * u = −(Wᵀ)⁺ b. units × residual directions per image.
 */
export const residual: Detector = {
  ...settings,
  label: 'Residual',
  formula: 'S = −‖Rᵀ(g − u)‖, R = directions of least variance, u = −(Wᵀ)⁺ b',
  source: 'Wang, Li, Feng, Zhang: ViM: Out-of-Distribution with Virtual-logit Matching, CVPR 2022',
  sourceUrl: 'https://arxiv.org/abs/2203.10807',
  orientation: 'Shown as it is: minus a length, higher = more in-distribution.',
  cost: 'units × residual directions per image; fitting reads the training features once',
  assumes: 'Known images lie near a subspace of the features.',
  fits: 'the subspace',
  needs: ['features'],
  heavy: true,
  fit: async (training, context) => {
    const principal = hyperparameter(settings, 'principal', context?.hyperparameters);
    const reader = new TrainingReader(training, settings.id, context);
    const space = await fitResidualSpace(reader, settings.id, principal, context);
    return { arrays: { ...space }, notes: reader.notes };
  },
  score: async (inputs, context) => {
    hyperparameter(settings, 'principal', context?.hyperparameters);
    const features = requireFeatures(inputs, settings.id);
    const lengths = await residuals(
      features,
      fittedFloats(context, settings.id, 'directions', features.units),
      fittedFloats(context, settings.id, 'origin'),
      context,
    );
    return lengths.map((length) => 0 - length);
  },
};
