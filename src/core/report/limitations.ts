/** What the report cannot show, found in the report itself: nobody has to remember to say it. */
import { counted, SMALL_SET_IMAGES } from '../metrics/cautions.ts';
import { MINIMUM_IMAGES } from '../metrics/verdict.ts';
import type { Audit, Limitation } from './audit.ts';

type Found = Limitation | false | null | undefined;
const found = (id: string, severity: Limitation['severity'], text: string): Limitation => ({ id, severity, text }); // prettier-ignore
const SEVERITIES = ['serious', 'moderate', 'note'] as const;

/** Most serious first. @param audit without its limitations */
export function limitationsOf(audit: Audit): readonly Limitation[] {
  return [...ofData(audit), ...ofTest(audit), ...ofRuns(audit)]
    .filter((one): one is Limitation => Boolean(one))
    .sort((a, b) => SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity));
}

function ofData(audit: Audit): readonly Found[] {
  const { idDataset, oodDatasets, models, leakage, sharing } = audit;
  const sets = [idDataset, ...oodDatasets];
  const tested = [
    { name: 'the ID test set', n: idDataset.splits.test },
    ...oodDatasets.map(({ name, ok }) => ({ name, n: ok })),
  ];
  const list = (some: typeof tested): string =>
    some.map(({ name, n }) => `${name} (${n.toLocaleString('en-US')})`).join(', ');
  const tiny = tested.filter(({ n }) => n < MINIMUM_IMAGES);
  const small = tested.filter(({ n }) => n >= MINIMUM_IMAGES && n < SMALL_SET_IMAGES);
  const leaking = leakage.filter(({ images }) => images > 0);
  const alike = sharing.filter(({ near }) => near !== null && near > 0);
  const unlooked = sets.filter(({ quality }) => !quality.measured);
  const failed = sets.reduce((sum, set) => sum + set.failed, 0);
  const changed = models.filter(({ lineage }) => !lineage.sameData);
  return [
    ...leaking.map(({ between, images }) => found('leakage', 'serious', `${counted(images, 'image')} in ${between} with the same bytes: what a model was trained on says nothing about new images.`)), // prettier-ignore
    tiny.length > 0 && found('tiny-sets', 'serious', `Fewer than ${MINIMUM_IMAGES} images: ${list(tiny)}. Nothing is claimed of them.`), // prettier-ignore
    small.length > 0 && found('small-sets', 'moderate', `Fewer than ${SMALL_SET_IMAGES} images: ${list(small)}. Intervals are wide and their ends uncertain.`), // prettier-ignore
    alike.length > 0 && found('near-copies', 'moderate', `Images that look alike: ${alike.map(({ between, near }) => `${near!.toLocaleString('en-US')} in ${between}`).join('; ')}. They make results look better and intervals narrower than they are.`), // prettier-ignore
    unlooked.length > 0 && found('quality-not-measured', 'moderate', `Quality flags and near copies were not looked for in ${unlooked.map(({ name }) => name).join(', ')}.`), // prettier-ignore
    failed > 0 && found('unreadable-images', 'note', `${counted(failed, 'image')} could not be read and had no part.`), // prettier-ignore
    changed.length > 0 && found('data-changed', 'note', `The ID set is not any more what ${changed.map(({ name }) => name).join(', ')} learned from: images were added, taken out or relabelled since.`), // prettier-ignore
    found('dependent-images', 'note', 'Images that belong together (crops of one picture, frames of one video, one patient) are counted as independent. Where there are such, intervals are too narrow.'), // prettier-ignore
  ];
}

function ofTest(audit: Audit): readonly Found[] {
  const { oodDatasets, models, protocol, statements, robustness, bootstrap, seeds } = audit;
  const near = oodDatasets.filter(({ nearFar }) => nearFar === 'near');
  const untold = oodDatasets.filter(({ nearFar }) => nearFar === null);
  const late = (statements.acceptanceCriteria ?? []).filter(({ beforeTest }) => beforeTest !== true); // prettier-ignore
  const barred = models.filter(({ lineage }) =>
    lineage.outlierSets.some(({ dataset }) => oodDatasets.some(({ name }) => name === dataset)),
  );
  const unscored = new Set(models.flatMap((model) => model.unscored.map(({ detector }) => detector))); // prettier-ignore
  return [
    protocol.tuning.testDataUsed === true && found('test-data-used', 'serious', protocol.tuning.statement), // prettier-ignore
    protocol.tuning.testDataUsed === null && found('tuning-unknown', 'moderate', protocol.tuning.statement), // prettier-ignore
    barred.length > 0 && found('outliers-tested', 'serious', `${barred.map(({ name }) => name).join(', ')} was trained with images of a set that is tested here.`), // prettier-ignore
    seeds.length === 0 && found('one-seed', 'moderate', 'One training per model: the intervals cover the choice of test images, not the chance in training. Repeat with other seeds before relying on a small difference.'), // prettier-ignore
    near.length === 0 && found('no-near-ood', 'moderate', untold.length === oodDatasets.length ? 'It was not said which OOD sets are near (like the ID classes) and which are far, so near-OOD detection is not shown.' : 'No near-OOD set: images that are almost of the ID classes, the hard and common case, were not tested.'), // prettier-ignore
    oodDatasets.length < 3 && found('few-ood-sets', 'moderate', `${counted(oodDatasets.length, 'OOD set')}: the mean says little about other kinds of images.`), // prettier-ignore
    !models.some(({ role }) => role === 'control') && found('no-control', 'serious', 'No control (the same fine-tuning with λ = 0): what comes from the penalty and what from fine-tuning cannot be told apart.'), // prettier-ignore
    statements.acceptanceCriteria === null && found('no-criteria', 'moderate', 'No acceptance criteria were supplied.'), // prettier-ignore
    late.length > 0 && found('late-criteria', 'moderate', `${counted(late.length, 'acceptance criterion').replace('criterions', 'criteria')} not known to be fixed before the test.`), // prettier-ignore
    robustness === null && found('no-robustness', 'note', 'Robustness against noise, blur, brightness and JPEG was not measured.'), // prettier-ignore
    unscored.size > 0 && found('detectors-missing', 'note', `Not scored: ${[...unscored].join(', ')}. The reasons are with the results.`), // prettier-ignore
    bootstrap.method === 'influence' && found('intervals-by-influence', 'note', 'The sets are so large that intervals come from influence functions and not from resampling; both agree closely at this size.'), // prettier-ignore
    found('closed-list', 'note', 'OOD sets stand for what was thought of. How the model meets images of other kinds is not known.'), // prettier-ignore
    found('no-attacks', 'note', 'Images made to deceive the detector were not tried.'),
  ];
}

function ofRuns({ models, environment, reproducibility }: Audit): readonly Found[] {
  const bf16 = models.filter(({ training }) => training.precision !== 'fp32');
  const trained = new Set(models.map(({ trainingFacts }) => trainingFacts.hardware));
  return [
    bf16.length > 0 && found('bf16', 'moderate', `${bf16.map(({ name }) => name).join(', ')}: trained in ${bf16[0]!.training.precision}, which is experimental here. Validation and scores are fp32.`), // prettier-ignore
    environment.tier === 'wasm' && found('wasm', 'note', 'Scored with TensorFlow.js compiled to WebAssembly: the last digits differ from those of TensorFlow’s native library.'), // prettier-ignore
    !reproducibility.deterministic && found('not-deterministic', 'note', reproducibility.determinism), // prettier-ignore
    reproducibility.rerun === null && found('no-rerun', 'note', 'Scoring was not repeated, so the difference between two runs was not measured.'), // prettier-ignore
    trained.size > 1 && found('hardware-differs', 'note', `The models were trained on different hardware or versions: ${[...trained].join('; ')}.`), // prettier-ignore
  ];
}
