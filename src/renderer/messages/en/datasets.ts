export default {
  title: 'Datasets',
  empty: 'Drop image folders anywhere on this window',
  emptyHint:
    'A folder with class subfolders is in-distribution: what the model should know. A flat folder is an out-of-distribution set: what it should not trust.',
} as const;
