import { AppError } from '../errors.ts';
import { logSumExp, rowMaximum } from '../metrics/softmax.ts';
import { checkSameImages, fittedFloats, hyperparameter, requireFeatures, requireLogits, scalar } from './inputs.ts'; // prettier-ignore
import { fitResidualSpace, PRINCIPAL, residuals } from './residual-space.ts';
import { TrainingReader } from './training-reader.ts';
import type { Detector } from './types.ts';

const settings = { id: 'vim', hyperparameters: { principal: PRINCIPAL } } as const;

/**
 * ViM, S = log Σ_k exp(f_k) − α · ‖Rᵀ(g − u)‖: the energy less a virtual logit, the residual scaled by
 * α = Σ max_k f_k / Σ ‖Rᵀ(g − u)‖ over training images. Wang et al. 2022, eq. 5 to 7, of whose virtual class's
 * probability this is a monotone function (their code returns the same). The directions R are of the uncentred scatter
 * about u, as in their code and OpenOOD. units × residual directions per image.
 */
export const vim: Detector = {
  ...settings,
  label: 'ViM',
  formula:
    'S = log Σ_k exp(f_k) − α · ‖Rᵀ(g − u)‖, α = mean max f / mean residual on training images',
  source: 'Wang, Li, Feng, Zhang: ViM: Out-of-Distribution with Virtual-logit Matching, CVPR 2022',
  sourceUrl: 'https://arxiv.org/abs/2203.10807',
  orientation: 'Shown as it is: higher = more in-distribution.',
  cost: 'units × residual directions per image; fitting reads the training images twice',
  assumes: 'Known images lie near a subspace of the features; logits tell the rest.',
  fits: 'the subspace, and α',
  needs: ['logits', 'features'],
  heavy: true,
  fit: async (training, context) => {
    const principal = hyperparameter(settings, 'principal', context?.hyperparameters);
    const reader = new TrainingReader(training, settings.id, context);
    const { directions, origin } = await fitResidualSpace(reader, settings.id, principal, context);
    let largest = 0;
    let lengths = 0;
    for await (const { logits, features } of reader.blocks(['logits', 'features'])) {
      const values = await residuals(
        features,
        directions.data as Float64Array,
        origin.data as Float64Array,
        context,
      );
      values.forEach((length, row) => {
        lengths += length;
        largest += rowMaximum(logits.data, row * logits.classes, logits.classes);
      });
    }
    if (!(lengths > 0))
      throw new AppError(
        'invalid-data',
        'Score vim: the training features have no residual (their smallest directions are 0 on every image), so it cannot be scaled. Choose fewer principal directions.',
      );
    return {
      arrays: { directions, origin, alpha: scalar(largest / lengths) },
      notes: reader.notes,
    };
  },
  score: async (inputs, context) => {
    hyperparameter(settings, 'principal', context?.hyperparameters);
    const { data, count, classes } = requireLogits(inputs, settings.id);
    const features = requireFeatures(inputs, settings.id);
    checkSameImages(settings.id, count, features.count);
    const alpha = fittedFloats(context, settings.id, 'alpha')[0]!;
    const lengths = await residuals(
      features,
      fittedFloats(context, settings.id, 'directions', features.units),
      fittedFloats(context, settings.id, 'origin'),
      context,
    );
    return lengths.map((length, row) => logSumExp(data, row * classes, classes) - alpha * length);
  },
};
