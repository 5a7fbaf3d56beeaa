export default {
  title: 'Curate',
  empty: 'No images to curate yet',
  emptyHint:
    'Tag, exclude and relabel images by keyboard. Your files are never changed; every decision is in a log and can be undone.',
} as const;
