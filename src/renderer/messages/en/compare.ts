export default {
  title: 'Compare',
  empty: 'Nothing to compare yet',
  emptyHint:
    'Comparing takes two models scored on the same images, such as one before and one after fine-tuning.',
} as const;
