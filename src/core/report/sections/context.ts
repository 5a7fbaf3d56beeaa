/** What every section draws from. */
import type { Audit, AuditWithImages, ModelResult, OodMetrics, ScoreResult } from '../audit.ts';
import type { Flow } from '../pdf/flow.ts';
import type { Thumbnail } from '../pdf/gallery.ts';
import { imagesBySet, type SetImages } from '../per-image.ts';
import { roleStyles } from '../tokens.ts';

/** Pixels of one image as the network saw them, or null when they cannot be had. */
export type Thumbnails = (dataset: string, path: string) => Promise<Thumbnail | null>;

export interface ReportContext {
  readonly flow: Flow;
  readonly audit: Audit;
  readonly id: SetImages;
  readonly ood: readonly SetImages[];
  readonly thumbnails: Thumbnails;
}

export const contextOf = (
  flow: Flow,
  result: AuditWithImages,
  thumbnails: Thumbnails,
): ReportContext => ({ flow, audit: result.audit, ...imagesBySet(result), thumbnails });

/** The score that the audit is about: the first one, energy. */
export const primary = ({ scores }: ModelResult): ScoreResult => scores[0]!;

/** Metrics of one model on one set under the primary score. */
export const metricsOf = (model: ModelResult, set: string): OodMetrics =>
  primary(model).perSet.find(({ dataset }) => dataset === set)!;

/** The table cell that names a model. */
export const modelCell = ({ role }: ModelResult) => ({
  text: roleStyles[role].label,
  colour: roleStyles[role].colour,
  font: 'semibold' as const,
});

/** The model whose decisions the gallery and the operating point show. */
export const sparseIndex = ({ models }: Audit): number =>
  models.findIndex(({ role }) => role === 'sparse');
