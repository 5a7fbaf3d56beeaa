export default {
  title: 'Scores',
  empty: 'No scores yet',
  emptyHint:
    'A score tells how far an image is from what the model knows. Train a model, then score datasets with it.',
} as const;
