/** How it was measured: formulas, signs, ties, what decided the threshold, and whether test data tuned anything. */
import type { DetectorCard } from '../audit.ts';
import { count } from '../format.ts';
import { openSection, type SectionTitle } from '../pdf/section.ts';
import { table } from '../pdf/table.ts';
import type { ReportContext } from './context.ts';

export function protocolSection({ flow, audit }: ReportContext, self: SectionTitle): void {
  const { protocol, bootstrap, verdict } = audit;
  openSection(flow, self, { lead: `${protocol.name}. ${protocol.description}` });
  flow.facts([
    ['Orientation', protocol.orientation],
    ['Positive class', protocol.positiveClass],
    ['Ties', protocol.ties],
    ['Threshold', protocol.thresholdSource],
    ['Subsampling', protocol.subsampling],
    ['Near and far', protocol.nearFar],
    ['Intervals', `${protocol.intervals} ${bootstrap.method === 'bootstrap' ? `${count(bootstrap.samples)} resamples, seed ${bootstrap.seed}.` : 'From the influence function, as the sets are large.'} They cover the choice of images, not the choice of the training seed.`],
    ['Control', 'The same fine-tuning from the same weights with the same seed and λ = 0. Differences to it are what sparsity did; differences to the model before also hold what longer training with other augmentation did.'],
    ['Rule of the verdict', verdict.rule],
  ]); // prettier-ignore
  flow.heading('Whether test data tuned anything', 40);
  const used = protocol.tuning.testDataUsed;
  flow.paragraph([
    { text: used === null ? 'Unknown. ' : used ? 'Yes. ' : 'No. ', font: 'semibold' },
    protocol.tuning.statement,
  ]);
  if (protocol.detectors.length === 0) return;
  table(
    flow,
    [
      { title: 'Detector' },
      { title: 'Score S, larger = more in-distribution', grow: 1.2 },
      { title: 'Assumes', grow: 1 },
    ],
    protocol.detectors.map((card) => [
      { text: card.label, font: 'semibold' as const, below: card.id },
      { text: card.formula.replaceAll('ᵀ', '^T'), below: detailsOf(card) },
      { text: card.assumes, below: `Cost: ${card.cost}. ${card.source}.` },
    ]),
    { caption: 'Detectors of this audit, the primary one first.', key: 'detectors', size: 7.4 },
  );
}

function detailsOf({ hyperparameters, fits }: DetectorCard): string {
  const settings = hyperparameters.map(({ name, value }) => `${name} = ${value}`).join(', ');
  return [settings === '' ? 'No settings.' : `Settings: ${settings}.`, fits === null ? 'Fits nothing.' : `Fits ${fits}.`].join(' '); // prettier-ignore
}
