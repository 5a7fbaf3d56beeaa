/** The messages in Simplified Chinese. */
import app from './app.ts';
import charts from './charts.ts';
import compare from './compare.ts';
import curation from './curation.ts';
import datasets from './datasets.ts';
import images from './images.ts';
import models from './models.ts';
import report from './report.ts';
import scores from './scores.ts';
import settings from './settings.ts';
import training from './training.ts';
import ui from './ui.ts';

export default {
  app,
  charts,
  compare,
  curation,
  datasets,
  images,
  models,
  report,
  scores,
  settings,
  training,
  ui,
};
