/** What is timed: a network, a batch, a mode, numbers and threads; and by whom. */
import { architectureOf, type Architecture } from '../../src/core/model/architecture.ts';

export interface Case {
  /** Architecture preset or `wrn-<depth>-<width>`. */
  readonly network: string;
  readonly batch: number;
  readonly size: number;
  readonly mode: 'train' | 'infer';
  readonly precision: 'fp32' | 'bf16';
  readonly threads: number;
}

export const CLASSES = 10;

/** @throws AppError `usage` for an unknown network */
export function architectureFor({ network, size }: Case): Architecture {
  const options = { classes: CLASSES, inputSize: size };
  const wide = /^wrn-(\d+)-(\d+)$/.exec(network);
  return wide
    ? {
        family: 'wide-resnet',
        depth: Number(wide[1]),
        width: Number(wide[2]),
        dropout: 0,
        ...options,
      }
    : architectureOf(network, options);
}

export const caseName = ({ network, batch, size, mode, precision }: Case): string =>
  `${mode} ${precision} ${network} ${size}x${size} batch ${batch}`;

/** A group of cases that is printed as one table. */
export interface Suite {
  readonly name: string;
  readonly title: string;
  readonly cases: readonly Case[];
}

const MODES = [
  ['train', 'fp32'],
  ['infer', 'fp32'],
  ['train', 'bf16'],
  ['infer', 'bf16'],
] as const;

/** The table: every mode of WRN-40-2 at batch 128 with each number of threads. */
const main = (threads: readonly number[]): Case[] =>
  threads.flatMap((count) =>
    MODES.map(([mode, precision]) => ({
      network: 'wrn-40-2',
      batch: 128,
      size: 32,
      mode,
      precision,
      threads: count,
    })),
  );

function fp32(
  networks: readonly string[],
  batches: readonly number[],
  sizes: readonly number[] = [32],
): Case[] {
  return networks.flatMap((network) =>
    batches.flatMap((batch) =>
      sizes.flatMap((size) =>
        (['train', 'infer'] as const).map((mode) => ({
          network,
          batch,
          size,
          mode,
          precision: 'fp32' as const,
          threads: 1,
        })),
      ),
    ),
  );
}

/** One image has no variance to normalise by, so that nothing trains on a batch of 1. */
const possible = ({ mode, batch }: Case): boolean => mode === 'infer' || batch > 1;

export const suitesFor = (threads: readonly number[]): readonly Suite[] =>
  [
    { name: 'main', title: 'WRN-40-2, 32x32, batch 128', cases: main(threads) },
    {
      // All ops of a WRN-40 step on so few numbers that calling them is most of the time: an upper bound of dispatch.
      name: 'dispatch',
      title: 'Dispatch: WRN-40-1, two 8x8 images, 1 thread',
      cases: fp32(['wrn-40-1'], [2], [8]),
    },
    {
      name: 'networks',
      title: 'Other networks, batch 128, 1 thread',
      cases: fp32(['wrn-16-2', 'resnet-20'], [128]),
    },
    {
      name: 'batch',
      title: 'Batch size, WRN-40-2, 1 thread',
      cases: fp32(['wrn-40-2'], [1, 32, 128, 512]).filter(possible),
    },
    {
      name: 'depth',
      title: 'Depth, WRN-d-2, batch 32, 1 thread',
      cases: fp32(['wrn-10-2', 'wrn-16-2', 'wrn-28-2', 'wrn-40-2'], [32]),
    },
    {
      name: 'size',
      title: 'Image size, WRN-16-2, batch 32, 1 thread',
      cases: fp32(['wrn-16-2'], [32], [32, 64, 128, 224]),
    },
  ] as const;
