/** What every section draws from. */
import type {
  Audit,
  Estimate,
  ModelResult,
  OodMetrics,
  ReportSeal,
  ScoreResult,
  Supplied,
} from '../audit.ts';
import {
  dateTime,
  directionOf,
  percent,
  pointsInterval,
  rateInterval,
  signedPoints,
} from '../format.ts';
import { NOT_SUPPLIED, type Flow } from '../pdf/flow.ts';
import type { Thumbnail } from '../pdf/images.ts';
import type { Inline } from '../pdf/inline.ts';
import type { SectionTitle } from '../pdf/section.ts';
import type { Cell } from '../pdf/table.ts';
import { badColour, goodColour, inkMuted, roleStyles } from '../tokens.ts';

/** Pixels of one image as the network saw them, or null when they cannot be had. */
export type Thumbnails = (dataset: string, path: string) => Promise<Thumbnail | null>;

export interface ReportContext {
  readonly flow: Flow;
  readonly audit: Audit;
  readonly thumbnails: Thumbnails;
  /** Null while `report.json` is not written: a preview. */
  readonly seal: ReportSeal | null;
}

export interface Section extends SectionTitle {
  /** Who fills it. */
  readonly filledBy: 'data' | 'people' | 'both';
  readonly draw: (context: ReportContext, self: SectionTitle) => void | Promise<void>;
}

/** The model under audit: the sparse one. */
export const audited = ({ models }: Audit): ModelResult =>
  models.find(({ role }) => role === 'sparse') ?? models.at(-1)!;

/** The score that the audit is about: the first one, energy. */
export const primary = ({ scores }: ModelResult): ScoreResult => scores[0]!;

/** Metrics of one model on one set under the primary score. */
export const metricsOf = (model: ModelResult, set: string): OodMetrics | undefined =>
  primary(model).perSet.find(({ dataset }) => dataset === set);

/** The table cell that names a model. */
export const modelCell = ({ role }: Pick<ModelResult, 'role'>): Cell => ({
  text: roleStyles[role].label,
  colour: roleStyles[role].colour,
  font: 'semibold',
});

export const DESCRIPTIONS = {
  before: 'pretrained with cross-entropy',
  control: 'fine-tuned the same way with λ = 0',
  sparse: 'fine-tuned with λ > 0',
} as const;

/** A rate with its interval. */
export const estimateCell = (estimate: Estimate | null | undefined): Cell =>
  estimate ? { text: percent(estimate.value), below: rateInterval(estimate) } : { text: '–' };

/** A difference with its interval, and whether it is good news. */
export function differenceCell(
  estimate: Estimate | null | undefined,
  wanted: 'lower' | 'higher',
): Cell {
  if (!estimate) return { text: '–', colour: inkMuted };
  const direction = directionOf(estimate, wanted);
  const colour = { better: goodColour, worse: badColour, unclear: inkMuted }[direction];
  return {
    text: `${signedPoints(estimate.value)} ${direction}`,
    below: pointsInterval(estimate),
    colour,
  };
}

/** What a person wrote, or that nobody did. */
export const suppliedText = (supplied: Supplied | null): string =>
  supplied === null || supplied.text.trim() === '' ? NOT_SUPPLIED : supplied.text;

/** Who wrote it and when. */
export const suppliedBy = (supplied: Supplied | null): string =>
  supplied === null ? '' : `${supplied.author}, ${dateTime(supplied.time)}`;

/** A link to a section, for running text. */
export const sectionLink = (number: number): Exclude<Inline, string>[number] => ({
  text: `section ${number}`,
  to: `section-${number}`,
});

/** Printable names of the sets, ID first. */
export const setNames = ({ flow, audit }: ReportContext): readonly string[] =>
  [audit.idDataset, ...audit.oodDatasets].map(({ name }) => flow.fonts.visible(name));

export const detectorLabel = (audit: Audit, id: string): string =>
  audit.protocol.detectors.find((card) => card.id === id)?.label ??
  audit.models.flatMap(({ scores }) => scores).find(({ score }) => score === id)?.label ??
  id;
