import { describe, expect, it } from 'vitest';
import { accuracy } from '../../../src/core/metrics/accuracy.ts';
import { aupr } from '../../../src/core/metrics/aupr.ts';
import { auroc } from '../../../src/core/metrics/auroc.ts';
import { fprAtTpr, fprOodPositive } from '../../../src/core/metrics/fpr.ts';
import type { PeerMeasures } from '../../../src/core/metrics/peer-conventions.ts';
import { PEER_CONVENTIONS } from '../../../src/core/metrics/peer-conventions.ts';
import { thresholdAtTpr } from '../../../src/core/metrics/threshold.ts';
import type { GoldenMeasures, GoldenPeers } from './golden.ts';
import { goldenMissing, readGolden } from './golden.ts';

interface Case {
  readonly name: string;
  readonly id: readonly number[];
  readonly ood: readonly number[];
  readonly expected: GoldenMeasures;
  readonly threshold: number;
  readonly peers: GoldenPeers;
}

/** Names of the implementations in the file -> our ids. */
const PEER_IDS: Readonly<Record<string, string>> = {
  'energy_ood(ID pos)': 'energy-ood',
  'energy_ood --out_as_pos': 'energy-ood-out-as-pos',
  'OpenOOD v1.5': 'openood-v1.5',
  'OpenOOD fpr_recall(ID pos, unused by default)': 'openood-fpr-recall',
  'DICE/ReAct cal_metric': 'dice-react',
  'pytorch-ood (re-derived with sklearn)': 'pytorch-ood',
};
const MEASURES: Readonly<Record<string, keyof PeerMeasures>> = {
  fpr95: 'fpr95',
  FPR: 'fpr95',
  auroc: 'auroc',
  AUROC: 'auroc',
  aupr_in: 'auprIn',
  AUIN: 'auprIn',
  aupr_out: 'auprOut',
  AUOUT: 'auprOut',
  DTERR: 'detectionError',
};

function casesOf(): readonly Case[] {
  if (goldenMissing) return [];
  const golden = readGolden();
  const score = (set: string): number[] => golden.sets[set]!.energy.map((energy) => -energy);
  const id = score('cifar10/test');
  return [
    ...Object.entries(golden.unit_cases).map(([name, unit]) => ({ name, ...unit })),
    ...Object.entries(golden.metrics).map(([name, metrics]) => ({
      name,
      id,
      ood: score(`ood/${name}`),
      expected: metrics,
      threshold: -metrics.threshold_energy,
      peers: metrics.peers,
    })),
  ];
}

const near = (actual: number | undefined, expected: number, what: string): void => {
  expect(Math.abs((actual ?? NaN) - expected), `${what}: ${actual} and ${expected}`).toBeLessThan(
    1e-9,
  );
};

describe.skipIf(goldenMissing)(
  'metrics agree with scikit-learn and the peers (golden.json)',
  () => {
    const cases = casesOf();

    it('has all six unit cases and seven sets', () => {
      expect(cases.length).toBe(13);
    });

    for (const { name, id, ood, expected, threshold, peers } of cases) {
      it(`${name}: primary definitions`, () => {
        near(thresholdAtTpr(id), threshold, 'threshold');
        near(fprAtTpr(id, ood), expected.fpr95, 'FPR95');
        near(auroc(id, ood), expected.auroc, 'AUROC');
        near(aupr(id, ood).auprIn, expected.aupr_in, 'AUPR-In');
        near(aupr(id, ood).auprOut, expected.aupr_out, 'AUPR-Out');
        const oodPositive = peers['pytorch-ood (re-derived with sklearn)']!['fpr95']!;
        near(fprOodPositive(id, ood), oodPositive, 'FPR95, OOD positive');
      });

      it(`${name}: six peer conventions`, () => {
        expect(Object.keys(peers).sort()).toEqual(Object.keys(PEER_IDS).sort());
        for (const [peerName, measures] of Object.entries(peers)) {
          const peer = PEER_CONVENTIONS.find(({ id: peerId }) => peerId === PEER_IDS[peerName])!;
          const ours = peer.measure(id, ood);
          for (const [measure, value] of Object.entries(measures)) {
            near(ours[MEASURES[measure]!], value, `${peerName} ${measure}`);
          }
        }
      });
    }

    it('accuracy on the first 200 test images follows from logits and labels', () => {
      const { logits, label } = readGolden().sets['cifar10/test']!;
      const predicted = logits.map((row) => row.indexOf(Math.max(...row)));
      const right = predicted.filter((value, i) => value === label![i]).length;
      expect(accuracy(predicted, label!.slice(0, logits.length))).toBe(right / logits.length);
    });
  },
);
