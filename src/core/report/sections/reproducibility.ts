/** What is needed to get these numbers again. */
import { count, duration } from '../format.ts';
import { openSection, type SectionTitle } from '../pdf/section.ts';
import { roleStyles } from '../tokens.ts';
import type { ReportContext } from './context.ts';

const exponent = (value: number): string => value.toExponential(1).replace('-', '−');

export function reproducibilitySection({ flow, audit }: ReportContext, self: SectionTitle): void {
  const { environment, reproducibility, models, idDataset, oodDatasets } = audit;
  const { rerun } = reproducibility;
  openSection(flow, self, {
    lead: rerun
      ? `Energies of ${count(rerun.images)} images computed again differ by at most ${exponent(rerun.largestDifference)} (allowed: ${exponent(rerun.tolerance)}).`
      : 'Scores were not computed again for this report; straylight verify with --rescore does.',
  });
  flow.facts([
    ['Command', reproducibility.command],
    ['Seed', String(audit.seed)],
    ['Deterministic', `${reproducibility.deterministic ? 'yes' : 'no'}. ${reproducibility.determinism}`],
    ['Straylight', environment.app],
    ['TensorFlow', environment.tensorflow],
    ['tfjs', environment.tfjs],
    ['Computed on', `${environment.tier} tier, ${environment.threads} threads`],
    ['CUDA, driver', environment.cuda === null ? 'not used' : `${environment.cuda}, driver ${environment.driver ?? 'unknown'}`],
    ['Node', environment.node],
    ['System', environment.os],
    ['Processor', environment.cpu],
    ['Made in', duration(audit.wallSeconds)],
  ]); // prettier-ignore
  flow.heading('Hashes', 80);
  flow.facts(
    [
      ['Settings, SHA-256', reproducibility.configSha256],
      ...models.map(({ role, weightsSha256 }) => [`Weights, ${roleStyles[role].label.toLowerCase()}`, weightsSha256] as const), // prettier-ignore
      ...[idDataset, ...oodDatasets].map(({ name, sheet }) => [`Merkle root, ${name}`, sheet.merkleRoot] as const), // prettier-ignore
    ],
    { font: 'mono' },
  );
  flow.heading('Settings', 40);
  flow.paragraph(reproducibility.config, { font: 'mono', size: 7 });
}
