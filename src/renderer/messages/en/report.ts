export default {
  title: 'Report',
  subtitle: 'What an audit covers, and how its report is written',
  today:
    'The report is written from the command line today. This screen shows what it would cover and gives the command; pages cannot be previewed here yet.',
  failed: 'The models and datasets could not be listed',
  empty: 'Nothing to audit yet',
  emptyNoModel:
    'An audit compares a fine-tuned model with the one it came from. Pretrain a model first.',
  emptyHint:
    'An audit compares a fine-tuned model with the one it came from. Fine-tune one of your models, with its control.',
  toPretrain: 'Pretrain',
  toFinetune: 'Fine-tune',
  model: 'Model to audit',
  oodSets: 'Out-of-distribution sets',
  noOod: 'None in this workspace. Add a folder of images that the model should not be asked about.',
  noIdSet:
    'The dataset that this model was trained on is not in this workspace. Restore it, or register its folder again.',
  covers: 'What the audit covers',
  modelColumn: 'Model',
  idTest: '{n} test images',
  images: '1 image | {n} images',
  scored: 'scored',
  willBeScored: 'will be scored',
  noControl: 'none',
  cautions: 'What the report will have to say',
  caution: {
    'no-control': 'There is no control (λ = 0) of this model, so no gain can be shown.',
    'no-near': 'No near set is among them: far sets alone say little about hard cases.',
    'one-seed': 'There is one seed only, so the spread between runs is not known.',
    leakage: 'The same images are in two places (train and test, or ID and OOD). See the datasets.',
    'not-analysed': 'A set was not searched for duplicates and leakage. Analyse it under Datasets.',
  },
  command: 'Command',
  commandHint:
    'Close this window first: a workspace is open in one program at a time. In a source folder of Straylight, write “npm run straylight --” for “straylight”.',
  needsOod: 'Choose at least one out-of-distribution set.',
  copy: 'Copy the command',
  copied: 'Copied the command',
  writes:
    'Writes the report as PDF, every number as JSON, and the scores per image as CSV, into the workspace.',
} as const;
