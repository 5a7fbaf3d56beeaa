/** A report as windows see it. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { HUMAN_FIELDS, type HumanField, type HumanFieldName, type Report, type ReportChoice } from '../../contract/reports.ts'; // prettier-ignore
import { COVER_FIELDS, replayDraft, type DraftState, type ReportSubject } from '../../core/report/draft.ts'; // prettier-ignore
import { manifestSchema, PARTS } from '../../core/report/manifest.ts';
import type { ReportDraft } from '../../core/store/reports.ts';
import { Recent } from '../../core/workflow/recent.ts';
import type { EngineContext } from '../context.ts';
import { builtReport } from './built-report.ts';

const isCover = (name: HumanFieldName): boolean => (COVER_FIELDS as readonly string[]).includes(name); // prettier-ignore
const wordsOf = (state: DraftState, name: HumanFieldName) => (isCover(name) ? state.cover : state.statements)[name]; // prettier-ignore

const perField = <Value>(value: (name: HumanFieldName) => Value): Record<HumanFieldName, Value> =>
  Object.fromEntries(HUMAN_FIELDS.map((name) => [name, value(name)])) as Record<HumanFieldName, Value>; // prettier-ignore

/** @param subject of a draft that windows made, which always has one */
export function choiceOf(subject: ReportSubject | null): ReportChoice {
  const { models, idDataset, oodDatasets, detectors, protocol } = subject ?? NOTHING;
  return {
    sparseModelId: models.sparse,
    beforeModelId: models.before,
    controlModelId: models.control,
    idDatasetId: idDataset,
    oodDatasetIds: [...oodDatasets],
    detectors: detectors && [...detectors],
    protocol,
    robustness: subject?.robustness ?? false,
  };
}
/** Of a draft that was begun elsewhere and is about nothing yet. */
const NOTHING: ReportSubject = {
  models: { before: 'none', control: null, sparse: 'none' },
  idDataset: 'none',
  oodDatasets: ['none'],
  detectors: null,
  protocol: null,
};

export const subjectOf = (choice: ReportChoice): ReportSubject => ({
  models: {
    before: choice.beforeModelId,
    control: choice.controlModelId,
    sparse: choice.sparseModelId,
  },
  idDataset: choice.idDatasetId,
  oodDatasets: [...choice.oodDatasetIds],
  detectors: choice.detectors && [...choice.detectors],
  protocol: choice.protocol,
  ...(choice.robustness ? { robustness: true } : {}),
});

export function wireReport(engine: EngineContext, draft: ReportDraft): Report {
  const built = builtReport(engine, draft);
  const testedAt = firstScoredAt(engine, draft.subject);
  const blank = { name: '', role: '', date: '' };
  const { entries, versions } = draft;
  const last = versions.at(-1);
  return {
    id: draft.id,
    title: draft.title,
    createdAt: draft.createdAt,
    changedAt: entries.at(-1)?.time ?? draft.createdAt,
    choice: choiceOf(draft.subject),
    fields: perField((name): HumanField => {
      const words = wordsOf(draft, name);
      return words
        ? { text: words.text, author: words.author, changedAt: words.time }
        : { text: '', author: '', changedAt: null };
    }),
    datasets: Object.entries(draft.datasets).map(([datasetId, words]) => ({
      datasetId,
      source: words['source']?.text ?? '',
      licence: words['licence']?.text ?? '',
      collection: words['collection']?.text ?? '',
    })),
    signatures: { preparer: draft.preparer ?? blank, reviewer: draft.reviewer ?? blank },
    criteria: draft.criteria.map(({ id, text, check, author, fixedAt, withdrawn }) => ({
      id,
      text,
      check,
      author,
      fixedAt,
      beforeTest: testedAt === null || Date.parse(fixedAt) < Date.parse(testedAt),
      withdrawn: withdrawn && { ...withdrawn },
      result: built?.results.get(id) ?? null,
    })),
    built: built && { ...built.told, stale: [...built.told.stale] },
    versions: versions.map((version) => {
      const then = replayDraft(entries.filter(({ time }) => time <= version.time));
      return {
        version: version.version,
        time: version.time,
        author: version.author,
        status: version.status,
        note: version.note,
        reportSha256: version.reportSha256,
        signedBy: signedBy(version.folder),
        title: then.title,
        choice: choiceOf(then.subject),
        fields: perField((name) => wordsOf(then, name)?.text ?? ''),
      };
    }),
    changedSinceVersion: last !== undefined && entries.at(-1)?.change.type !== 'version',
  };
}

/** When the model under audit first met one of the sets; null when it never did. */
export const firstScoredAt = (
  { workspace }: EngineContext,
  subject: ReportSubject | null,
): string | null =>
  subject &&
  workspace.reports.firstScoredAt(subject.models.sparse, [
    subject.idDataset,
    ...subject.oodDatasets,
  ]);

/** Fingerprints by folder: a version that was written does not change any more. */
const signers = new Recent<string | null>(256);

const signedBy = (folder: string): string | null =>
  signers.get(folder, () => {
    try {
      const text = readFileSync(path.join(folder, PARTS.manifest), 'utf8');
      return manifestSchema.parse(JSON.parse(text)).signer?.fingerprint ?? null;
    } catch {
      // A folder that was tampered with tells nothing here; verifying it does.
      return null;
    }
  });
