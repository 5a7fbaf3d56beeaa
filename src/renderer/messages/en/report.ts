export default {
  title: 'Report',
  empty: 'No report yet',
  emptyHint:
    'The report is written from a comparison: data, training, numbers with intervals, and a verdict that does not overclaim.',
} as const;
