/** Each bad input ends in a message that names the thing, the reason and the next step, and a documented exit code. */
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { EXAMPLES } from '../../src/cli/examples.ts';
import { EXIT_CODES } from '../../src/cli/exit-codes.ts';
import { temporaryFolder, writeClassFolders, writeFlatFolder } from '../support/image-folders.ts';
import { resultOf, runCli, startCli } from '../support/run-cli.ts';

const root = temporaryFolder();
const at = (...parts: string[]): string => path.join(root, ...parts);
const workspace = at('workspace');
const base = ['--workspace', workspace, '--device', 'wasm', '--json'];
const errorOf = (stdout: string) =>
  JSON.parse(stdout.trim().split('\n').at(-1)!) as {
    type: string;
    code: string;
    message: string;
    hint?: string;
  };

beforeAll(async () => {
  await writeClassFolders(at('good'), { dark: 20, light: 200 }, 12);
  await writeClassFolders(at('one-class'), { only: 80 }, 6);
  await writeClassFolders(at('single'), { many: 20 }, 8);
  await writeClassFolders(at('single'), { lone: 200 }, 1, 5);
  await writeClassFolders(at('case'), { Cat: 20, cat: 200 }, 6);
  await writeFlatFolder(at('flat'), 6, 120);
  mkdirSync(at('empty'));
  mkdirSync(at('texts', 'a'), { recursive: true });
  writeFileSync(at('texts', 'a', 'notes.txt'), 'not an image');
  for (const name of ['a', 'b']) {
    mkdirSync(at('corrupt', name), { recursive: true });
    for (let i = 0; i < 4; i++) writeFileSync(at('corrupt', name, `${i}.png`), 'no picture');
  }
});

describe('scan', () => {
  it.each([
    { what: 'a missing folder', folder: 'nowhere', code: 'not-found', names: 'nowhere' },
    { what: 'an empty folder', folder: 'empty', code: 'invalid-data', names: 'empty' },
    { what: 'a folder of text files', folder: 'texts', code: 'invalid-data', names: 'texts' },
    { what: 'only corrupt images', folder: 'corrupt', code: 'invalid-data', names: 'corrupt' },
    { what: 'one class', folder: 'one-class', code: 'invalid-data', names: 'only' },
    { what: 'a class with one image', folder: 'single', code: 'invalid-data', names: 'lone' },
    { what: 'classes that differ in case', folder: 'case', code: 'invalid-data', names: 'Cat' },
  ] as const)('refuses $what', async ({ folder, code, names }) => {
    const result = await runCli([...base, 'scan', at(folder), '--role', 'id']);
    const error = errorOf(result.stdout);
    expect(error).toMatchObject({ type: 'error', code });
    expect(error.message).toContain(names);
    expect(result.code).toBe(EXIT_CODES[code]);
  });

  it('keeps a corrupt image among good ones as a row with a reason', async () => {
    await writeClassFolders(at('mixed'), { dark: 20, light: 200 }, 10);
    writeFileSync(at('mixed', 'dark', 'broken.png'), Buffer.from([0x89, 0x50, 0x4e, 0x47, 1, 2]));
    const csv = at('mixed.csv');
    const scan = await runCli([...base, 'scan', at('mixed'), '--csv', csv]);
    const counts = resultOf<Record<'discovered' | 'ok' | 'failed' | 'excluded', number>>(scan);
    expect(counts).toMatchObject({ discovered: 21, ok: 20, failed: 1, excluded: 0 });
    const row = readFileSync(csv, 'utf8')
      .split('\n')
      .find((line) => line.includes('broken.png'));
    expect(row).toMatch(/failed/);
  });

  it('makes the folder of a CSV, and refuses a folder in its place', async () => {
    const csv = at('lists', 'new', 'good.csv');
    await runCli([...base, 'scan', at('good'), '--csv', csv]);
    expect(readFileSync(csv, 'utf8').trim().split('\n')).toHaveLength(25);
    const refused = await runCli([...base, 'scan', at('good'), '--csv', at('lists')]);
    expect(refused.code).toBe(EXIT_CODES['invalid-data']);
    expect(errorOf(refused.stdout).message).toContain('is a folder');
  });
});

describe('train and finetune', () => {
  it.each([
    { what: 'an unknown preset', args: ['train', 'good', '--preset', 'best'], names: 'authors' },
    { what: 'an unknown network', args: ['train', 'good', '--network', 'vgg'], names: 'wrn-16-2' },
    { what: 'no epochs', args: ['train', 'good', '--epochs', '0'], names: 'epochs' },
    { what: 'a word for a number', args: ['train', 'good', '--seed', 'x'], names: '--seed' },
    { what: 'an unknown device', args: ['--device', 'tpu', 'train', 'good'], names: 'tpu' },
  ])('refuses $what', async ({ args, names }) => {
    const given = args.map((arg) => (arg === 'good' ? at('good') : arg));
    const { code, stdout, stderr } = await runCli([...base, ...given]);
    expect(code).toBe(EXIT_CODES.usage);
    expect(stdout + stderr).toContain(names);
  });

  it('refuses to train on a flat folder', async () => {
    const { code, stdout } = await runCli([...base, 'train', at('flat'), '--preset', 'quick']);
    expect(code).toBe(EXIT_CODES['invalid-data']);
    expect(errorOf(stdout).message).toContain('flat');
  });

  it('refuses a negative λ, a model that is not there, and one whose weights were cut in half', async () => {
    const quick = ['--preset', 'quick', '--epochs', '1', '--size', '12', '--name', 'tiny'];
    const trained = await runCli([...base, 'train', at('good'), ...quick]);
    const { model } = resultOf<{ model: { id: string } }>(trained);

    const negative = await runCli([...base, 'finetune', model.id, '--lambda=-1']);
    expect(negative.code).toBe(EXIT_CODES.usage);
    expect(errorOf(negative.stdout).message).toContain('-1');

    const absent = await runCli([...base, 'finetune', 'nobody']);
    expect(absent.code).toBe(EXIT_CODES['not-found']);

    const weights = path.join(workspace, 'models', model.id, 'weights.safetensors');
    truncateSync(weights, Math.floor(readFileSync(weights).length / 2));
    const cut = await runCli([...base, 'finetune', model.id]);
    expect(cut.code).toBe(EXIT_CODES['invalid-model']);
    expect(errorOf(cut.stdout).message).toContain('damaged');
  });
});

describe('score and export', () => {
  it('accounts for every file found: scored + failed + excluded = discovered', async () => {
    await writeClassFolders(at('thousand'), { dark: 20, light: 200 }, 500);
    writeFileSync(at('thousand', 'dark', '17.png'), 'no picture');
    const quick = ['--preset', 'quick', '--epochs', '1', '--size', '12', '--name', 'of-thousand'];
    const { model } = resultOf<{ model: { id: string } }>(
      await runCli([...base, 'train', at('thousand'), ...quick]),
    );
    // One more is gone by the time of scoring.
    rmSync(at('thousand', 'light', '3.png'));
    const csv = at('scores.csv');
    const { datasets } = resultOf<{ datasets: Record<string, number>[] }>(
      await runCli([...base, 'score', model.id, at('thousand'), '--csv', csv]),
    );
    expect(datasets).toMatchObject([{ discovered: 1000, scored: 998, failed: 2, excluded: 0 }]);
    const [header, ...rows] = readFileSync(csv, 'utf8').trim().split('\r\n');
    const columns = header!.split(',');
    expect(new Set(columns).size).toBe(columns.length);
    expect(rows).toHaveLength(1000);
    const failed = rows.filter((row) => row.split(',')[columns.indexOf('status')] === 'failed');
    expect(failed.map((row) => row.split(',')[columns.indexOf('path')])).toEqual([
      'dark/17.png',
      'light/3.png',
    ]);
    expect(failed[1]).toContain('file is gone');
  });

  // An export takes the place of its whole folder: this once removed whatever lay there.
  it('never exports over somebody’s files', async () => {
    const quick = ['--preset', 'quick', '--epochs', '1', '--size', '12', '--name', 'exported'];
    await runCli([...base, 'train', at('good'), ...quick]);
    const refused = await runCli([...base, 'export', 'exported', at('good')]);
    expect(refused.code).toBe(EXIT_CODES.usage);
    expect(errorOf(refused.stdout).message).toContain(at('good'));
    expect(readdirSync(at('good', 'dark'))).toHaveLength(12);

    const first = await runCli([...base, 'export', 'exported', at('export')]);
    const again = await runCli([...base, 'export', 'exported', at('export')]);
    expect([first.code, again.code]).toEqual([0, 0]);
    expect(readdirSync(at('export')).sort()).toEqual(['model.json', 'sha256.json', 'weights.bin']);
  });
});

describe('the help', () => {
  it('has examples for every verb', async () => {
    const { stdout } = await runCli(['--help']);
    const commands = /^Commands:\n([^]*?)\n\n/m.exec(stdout)![1]!;
    const verbs = [...commands.matchAll(/^ {2}(\w+)/gm)].map(([, verb]) => verb!);
    expect(verbs.filter((verb) => verb !== 'help').sort()).toEqual(Object.keys(EXAMPLES).sort());
  });

  it.each(Object.entries(EXAMPLES))('of %s ends with examples', async (verb, examples) => {
    const { code, stdout } = await runCli([verb, '--help']);
    expect(code).toBe(0);
    expect(stdout).toContain(`Examples${examples}`);
    for (const line of examples.trim().split('\n')) expect(line).toMatch(/^\s*\$ straylight /);
  });
});

describe('a reader that goes away', () => {
  // `straylight train ... | head -1` once ended the run with the first line after the reader had left.
  it('does not end the run', async () => {
    const quick = ['--preset', 'quick', '--epochs', '3', '--size', '12', '--name', 'unread'];
    const running = startCli([...base, 'train', at('good'), ...quick]);
    await running.printed('"type":"progress"');
    running.stopReading();
    expect((await running.result).code).toBe(0);
    const { models } = resultOf<{ models: { name: string }[] }>(
      await runCli([...base, 'list', 'models']),
    );
    expect(models.map(({ name }) => name)).toContain('unread');
  });
});

describe('a run that is interrupted', () => {
  it('stops cleanly on Ctrl-C, says how to resume, and resumes', async () => {
    // So many that no machine is done before it is interrupted twice.
    const long = ['--preset', 'quick', '--epochs', '100000', '--size', '12', '--name', 'long'];
    const running = startCli([...base, 'train', at('good'), ...long]);
    await running.printed('"phase":"Pretrain"');
    running.kill('SIGINT');
    const stopped = await running.result;
    expect(stopped.code).toBe(EXIT_CODES.cancelled);
    const hint = errorOf(stopped.stdout).hint ?? '';
    const run = /straylight resume (\S+)/.exec(hint)?.[1];
    expect(run).toBeDefined();
    const checkpoints = path.join(workspace, 'runs', run!, 'checkpoints');
    expect(readdirSync(checkpoints).some((name) => name.startsWith('step-'))).toBe(true);

    // A damaged newest checkpoint must not be loaded: with no other, the command says so.
    const resumed = startCli([...base, 'resume', run!]);
    await resumed.printed('"phase":"Resume"');
    resumed.kill('SIGINT');
    expect((await resumed.result).code).toBe(EXIT_CODES.cancelled);

    for (const name of readdirSync(checkpoints).filter((entry) => entry.startsWith('step-'))) {
      const file = path.join(checkpoints, name, 'weights.safetensors');
      truncateSync(file, Math.floor(readFileSync(file).length / 2));
    }
    const damaged = await runCli([...base, 'resume', run!]);
    expect(damaged.code).toBe(EXIT_CODES['invalid-model']);
    expect(existsSync(checkpoints)).toBe(true);
  });
});
