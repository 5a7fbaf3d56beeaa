import { describe, expect, it } from 'vitest';
import { accuracy } from '../../../src/core/metrics/accuracy.ts';
import { aupr } from '../../../src/core/metrics/aupr.ts';
import { auroc } from '../../../src/core/metrics/auroc.ts';
import { fprAtTpr, fprOodPositive } from '../../../src/core/metrics/fpr.ts';
import { energiesOf, energy } from '../../../src/core/score/energy.ts';
import { predictions } from '../../../src/core/score/predictions.ts';
import { LOGIT_DETECTORS } from '../../../src/core/score/registry.ts';
import { featureStatistics } from '../../../src/core/score/sparsity.ts';
import type { Features, Logits } from '../../../src/core/score/types.ts';
import { goldenMissing, goldenPath, readGolden, readGoldenDetectors } from '../metrics/golden.ts';
import { readNpz, type NpyArray } from '../../support/npz.ts';

const logitsOfRows = (rows: readonly (readonly number[])[]): Logits => ({
  data: Float32Array.from(rows.flat()),
  count: rows.length,
  classes: rows[0]!.length,
});

describe.skipIf(goldenMissing)('scores agree with torch on a public ResNet-20 (golden)', () => {
  const archive = goldenMissing
    ? new Map<string, NpyArray>()
    : readNpz(goldenPath('resnet20_pack_logits_feats.npz'));
  const logitsOf = (set: string): Logits => {
    const { shape, data } = archive.get(`${set}_logits`)!;
    return { data, count: shape[0]!, classes: shape[1]! };
  };
  const featuresOf = (set: string): Features => {
    const { shape, data } = archive.get(`${set}_feats`)!;
    return { data, count: shape[0]!, units: shape[1]! };
  };
  const sets = ['textures', 'scenes', 'tin', 'scenes_resize', 'scenes_crop', 'mnist', 'fashion'];

  it('energies from rounded logits of every set, to 1e-4', () => {
    for (const [name, set] of Object.entries(readGolden().sets)) {
      const energies = energiesOf(energy.score({ logits: logitsOfRows(set.logits) }));
      energies.forEach((value, i) =>
        expect(Math.abs(value - set.energy[i]!), `${name} ${i}`).toBeLessThan(1e-4),
      );
    }
  });

  it('energies of all 7,000 images from float32 logits, to 1e-5', () => {
    const golden = readGolden();
    for (const set of ['id', ...sets]) {
      const expected = golden.sets[set === 'id' ? 'cifar10/test' : `ood/${set}`]!.energy;
      const energies = energiesOf(energy.score({ logits: logitsOf(set) }));
      expect(energies.length).toBe(expected.length);
      energies.forEach((value, i) =>
        expect(Math.abs(value - expected[i]!), `${set} ${i}`).toBeLessThan(1e-5),
      );
    }
  });

  for (const detector of LOGIT_DETECTORS) {
    it(`${detector.id}: first scores to 1e-6, metrics to 1e-6`, () => {
      const golden = readGoldenDetectors();
      const id = detector.score({ logits: logitsOf('id') });
      for (const set of ['id', ...sets]) {
        const scores = detector.score({ logits: logitsOf(set) });
        golden.first_scores[detector.id]![set]!.forEach((expected, i) =>
          expect(Math.abs(scores[i]! - expected), `${set} ${i}`).toBeLessThan(1e-6),
        );
        if (set === 'id') continue;
        const expected = golden.metrics[detector.id]![set]!;
        const ours = {
          fpr95_id_positive: fprAtTpr(id, scores),
          fpr95_ood_positive: fprOodPositive(id, scores),
          auroc: auroc(id, scores),
          aupr_in: aupr(id, scores).auprIn,
          aupr_out: aupr(id, scores).auprOut,
        };
        for (const [name, value] of Object.entries(ours)) {
          const reference = expected[name as keyof typeof ours];
          expect(Math.abs(value - reference), `${set} ${name} ${value} ${reference}`).toBeLessThan(
            1e-6,
          );
        }
      }
    });
  }

  it('accuracy of the predictions is 0.918', () => {
    const golden = readGolden();
    const { predicted } = predictions(logitsOf('id'));
    expect(accuracy(predicted, golden.sets['cifar10/test']!.label!)).toBe(
      golden.accuracy_cifar10_test2000,
    );
  });

  it('feature L1 per image, to 1e-3 (the file has 4 decimals of float32 sums)', () => {
    const { l1 } = featureStatistics(featuresOf('id'));
    readGolden().sets['cifar10/test']!.feat_L1!.forEach((expected, i) =>
      expect(Math.abs(l1[i]! - expected), `image ${i}`).toBeLessThan(1e-3),
    );
    readGoldenDetectors().first_scores['feature_l1']!['id']!.forEach((expected, i) =>
      expect(Math.abs(l1[i]! - expected), `image ${i}`).toBeLessThan(1e-5),
    );
  });
});
