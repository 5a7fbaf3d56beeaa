export default {
  title: 'Models',
  empty: 'No models yet',
  emptyHint: 'A training run ends in a model. A model made elsewhere can be imported.',
} as const;
