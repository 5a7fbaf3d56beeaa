/** A report to which nobody has added anything yet. */
import type { Cover, Statements } from './audit.ts';

/** @param datasets names of the sets, ID first */
export const noStatements = (datasets: readonly string[]): Statements => ({
  intendedUse: null,
  outOfScopeUse: null,
  audited: null,
  notAudited: null,
  licence: null,
  risks: null,
  actions: null,
  oversight: null,
  monitoring: null,
  acceptanceCriteria: null,
  datasets: datasets.map((dataset) => ({ dataset, source: null, licence: null, collection: null })),
  preparer: null,
  reviewer: null,
});

export const EMPTY_COVER: Cover = {
  author: null,
  reviewer: null,
  organisation: null,
  status: 'draft',
  version: 1,
};
