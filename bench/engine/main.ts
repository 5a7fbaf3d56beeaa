/**
 * `npm run bench:engine`: the engine beside its peers, interleaved in one run.
 *
 *   --quick            fewer rounds, the main table only
 *   --only a,b         suites by name
 *   --mode "infer fp32" cases whose name starts so
 *   --rounds n         measurements of each peer (7 at least for numbers that are quoted)
 *   --threads 1,2      of the main table
 *   --no-peers         this engine alone
 *   --json file        all numbers
 */
import fs from 'node:fs';
import os from 'node:os';
import { parseArgs } from 'node:util';
import { say } from '../../scripts/setup/log.mjs';
import { caseName, suitesFor, type Case } from './cases.ts';
import {
  installPeers,
  straylight,
  straylightWithoutOneDnn,
  type PeerFactory,
  type Peers,
} from './install-peers.ts';
import { measure, type Measurement } from './measure.ts';
import { table } from './table.ts';

const { values: options } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    only: { type: 'string' },
    mode: { type: 'string' },
    rounds: { type: 'string' },
    threads: { type: 'string', default: '1,2' },
    'no-peers': { type: 'boolean', default: false },
    json: { type: 'string' },
  },
});

const ROUNDS = 9;
const QUICK_ROUNDS = 3;
const LEAST_MS = 50;

const rounds = Number(options.rounds ?? (options.quick ? QUICK_ROUNDS : ROUNDS));
const threads = options.threads.split(',').map(Number);
const wanted = options.only?.split(',') ?? (options.quick ? ['main'] : null);
const suites = suitesFor(threads).filter(({ name }) => wanted?.includes(name) ?? true);
if (suites.length === 0 || !threads.every((n) => n >= 1) || !(rounds >= 1)) {
  const known = suitesFor(threads).map(({ name }) => name);
  say(
    `Nothing to measure: --only takes ${known.join(', ')}; --threads and --rounds take numbers above 0.`,
  );
  process.exit(2);
}

const peers: Peers = options['no-peers'] ? {} : await installPeers();

/** Who takes part: the layouts of PyTorch in fp32 only, ONNX Runtime has no bf16 here and does not train. */
function racers({ mode, precision }: Case): PeerFactory[] {
  const { torchNchw, torchNhwc, keras, onnxruntime } = peers;
  const fp32 = precision === 'fp32';
  return [
    straylight,
    ...(torchNchw && fp32 ? [torchNchw] : []),
    ...(torchNhwc ? [torchNhwc] : []),
    ...(keras ? [keras] : []),
    ...(onnxruntime && fp32 && mode === 'infer' ? [onnxruntime] : []),
  ];
}

const machine = `${os.cpus()[0]?.model.trim() ?? 'unknown processor'}, ${os.availableParallelism()} cores, ${Math.round(os.totalmem() / 2 ** 30)} GiB, ${os.platform()} ${os.arch()}, Node ${process.versions.node}`;
console.log(`${machine}; load at the start ${os.loadavg()[0]?.toFixed(1)}; ${rounds} rounds.`);

const all: { readonly case: Case; readonly results: readonly Measurement[] }[] = [];
for (const { name, title, cases } of suites) {
  console.log(`\n## ${title}`);
  for (const what of cases) {
    if (options.mode && !caseName(what).startsWith(options.mode)) continue;
    const factories = [...racers(what), ...(name === 'dispatch' ? [straylightWithoutOneDnn] : [])];
    const commands = factories.map((factory) => factory(what.threads));
    const results = await measure(what, commands, {
      rounds,
      leastMs: LEAST_MS,
      warn: (line) => say(line),
    });
    all.push({ case: what, results });
    console.log(`\n${caseName(what)}, ${what.threads} thread${what.threads > 1 ? 's' : ''}\n`);
    console.log(table(results));
  }
}
if (options.json) fs.writeFileSync(options.json, `${JSON.stringify({ machine, rounds, all })}\n`);
