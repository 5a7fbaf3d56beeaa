/** The sections of the report, in order. Their numbers are fixed: evidence maps and links name them. */
import { appendicesSection } from './appendices.ts';
import { beforeAfterSection } from './before-after.ts';
import type { Section } from './context.ts';
import { coverSection } from './cover.ts';
import { curationSection } from './curation.ts';
import { dataQualitySection } from './data-quality.ts';
import { dataSheetsSection } from './data-sheets.ts';
import { evidenceSection } from './evidence.ts';
import { gallerySection } from './galleries.ts';
import { idPerformanceSection } from './id-performance.ts';
import { limitationsSection } from './limitations.ts';
import { modelSection } from './model.ts';
import { oodResultsSection } from './ood-results.ts';
import { operatingPointSection } from './operating-point.ts';
import { protocolSection } from './protocol.ts';
import { reproducibilitySection } from './reproducibility.ts';
import { risksSection } from './risks.ts';
import { robustnessSection } from './robustness.ts';
import { scopeSection } from './scope.ts';
import { signOffSection } from './sign-off.ts';
import { trainingSection } from './training.ts';
import { verdictSection } from './verdict.ts';

const UNNUMBERED: readonly Omit<Section, 'number'>[] = [
  { title: 'Cover', filledBy: 'both', draw: coverSection },
  { title: 'Verdict', filledBy: 'data', draw: verdictSection },
  { title: 'Scope and intended use', filledBy: 'people', draw: scopeSection },
  { title: 'Model', filledBy: 'data', draw: modelSection },
  { title: 'Data sheets', filledBy: 'both', draw: dataSheetsSection },
  { title: 'Data quality', filledBy: 'data', draw: dataQualitySection },
  { title: 'Curation log', filledBy: 'data', draw: curationSection },
  { title: 'Training', filledBy: 'data', draw: trainingSection },
  { title: 'Protocol', filledBy: 'data', draw: protocolSection },
  { title: 'ID performance', filledBy: 'data', draw: idPerformanceSection },
  { title: 'OOD results', filledBy: 'data', draw: oodResultsSection },
  { title: 'Before and after', filledBy: 'data', draw: beforeAfterSection },
  { title: 'Operating point', filledBy: 'data', draw: operatingPointSection },
  { title: 'Failure gallery', filledBy: 'data', draw: gallerySection },
  { title: 'Robustness', filledBy: 'data', draw: robustnessSection },
  { title: 'Limitations', filledBy: 'data', draw: limitationsSection },
  { title: 'Risks, actions, oversight, monitoring', filledBy: 'people', draw: risksSection },
  { title: 'Reproducibility', filledBy: 'data', draw: reproducibilitySection },
  { title: 'Evidence map', filledBy: 'both', draw: evidenceSection },
  { title: 'Sign-off', filledBy: 'people', draw: signOffSection },
  { title: 'Appendices', filledBy: 'data', draw: appendicesSection },
];

export const SECTIONS: readonly Section[] = UNNUMBERED.map((section, i) => ({
  ...section,
  number: i + 1,
}));
