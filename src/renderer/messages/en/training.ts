export default {
  title: 'Train',
  empty: 'Nothing to train on yet',
  emptyHint: 'Add an in-distribution dataset first. Its classes are what the model learns.',
} as const;
