/** Numbers of other implementations (torch, numpy, scikit-learn, the peers' own code), when this machine has them. */
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const path = (name: string): string =>
  fileURLToPath(new URL(`../../../../shared/golden/${name}`, import.meta.url));

/** Whether the golden numbers are here; tests that need them are skipped by name otherwise. */
export const goldenMissing = !existsSync(path('golden.json'));
export const goldenPath = path;

export interface GoldenMeasures {
  readonly fpr95: number;
  readonly auroc: number;
  readonly aupr_in: number;
  readonly aupr_out: number;
}

export type GoldenPeers = Readonly<Record<string, Readonly<Record<string, number>>>>;

export interface Golden {
  readonly accuracy_cifar10_test2000: number;
  readonly sets: Readonly<
    Record<
      string,
      {
        readonly energy: readonly number[];
        readonly logits: readonly (readonly number[])[];
        readonly label?: readonly number[];
        readonly feat_L1?: readonly number[];
      }
    >
  >;
  readonly metrics: Readonly<
    Record<
      string,
      GoldenMeasures & {
        readonly threshold_energy: number;
        readonly peers: GoldenPeers;
        readonly msp: GoldenMeasures;
      }
    >
  >;
  readonly unit_cases: Readonly<
    Record<
      string,
      {
        readonly id: readonly number[];
        readonly ood: readonly number[];
        readonly expected: GoldenMeasures;
        readonly threshold: number;
        readonly peers: GoldenPeers;
      }
    >
  >;
}

export interface GoldenDetectors {
  readonly metrics: Readonly<
    Record<
      string,
      Readonly<
        Record<
          string,
          {
            readonly fpr95_id_positive: number;
            readonly fpr95_ood_positive: number;
            readonly auroc: number;
            readonly aupr_in: number;
            readonly aupr_out: number;
          }
        >
      >
    >
  >;
  readonly first_scores: Readonly<Record<string, Readonly<Record<string, readonly number[]>>>>;
}

const read = (name: string): unknown => JSON.parse(readFileSync(path(name), 'utf8'));
export const readGolden = (): Golden => read('golden.json') as Golden;
export const readGoldenDetectors = (): GoldenDetectors => read('detectors.json') as GoldenDetectors;
