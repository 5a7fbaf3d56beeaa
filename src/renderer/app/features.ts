/** The screens, in the order of the way through; the rail shows them in this order. */
import { compare } from '../features/compare/index.ts';
import { curation } from '../features/curation/index.ts';
import { datasets } from '../features/datasets/index.ts';
import { models } from '../features/models/index.ts';
import { report } from '../features/report/index.ts';
import { scores } from '../features/scores/index.ts';
import { settings } from '../features/settings/index.ts';
import { training } from '../features/training/index.ts';
import type { Feature } from './feature.ts';

export const features: readonly Feature[] = [
  datasets,
  training,
  models,
  scores,
  compare,
  curation,
  report,
  settings,
];
