import { classDistances, fitClassGaussians } from './class-gaussians.ts';
import { featureMoments, overallMean, project, scatterAbout, singularNotes, whiten } from './gaussian.ts'; // prettier-ignore
import { checkHyperparameters, fittedFloats, requireFeatures } from './inputs.ts';
import { TrainingReader } from './training-reader.ts';
import type { Detector } from './types.ts';

const settings = { id: 'relative-mahalanobis', hyperparameters: {} } as const;

/**
 * Relative Mahalanobis, S = −min_c (d_c(g) − d_0(g)): squared distances to the classes, less that to one Gaussian on
 * all training features. Ren et al. 2021, eq. 3. Both covariances are divided by the number of images. Twice the cost
 * of Mahalanobis.
 */
export const relativeMahalanobis: Detector = {
  ...settings,
  label: 'Relative Mahalanobis',
  formula: 'S = −min_c (d_c(g) − d_0(g)), d_0 the distance to one Gaussian on all features',
  source: 'Ren et al.: A Simple Fix to Mahalanobis Distance for Improving Near-OOD Detection, 2021',
  sourceUrl: 'https://arxiv.org/abs/2106.09022',
  orientation: 'Shown as it is: a difference of squared distances, higher = more in-distribution.',
  cost: 'twice units squared per image; fitting reads the training features once',
  assumes: 'As Mahalanobis; what all images have in common tells nothing.',
  fits: 'class means and two covariances',
  needs: ['features'],
  heavy: true,
  fit: async (training, context) => {
    checkHyperparameters(settings, context?.hyperparameters);
    const reader = new TrainingReader(training, settings.id, context);
    const moments = await featureMoments(reader, 'features', context);
    const { units } = moments;
    const { gaussians, notes } = fitClassGaussians(moments, training.classNames, settings.id);
    const mean = overallMean(moments);
    const background = whiten(scatterAbout(moments, mean), units, settings.id);
    const { projection, rank } = background;
    return {
      arrays: {
        ...gaussians,
        backgroundProjection: { shape: [units, rank], data: projection },
        backgroundCentre: { shape: [1, rank], data: project(mean, 1, projection, rank) },
      },
      notes: [
        ...reader.notes,
        ...notes,
        ...singularNotes('covariance of all training features', background, units),
      ],
    };
  },
  score: async (inputs, context) => {
    checkHyperparameters(settings, context?.hyperparameters);
    const features = requireFeatures(inputs, settings.id);
    const fitted = (name: string, units?: number): Float64Array =>
      fittedFloats(context, settings.id, name, units);
    const classes = await classDistances(
      features,
      fitted('projection', features.units),
      fitted('centres'),
      context,
    );
    const background = await classDistances(
      features,
      fitted('backgroundProjection', features.units),
      fitted('backgroundCentre'),
      context,
    );
    return classes.map((distance, row) => background[row]! - distance);
  },
};
