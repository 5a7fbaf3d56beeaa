#!/usr/bin/env node
/** The command line: the same verbs as the pipeline. */
import { Command, CommanderError, Option } from 'commander';
import { ARCHITECTURE_PRESETS } from '../core/model/architecture.ts';
import { OBJECTIVE_IDS } from '../core/train/objectives/registry.ts';
import { DETECTOR_HELP } from './detector-names.ts';
import { EXAMPLES } from './examples.ts';
import { EXIT_CODES, EXIT_CODE_HELP } from './exit-codes.ts';
import type { AuditOptions } from './commands/audit.ts';
import type { ReportOptions } from './commands/report.ts';
import type { VerifyOptions } from './commands/verify.ts';
import type { CompareOptions } from './commands/compare.ts';
import type { ExperimentOptions } from './commands/experiment.ts';
import type { FinetuneOptions } from './commands/finetune.ts';
import type { ImportOptions } from './commands/import.ts';
import type { RobustnessOptions } from './commands/robustness.ts';
import type { ScoreOptions } from './commands/score.ts';
import type { TuneOptions } from './commands/tune.ts';
import type { ServeOptions } from './commands/serve.ts';
import type { TrainOptions } from './commands/train.ts';
import { APP_VERSION, Host, type GlobalOptions } from './host.ts';

const program = new Command('straylight')
  .description(
    'Finds the images a classifier should not trust: pretrain, fine-tune for sparse features, score by energy, audit.',
  )
  .version(APP_VERSION)
  .option('--workspace <folder>', 'where datasets, models and audits are kept')
  .addOption(
    new Option('--device <tier>', 'what computes').choices(['auto', 'cuda', 'cpu', 'wasm']),
  )
  .option(
    '--threads <n>',
    'threads within one operation (default: as measured by doctor --tune, else all cores)',
  )
  .option('--json', 'one JSON object a line on standard output')
  .showHelpAfterError('(straylight --help shows what can be done)')
  .exitOverride()
  .addHelpText(
    'after',
    `
Examples
  $ straylight scan ./products                    look at a folder of class subfolders
  $ straylight train ./products --preset quick    pretrain a small network on it
  $ straylight finetune "wrn-10-1, quick, seed 1" with λ = 0.02, and its control λ = 0
  $ straylight score m-2026 ./unknown --csv s.csv one energy per image
  $ straylight audit m-2026 --ood ./unknown       compare before, control and sparse; write the PDF
${EXIT_CODE_HELP}`,
  );

/** Every command runs in a host; its exit code is the process's. */
function action<Arguments extends unknown[]>(
  work: (host: Host, ...args: Arguments) => Promise<void>,
): (...args: [...Arguments, Command]) => Promise<void> {
  return async (...args) => {
    const command = args.at(-1) as Command;
    const given = args.slice(0, -1) as unknown as Arguments;
    const host = new Host(command.optsWithGlobals<GlobalOptions>());
    process.exitCode = await host.run((running) => work(running, ...given));
  };
}

const trainingOptions = (command: Command): Command =>
  command
    .option('--epochs <n>', 'passes over the training images')
    .option('--batch-size <n>', 'images per step')
    .option('--learning-rate <rate>', 'highest learning rate of the schedule')
    .option('--weight-decay <rate>', 'L2 added to every gradient, as PyTorch does')
    .option('--momentum <rate>', 'momentum of SGD')
    .option('--seed <n>', 'same seed, same weights')
    .option(
      '--precision <name>',
      'fp32, or bf16 (experimental): mixed precision, a third less time where the processor has it, but 0.8 points less accurate in our runs (docs/benchmarks.md)',
    )
    .option('--keep <which>', 'weights of the last or the best epoch');

const objectiveOptions = (command: Command): Command =>
  command
    .option('--objective <id>', `what is minimised: ${OBJECTIVE_IDS.join(', ')}`)
    .option(
      '--outliers <dataset>',
      'out-of-distribution set to train on, for the objectives that need one; barred from evaluation afterwards',
    )
    .option('--outlier-ratio <n>', 'outliers to one image of a batch (default: 2)')
    .option('--m-in <energy>', 'energy-margin: images with a higher energy are penalised')
    .option('--m-out <energy>', 'energy-margin: outliers with a lower energy are penalised')
    .option('--outlier-weight <w>', 'weight of the outlier terms; 0 is the control')
    .option('--confidence-weight <λ₁>', 'oecc: weight of the gap of the mean confidence')
    .option(
      '--training-accuracy <a>',
      'oecc: what the confidence is drawn to (default: the model’s)',
    )
    .option('--temperature <τ>', 'logit-norm: normalised logits have the length 1 / τ')
    .option('--label-smoothing <ε>', 'share of each label spread over all classes')
    .option('--mixup <α>', 'blend pairs of images, ratios from Beta(α, α)');

program
  .command('scan')
  .description('read a folder: classes, splits, sizes, unreadable files')
  .argument('<folder>', 'class subfolders = in-distribution; flat = out-of-distribution')
  .option('--name <name>', 'name of the dataset (default: the folder’s)')
  .option('--role <role>', 'auto, id or ood', 'auto')
  .option('--split-seed <n>', 'seed of the split when there are no train/val/test folders')
  .option('--csv <file>', 'write one row per file')
  .action(
    action(async (host, folder: string, options: object) =>
      (await import('./commands/scan.ts')).scan(host, folder, options),
    ),
  );

objectiveOptions(
  trainingOptions(
    program
      .command('train')
      .description('pretrain a network with cross-entropy')
      .argument('<dataset>', 'a folder, or a dataset’s id or name')
      .option('--preset <name>', 'paper, authors (recommended) or quick', 'authors')
      .option('--network <name>', `one of: ${Object.keys(ARCHITECTURE_PRESETS).join(', ')}`)
      .option('--size <pixels>', 'side of the square input', '32')
      .option('--resize <mode>', 'stretch, center-crop or pad', 'stretch')
      .option('--name <name>', 'name of the model'),
  ),
).action(
  action(async (host, dataset: string, options: TrainOptions) =>
    (await import('./commands/train.ts')).trainCommand(host, dataset, options),
  ),
);

objectiveOptions(
  trainingOptions(
    program
      .command('finetune')
      .description('fine-tune with CE + λ·mean‖features‖₁ or another objective, and its control')
      .argument('<model>', 'id (or its beginning) or name')
      .option('--preset <name>', 'paper, authors or quick (default: the model’s)')
      .option('--lambda <λ>', 'weight of the L1 penalty')
      .option('--target <output>', 'features or logits', 'features')
      .option('--no-control', 'leave the control out; then no gain can be shown')
      .option('--name <name>', 'beginning of the models’ names'),
  ),
).action(
  action(async (host, model: string, options: FinetuneOptions) =>
    (await import('./commands/finetune.ts')).finetuneCommand(host, model, options),
  ),
);

const experiment = program
  .command('experiment')
  .description('the same comparison repeated with several seeds, as one experiment');

objectiveOptions(
  experiment
    .command('start', { isDefault: true })
    .description(
      'pretrain (or take a model), fine-tune with and without λ, score, compare: once per seed',
    )
    .argument('<source>', 'a dataset to pretrain on, or a model to fine-tune')
    .requiredOption('--ood <dataset...>', 'out-of-distribution folders, ids or names')
    .option('--seeds <list>', 'one repeat per seed', '1,2,3,4,5')
    .option('--preset <name>', 'paper, authors (recommended) or quick', 'authors')
    .option('--network <name>', `one of: ${Object.keys(ARCHITECTURE_PRESETS).join(', ')}`)
    .option('--size <pixels>', 'side of the square input', '32')
    .option('--resize <mode>', 'stretch, center-crop or pad', 'stretch')
    .option('--pretrain-epochs <n>', 'passes over the training images before fine-tuning')
    .option('--epochs <n>', 'passes of the fine-tuning')
    .option('--lambda <λ>', 'weight of the L1 penalty')
    .option('--detector <id>', 'the score that is compared', 'energy')
    .option('--protocol <name>', 'as-given, six-sets or near-far', 'as-given')
    .option('--no-control', 'leave the control λ = 0 out; then no gain can be shown')
    .option('--batch-norm', 'a second control: batch-norm statistics estimated again')
    .option('--name <name>', 'name of the experiment'),
).action(
  action(async (host, source: string, options: ExperimentOptions) =>
    (await import('./commands/experiment.ts')).experimentStart(host, source, options),
  ),
);

experiment
  .command('show')
  .description('the numbers of an experiment: mean ± standard deviation, and every seed')
  .argument('<experiment>', 'id (or its beginning) or name')
  .action(
    action(async (host, wanted: string) =>
      (await import('./commands/experiment.ts')).experimentShow(host, wanted),
    ),
  );

experiment
  .command('list')
  .description('every experiment with its state')
  .action(action(async (host) => (await import('./commands/experiment.ts')).experimentList(host)));

experiment
  .command('resume')
  .description('go on with an experiment that stopped; what is done stays')
  .argument('<experiment>', 'id (or its beginning) or name')
  .action(
    action(async (host, wanted: string) =>
      (await import('./commands/experiment.ts')).experimentResume(host, wanted),
    ),
  );

program
  .command('reestimate')
  .description(
    'estimate a model’s batch-norm statistics again, weights untouched: a second control',
  )
  .argument('<model>', 'id (or its beginning) or name')
  .action(
    action(async (host, model: string) =>
      (await import('./commands/reestimate.ts')).reestimateCommand(host, model),
    ),
  );

program
  .command('import')
  .description('take weights that were trained in PyTorch (safetensors) into the workspace')
  .argument('<file>', 'safetensors file with PyTorch’s names and layout')
  .requiredOption('--network <name>', `one of: ${Object.keys(ARCHITECTURE_PRESETS).join(', ')}`)
  .requiredOption(
    '--dataset <dataset>',
    'the in-distribution folder, id or name; its classes are the outputs',
  )
  .option('--mean <r,g,b>', 'mean of RGB from 0 to 1 in its training', '0.485,0.456,0.406')
  .option('--std <r,g,b>', 'standard deviation of RGB', '0.229,0.224,0.225')
  .option('--size <pixels>', 'side of the square input', '32')
  .option('--resize <mode>', 'stretch, center-crop or pad', 'stretch')
  .option('--name <name>', 'name of the model')
  .action(
    action(async (host, file: string, options: ImportOptions) =>
      (await import('./commands/import.ts')).importCommand(host, file, options),
    ),
  );

program
  .command('score')
  .description('score every image of some datasets, under one or all detectors in one pass')
  .argument('<model>', 'id (or its beginning) or name')
  .argument('<dataset...>', 'folders, ids or names')
  .option('--detector <ids>', DETECTOR_HELP, 'energy')
  .option('--id <dataset>', 'where detectors learn (default: what the model was trained on)')
  .option('--csv <file>', 'write one row per image')
  .action(
    action(async (host, model: string, datasets: string[], options: ScoreOptions) =>
      (await import('./commands/score.ts')).scoreCommand(host, model, datasets, options),
    ),
  );

program
  .command('tune')
  .description(
    'choose settings of detectors on validation images; without OOD images unless a set is named',
  )
  .argument('<model>', 'id (or its beginning) or name')
  .option('--detector <ids>', DETECTOR_HELP, 'odin')
  .option('--id <dataset>', 'the in-distribution dataset (default: what the model was trained on)')
  .option('--validation <dataset>', 'an OOD set to tune on; it is no test set then')
  .option('--ood <dataset...>', 'OOD test sets, under the defaults and the chosen settings')
  .action(
    action(async (host, model: string, options: TuneOptions) =>
      (await import('./commands/tune.ts')).tuneCommand(host, model, options),
    ),
  );

program
  .command('compare')
  .description('put models side by side on the same images: per set, with differences')
  .argument(
    '<model...>',
    'two or more, compared with the first; one is enough with several detectors',
  )
  .requiredOption('--ood <dataset...>', 'out-of-distribution folders, ids or names')
  .option('--id <dataset>', 'the in-distribution dataset (default: that of the first model)')
  .option('--detector <ids>', DETECTOR_HELP, 'energy')
  .option('--split <name>', 'ID images to test on: train, val or test', 'test')
  .action(
    action(async (host, models: string[], options: CompareOptions) =>
      (await import('./commands/compare.ts')).compareCommand(host, models, options),
    ),
  );

program
  .command('robustness')
  .description('corrupt the ID test images (noise, blur, brightness, JPEG) and ask each model')
  .argument('<model...>', 'ids (or their beginnings) or names')
  .option('--id <dataset>', 'the in-distribution dataset (default: that of the first model)')
  .option('--images <n>', 'at most so many test images, a seeded sample (default: all)')
  .option('--severities <list>', 'of 1 to 5, e.g. 1,3,5 (default: all)')
  .option('--seed <n>', 'of the sample and the noise', '1')
  .action(
    action(async (host, models: string[], options: RobustnessOptions) =>
      (await import('./commands/robustness.ts')).robustnessCommand(host, models, options),
    ),
  );

program
  .command('audit')
  .description('compare a fine-tuned model with its parent and its control; write the report')
  .argument('<model>', 'the sparse model')
  .requiredOption('--ood <dataset...>', 'out-of-distribution folders, ids or names')
  .option('--before <model>', 'the model before fine-tuning (default: the parent)')
  .option(
    '--control <model>',
    'the λ = 0 control (default: that of the same parent whose settings are closest)',
  )
  .option('--id <dataset>', 'the in-distribution dataset (default: that of training)')
  .option('--protocol <name>', 'averages of a named protocol too: as-given, six-sets or near-far')
  .option('--detector <ids>', 'detectors told beside energy, or all', 'all')
  .option(
    '--robustness [images]',
    'also measure noise, blur, brightness and JPEG on so many test images',
  )
  .option('--sign <key>', 'sign the manifest with this Ed25519 private key (PEM)')
  .option('--title <text>', 'title of the report')
  .option('--out <folder>', 'where the report goes (default: in the workspace)')
  .action(
    action(async (host, model: string, options: AuditOptions) =>
      (await import('./commands/audit.ts')).auditCommand(host, model, options),
    ),
  );

program
  .command('report')
  .description('make a report from a YAML file, or write that of a stored audit again')
  .argument('[audit]', 'id (or its beginning) or title')
  .option(
    '--config <file>',
    'what to report on and what people say of it, see `straylight report --example`',
  )
  .option('--example', 'print a configuration to begin with')
  .option('--sign <key>', 'sign the manifest with this Ed25519 private key (PEM)')
  .option('--out <folder>', 'where the report goes')
  .action(
    action(async (host, audit: string | undefined, options: ReportOptions) =>
      (await import('./commands/report.ts')).reportCommand(host, audit, options),
    ),
  );

program
  .command('verify')
  .description(
    'recompute every number and every hash of a report; exit code 1 at the first that differs',
  )
  .argument('<folder>', 'with report.json, per-image.csv and manifest.json')
  .option('--images', 'also read the images and hash them')
  .option('--rescore <n>', 'also score so many random images again with the weights')
  .option('--seed <n>', 'of the sample of --rescore', '1')
  .option('--public-key <file>', 'the key that must have signed it')
  .action(
    action(async (host, folder: string, options: VerifyOptions) =>
      (await import('./commands/verify.ts')).verifyCommand(host, folder, options),
    ),
  );

program
  .command('keygen')
  .description('make a key pair to sign reports with; keep the private key')
  .option('--out <file>', 'where the private key goes', 'straylight-key.pem')
  .action(
    action(async (host, options: { readonly out: string }) =>
      (await import('./commands/keygen.ts')).keygen(host, options),
    ),
  );

program
  .command('resume')
  .description('go on with a run that was cancelled or interrupted')
  .argument('<run>', 'id of the run, see `straylight list runs`')
  .action(
    action(async (host, run: string) => (await import('./commands/library.ts')).resume(host, run)),
  );

program
  .command('list')
  .description('what the workspace holds')
  .argument('[kind]', 'datasets, models, runs, audits or all', 'all')
  .action(
    action(async (host, kind: string) => (await import('./commands/library.ts')).list(host, kind)),
  );

program
  .command('export')
  .description('write a model as a tfjs LayersModel')
  .argument('<model>', 'id (or its beginning) or name')
  .argument('<folder>', 'new folder')
  .action(
    action(async (host, model: string, folder: string) =>
      (await import('./commands/library.ts')).exportCommand(host, model, folder),
    ),
  );

program
  .command('serve')
  .description('the window in a browser, on this machine or through an SSH tunnel')
  .option('--port <n>', 'where to listen, on the loopback interface only')
  .option('--link', 'print another address of the server that runs, and end')
  .action(
    action(async (host, options: ServeOptions) =>
      (await import('./commands/serve.ts')).serveCommand(host, options),
    ),
  );

const curate = program
  .command('curate')
  .description('decisions about images: what was decided, and the data that it gives');

curate
  .command('log')
  .description('every decision with its time, author and reason')
  .action(action(async (host) => (await import('./commands/curate.ts')).curateLog(host)));

curate
  .command('leakage')
  .description('images that a test or OOD set shares with another part; with --exclude they go')
  .argument('<dataset>', 'the in-distribution folder, id or name')
  .option('--ood <dataset...>', 'out-of-distribution folders, ids or names')
  .option('--exclude <which>', 'exact: the same files; all: those that look alike too')
  .option('--author <name>', 'who decides (default: the account)')
  .action(
    action(
      async (
        host,
        dataset: string,
        options: { ood?: readonly string[]; exclude?: string; author?: string },
      ) => (await import('./commands/curate.ts')).curateLeakage(host, dataset, options),
    ),
  );

curate
  .command('export')
  .description(
    'write the images that are not excluded, with their new classes; nothing is overwritten',
  )
  .argument('<dataset>', 'id (or its beginning) or name')
  .argument('<folder>', 'existing folder; the export gets a name of its own in it')
  .option('--mode <mode>', 'copy, hard-link, csv or json', 'copy')
  .action(
    action(async (host, dataset: string, folder: string, options: { mode?: string }) =>
      (await import('./commands/curate.ts')).curateExport(host, dataset, folder, options),
    ),
  );

program
  .command('doctor')
  .description('what this machine has, what is missing, and whether it computes correctly')
  .option('--tune', 'measure which number of threads is fastest here, and use it from now on')
  .action(
    action(async (host, options: { tune?: boolean }) =>
      (await import('./commands/doctor.ts')).doctor(host, options),
    ),
  );

program
  .command('demo')
  .description('the whole way on the images that come with Straylight')
  .option('--out <folder>', 'where the report goes (default: ./straylight-demo)')
  .option('--seed <n>', 'same seed, same numbers', '1')
  .action(
    action(async (host, options: object) =>
      (await import('./commands/demo.ts')).demo(host, options),
    ),
  );

for (const command of program.commands) {
  const examples = EXAMPLES[command.name()];
  if (examples) command.addHelpText('after', `\nExamples${examples}`);
}

// `straylight train ... | head` closes the pipe early; the work under way must not die of it.
for (const stream of [process.stdout, process.stderr])
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });

try {
  await program.parseAsync();
} catch (error) {
  if (!(error instanceof CommanderError)) throw error;
  // Help and version end with 0; everything else that commander throws is a wrong command.
  process.exitCode = error.exitCode === 0 ? 0 : EXIT_CODES.usage;
}
