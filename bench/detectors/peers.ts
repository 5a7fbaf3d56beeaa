/** KNN and Mahalanobis at full size, beside the libraries that Python has for them. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { say } from '../../scripts/setup/log.mjs';
import { installed, peerEnvironment, pipInstall, python } from '../engine/install-peers.ts';
import { median } from '../engine/measure.ts';
import { Peer, type PeerCommand, type Timing } from '../engine/peer.ts';
import { CLASSES, fileOf, madeUpFeatures, writeFloats } from './data.ts';

const VERSIONS = ['faiss-cpu==1.15.1', 'scikit-learn==1.9.1', 'numpy==2.4.6'];

export interface PeerCase {
  readonly what: 'knn' | 'mahalanobis fit' | 'mahalanobis';
  readonly folder: string;
  /** Where the first 1,000 scores go, to be compared. */
  readonly check: string;
  readonly units: number;
  readonly classes: number;
  readonly k: number;
}

export interface Size {
  readonly images: number;
  readonly units: number;
  readonly queries: number;
  readonly k: number;
}

const peerFile = (name: string): string => path.join(import.meta.dirname, 'peers', name);
const protocol = path.join(import.meta.dirname, '..', 'engine', 'peers');

async function commands(threads: number): Promise<Readonly<Record<string, PeerCommand>>> {
  const straylight: PeerCommand = {
    name: 'Straylight',
    command: process.execPath,
    args: [peerFile('straylight-peer.ts'), String(threads)],
    env: process.env,
  };
  const folder = await installed(
    'sklearn-1.9.1-faiss-1.15.1',
    'pip installs scikit-learn and faiss into the cache (0.2 GB).',
    (to) => pipInstall(VERSIONS, to),
  );
  const own = (library: string): PeerCommand => ({
    name: library,
    command: python(),
    args: ['-B', peerFile('sklearn_peer.py'), library, String(threads), protocol],
    env: {
      ...peerEnvironment(),
      PYTHONPATH: folder,
      OMP_NUM_THREADS: String(threads),
      OPENBLAS_NUM_THREADS: String(threads),
    },
  });
  return { straylight, sklearn: own('scikit-learn'), faiss: own('faiss'), numpy: own('numpy') };
}

/** Interleaved: one step of each in turn. Prints a table per case. */
export async function comparePeers(
  { images, units, queries, k }: Size,
  threads: number,
  rounds: number,
): Promise<void> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'straylight-bench-'));
  try {
    writeFloats(fileOf(folder, 'bank'), madeUpFeatures(images, units, 1));
    writeFloats(fileOf(folder, 'queries'), madeUpFeatures(queries, units, 2));
    const { straylight, sklearn, faiss, numpy } = await commands(threads);
    const cases = [
      ['knn', [straylight!, faiss!, sklearn!]],
      ['mahalanobis fit', [straylight!, sklearn!, numpy!]],
      ['mahalanobis', [straylight!, sklearn!, numpy!]],
    ] as const;
    for (const [what, racing] of cases) {
      console.log(`\n### ${what}\n`);
      await race({ what, folder, units, classes: CLASSES, k, check: '' }, racing, rounds);
    }
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

async function race(what: PeerCase, racing: readonly PeerCommand[], rounds: number): Promise<void> {
  const racers: { peer: Peer; version: string; check: string; timings: Timing[] }[] = [];
  try {
    for (const [i, command] of racing.entries()) {
      const peer = new Peer(command);
      const check = path.join(what.folder, `check-${what.what.replace(' ', '-')}-${i}`);
      try {
        const version = await peer.prepare({ ...what, check });
        await peer.run(1);
        racers.push({ peer, version, check, timings: [] });
      } catch (error) {
        await peer.close();
        say(`${command.name}: left out (${error instanceof Error ? error.message : 'failed'})`);
      }
    }
    for (let round = 0; round < rounds; round++)
      for (const { peer, timings } of racers) timings.push(await peer.run(1));
    console.log('| | wall s | CPU s | ours / it, wall | largest difference of a score |');
    console.log('|---|---|---|---|---|');
    const ours = racers[0];
    const wall = (timings: readonly Timing[]): number => median(timings.map((t) => t.wallMs));
    for (const { peer, version, check, timings } of racers) {
      const cells = [
        `${peer.name} (${version})`,
        (wall(timings) / 1000).toFixed(2),
        (median(timings.map((t) => t.cpuMs)) / 1000).toFixed(2),
        ours ? (wall(ours.timings) / wall(timings)).toFixed(2) : '',
        ours && ours.check !== check ? difference(ours.check, check) : '',
      ];
      console.log(`| ${cells.join(' | ')} |`);
    }
  } finally {
    for (const { peer } of racers) await peer.close();
  }
}

/** Of the first 1,000 scores, relative to their size. */
function difference(a: string, b: string): string {
  if (!fs.existsSync(a) || !fs.existsSync(b)) return '';
  const read = (file: string) => new Float64Array(new Uint8Array(fs.readFileSync(file)).buffer);
  const [ours, theirs] = [read(a), read(b)];
  const largest = ours.reduce(
    (most, value, i) => Math.max(most, Math.abs(value - theirs[i]!) / Math.abs(theirs[i]!)),
    0,
  );
  return largest.toExponential(1);
}
