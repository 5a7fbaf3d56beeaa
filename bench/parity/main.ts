/**
 * `npm run parity`: every score with a reference, computed by our network, our fits and our metrics on the reference's
 * images, beside what Python implementations computed. Exit code 1 on disagreement.
 */
import { loadRuntime } from '../../src/core/tf/runtime.ts';
import { compareCase, type ParityRow } from './compare.ts';
import { inputsOf, referenceModel, trainingOf } from './outputs.ts';
import { CASES, METRIC_TOLERANCE, missingReference, readReference, SCORE_TOLERANCE, testSets } from './reference.ts'; // prettier-ignore

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
const training = await trainingOf(model);
const whole = new Map<string, Awaited<ReturnType<typeof inputsOf>>>();
const fourth = new Map<string, Awaited<ReturnType<typeof inputsOf>>>();
for (const [name, files] of testSets()) {
  whole.set(name, await inputsOf(model, files));
  fourth.set(
    name,
    await inputsOf(
      model,
      files.filter((_, i) => i % 4 === 0),
      true,
    ),
  );
}
model.session.dispose();

const reference = readReference();
const rows: ParityRow[] = [];
for (const what of CASES)
  rows.push(await compareCase(what, reference, training, what.every === 4 ? fourth : whole));

const digits = (value: number): string => value.toExponential(1);
console.log(
  `Public ResNet-20 on ${runtime.tensorflowVersion}; fitted on ${training.count.toLocaleString('en-US')} training images; scores to ${SCORE_TOLERANCE} of max(1, |score|), metrics to ${METRIC_TOLERANCE}.\n`,
);
console.log(
  '| score | largest score difference | largest metric difference | agrees | definition |',
);
console.log('|---|---|---|---|---|');
for (const { what, score, metric, agrees } of rows)
  console.log(
    `| ${what.detector} | ${digits(score)} | ${digits(metric)} | ${agrees ? 'yes' : 'NO'} | ${what.follows} |`,
  );
const wrong = rows.filter(({ agrees }) => !agrees);
console.log(
  `\n${rows.length - wrong.length} of ${rows.length} agree, in ${((performance.now() - started) / 1000).toFixed(0)} s.`,
);
process.exitCode = wrong.length === 0 ? 0 : 1;
