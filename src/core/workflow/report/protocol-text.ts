/** How a report's numbers were made, in words. */
import { counted } from '../../metrics/cautions.ts';
import { SCORE_ORIENTATION } from '../../protocol/orientation.ts';
import { planProtocol, type ProtocolId } from '../../protocol/protocols.ts';
import type { AuditFacts } from '../../report/assemble.ts';
import type { Protocol } from '../../report/audit.ts';
import type { Detector } from '../../score/types.ts';

const NAMES: Readonly<Record<ProtocolId, string>> = {
  'as-given': 'As given: every OOD set counts',
  'six-sets': 'The six OOD sets of the paper',
  'near-far': 'Near and far OOD',
};

export function protocolText(
  facts: Pick<AuditFacts, 'models' | 'oodDatasets' | 'bootstrap'>,
  protocol: ProtocolId,
  detectors: readonly Detector[],
  decided: boolean,
): Protocol {
  const { models, oodDatasets, bootstrap } = facts;
  const tested = new Set(oodDatasets.map(({ name }) => name));
  const outliers = models.flatMap(({ lineage }) => lineage.outlierSets.map(({ dataset }) => dataset)); // prettier-ignore
  const used = outliers.filter((name) => tested.has(name));
  return {
    name: NAMES[protocol],
    description: planProtocol(protocol, oodDatasets).statement,
    orientation: SCORE_ORIENTATION,
    positiveClass:
      'FPR95 and AUPR-In: ID is positive; an ID image is kept when S >= δ. FPR95 (OOD+) and AUPR-Out: OOD is positive, as in OpenOOD v1.5. AUROC is the same either way.',
    ties: 'Equal scores are one step of every curve; in AUROC a tie counts one half, at a threshold it counts as kept.',
    intervals:
      bootstrap.method === 'bootstrap'
        ? `95%, percentile bootstrap with ${bootstrap.samples.toLocaleString('en-US')} resamples (seed ${bootstrap.seed}); ID and OOD images are resampled apart, models are paired over the same images.`
        : '95%, estimate ± 1.96 standard errors from the influence functions of the metrics (DeLong for AUROC); models are paired over the same images.',
    subsampling: 'OOD sets are used whole.',
    thresholdSource: decided
      ? 'ID validation images, by a decision that is recorded with author, reason and time.'
      : 'ID validation images only: the largest threshold that keeps at least 95% of them.',
    tuning: {
      testDataUsed: used.length > 0,
      statement:
        used.length > 0
          ? `Images of ${used.join(', ')} were used in training as outliers and are tested here.`
          : `No test image had a part in training, fitting, the choice of thresholds or settings that this program made: detectors are fitted on ID training images, thresholds come from ID validation images, and settings are the literature’s. ${outliers.length > 0 ? `Outliers used in training (${[...new Set(outliers)].join(', ')}) are not among the tested sets. ` : ''}What people chose after looking at results is not known to the program.`,
    },
    nearFar: nearFarText(oodDatasets),
    detectors: detectors.map(
      ({
        id,
        label,
        formula,
        source,
        sourceUrl,
        orientation,
        cost,
        assumes,
        fits,
        hyperparameters,
      }) => ({
        id,
        label,
        formula,
        source,
        sourceUrl,
        orientation,
        cost,
        assumes,
        fits,
        hyperparameters: Object.entries(hyperparameters).map(([name, entry]) => ({ name, label: entry.label, value: entry.default })), // prettier-ignore
      }),
    ),
  };
}

function nearFarText(sets: AuditFacts['oodDatasets']): string {
  const of = (which: 'near' | 'far' | null): readonly string[] =>
    sets.filter(({ nearFar }) => nearFar === which).map(({ name }) => name);
  const told = (label: string, names: readonly string[]): string =>
    names.length === 0 ? '' : `${label} (${counted(names.length, 'set')}): ${names.join(', ')}. `;
  return `${told('Near', of('near'))}${told('Far', of('far'))}${told('Not said', of(null))}`.trim();
}
