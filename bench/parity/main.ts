/**
 * `npm run parity`: every score with a reference, computed by our network, our fits and our metrics on the reference's
 * images, beside what Python implementations computed. Exit code 1 on disagreement.
 *
 *   --all    also FPR95 and AUROC of every score on every set, those without a reference included
 */
import { parseArgs } from 'node:util';
import { loadRuntime } from '../../src/core/tf/runtime.ts';
import { printAllScores } from './all-scores.ts';
import { compareCase, type ParityRow } from './compare.ts';
import { inputsOf, referenceModel, referenceOutputs, trainingOf } from './outputs.ts';
import { CASES, LOGIT_TOLERANCE, FITTED_METRIC_TOLERANCE, METRIC_TOLERANCE, missingReference, NETWORK_METRIC_TOLERANCE, readReference, SCORE_TOLERANCE, testSets } from './reference.ts'; // prettier-ignore

const { values: options } = parseArgs({ options: { all: { type: 'boolean', default: false } } });
const missing = missingReference();
if (missing !== null) {
  console.error(
    `Parity needs reference numbers, a public model and its images beside the clone, and ${missing} is not there. Nothing was compared.`,
  );
  process.exit(1);
}

const started = performance.now();
const { runtime } = await loadRuntime();
const model = referenceModel(runtime);
const training = await trainingOf(model, options.all);
const whole = new Map<string, Awaited<ReturnType<typeof inputsOf>>>();
const fourth = new Map<string, Awaited<ReturnType<typeof inputsOf>>>();
for (const [name, files] of testSets()) {
  whole.set(name, await inputsOf(model, files, { stages: options.all, perturbed: options.all }));
  fourth.set(
    name,
    await inputsOf(
      model,
      files.filter((_, i) => i % 4 === 0),
      { perturbed: true },
    ),
  );
}
model.session.dispose();

const reference = readReference();
const published = referenceOutputs(model.lastLayer);
const algebra = runtime.algebra();
const rows: ParityRow[] = [];
for (const what of CASES) {
  const sets = what.every === 4 ? fourth : whole;
  const same = what.every === 4 ? null : published;
  rows.push(await compareCase(what, reference, training, sets, same, algebra));
}

/** Of our network's logits and the reference's. */
let logits = 0;
for (const [name, { logits: theirs }] of published)
  whole.get(name)!.logits!.data.forEach((value, i) => {
    logits = Math.max(logits, Math.abs(value - theirs!.data[i]!));
  });

const digits = (value: number | null): string => value?.toExponential(1) ?? 'not published';
console.log(
  `Public ResNet-20 on TensorFlow ${runtime.tensorflowVersion}; fitted on ${training.count.toLocaleString('en-US')} training images.\n` +
    `A: largest difference of a score, of max(1, |score|), through our network; at most ${SCORE_TOLERANCE}.\n` +
    `B: largest difference of a metric, on the reference's logits and features; at most ${METRIC_TOLERANCE}, and ${FITTED_METRIC_TOLERANCE} where a fit saw our network's training outputs.\n` +
    `C: the same through our network; at most ${NETWORK_METRIC_TOLERANCE}.\n`,
);
console.log(
  `Logits of ${published.size} sets: largest difference ${digits(logits)}; at most ${LOGIT_TOLERANCE}.\n`,
);
console.log('| score | A | B | C | agrees | which definition, and why |');
console.log('|---|---|---|---|---|---|');
for (const { what, score, metric, networkMetric, agrees } of rows) {
  const cells = [
    what.detector,
    digits(score),
    digits(metric),
    digits(networkMetric),
    agrees ? 'yes' : 'NO',
    what.follows,
  ];
  console.log(`| ${cells.join(' | ')} |`);
}
const wrong = rows.filter(({ agrees }) => !agrees);
const seconds = ((performance.now() - started) / 1000).toFixed(0);
console.log(`\n${rows.length - wrong.length} of ${rows.length} agree, in ${seconds} s.`);
process.exitCode = wrong.length === 0 && logits <= LOGIT_TOLERANCE ? 0 : 1;
if (options.all) await printAllScores(training, whole, algebra);
algebra.dispose();
