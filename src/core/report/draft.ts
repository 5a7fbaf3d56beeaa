/**
 * A report in the making: what is reported on, and what only people know. Every change is an entry with who and
 * when; nothing is taken out again, so that it can be seen what was fixed before the test and what came later.
 */
import { z } from 'zod';
import type { CriterionCheck, Statements, Supplied } from './audit.ts';
import type { DeepReadonly } from './schema/common.ts';
import { attachment, criterionCheck, signature, STATEMENT_FIELDS } from './schema/people.ts';

/** What a report is about; full ids. */
export const reportSubjectSchema = z.strictObject({
  models: z.strictObject({
    before: z.string(),
    control: z.string().nullable(),
    sparse: z.string(),
  }),
  idDataset: z.string(),
  oodDatasets: z.array(z.string()).min(1),
  /** Registry ids; null for all. The primary one is always among them. */
  detectors: z.array(z.string()).nullable(),
  /** Id of a named protocol; null for own sets. */
  protocol: z.string().nullable(),
  /** Whether building also scores corrupted test images. */
  robustness: z.boolean().optional(),
});
export type ReportSubject = DeepReadonly<z.infer<typeof reportSubjectSchema>>;

/** Words on the cover. */
export const COVER_FIELDS = ['author', 'reviewer', 'organisation'] as const;
/** What is known of a set. */
export const DATASET_FIELDS = ['source', 'licence', 'collection'] as const;

const fieldKeySchema = z.discriminatedUnion('part', [
  z.strictObject({ part: z.literal('statement'), name: z.enum(STATEMENT_FIELDS) }),
  z.strictObject({ part: z.literal('cover'), name: z.enum(COVER_FIELDS) }),
  z.strictObject({
    part: z.literal('dataset'),
    datasetId: z.string(),
    name: z.enum(DATASET_FIELDS),
  }),
]);
/** A field that takes words. */
export type FieldKey = Readonly<z.infer<typeof fieldKeySchema>>;

const change = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('title'), title: z.string() }),
  z.strictObject({ type: z.literal('subject'), subject: reportSubjectSchema }),
  /** '' takes the words back: "not supplied". */
  z.strictObject({ type: z.literal('field'), key: fieldKeySchema, text: z.string() }),
  z.strictObject({
    type: z.literal('criterion'),
    id: z.string(),
    text: z.string(),
    check: criterionCheck.nullable(),
  }),
  z.strictObject({
    type: z.literal('criterion-withdrawn'),
    id: z.string(),
    /** Why. */
    note: z.string().default(''),
  }),
  z.strictObject({
    type: z.literal('signature'),
    who: z.enum(['preparer', 'reviewer']),
    signature: signature.nullable(),
  }),
  /** Replaces one of the same name. */
  z.strictObject({ type: z.literal('attachment'), attachment }),
  z.strictObject({ type: z.literal('attachment-removed'), name: z.string() }),
  z.strictObject({
    type: z.literal('version'),
    version: z.int().min(1),
    status: z.enum(['draft', 'final']),
    note: z.string(),
    auditId: z.string(),
    reportSha256: z.string(),
    folder: z.string(),
  }),
  z.strictObject({ type: z.literal('removed') }),
  z.strictObject({ type: z.literal('restored') }),
]);

export const draftEntrySchema = z.strictObject({ time: z.string(), author: z.string(), change });
export type DraftChange = DeepReadonly<z.infer<typeof change>>;
export type DraftEntry = DeepReadonly<z.infer<typeof draftEntrySchema>>;

export interface DraftCriterion {
  readonly id: string;
  readonly text: string;
  readonly check: CriterionCheck | null;
  readonly author: string;
  readonly fixedAt: string;
  /** Null while it holds. */
  readonly withdrawn: {
    readonly author: string;
    readonly time: string;
    readonly note: string;
  } | null;
}

/** A report that was written. */
export interface DraftVersion {
  readonly version: number;
  readonly time: string;
  readonly author: string;
  readonly status: 'draft' | 'final';
  readonly note: string;
  readonly auditId: string;
  /** Of its `report.json`. */
  readonly reportSha256: string;
  readonly folder: string;
}

type Words = Readonly<Record<string, Supplied>>;

/** Where a draft stands. */
export interface DraftState {
  readonly title: string;
  readonly subject: ReportSubject | null;
  /** By field; a field that is missing is not supplied. */
  readonly statements: Words;
  readonly cover: Words;
  /** By full id of the dataset, then by field. */
  readonly datasets: Readonly<Record<string, Words>>;
  readonly criteria: readonly DraftCriterion[];
  readonly preparer: z.infer<typeof signature> | null;
  readonly reviewer: z.infer<typeof signature> | null;
  readonly attachments: readonly z.infer<typeof attachment>[];
  /** Oldest first. */
  readonly versions: readonly DraftVersion[];
  readonly removedAt: string | null;
}

const EMPTY: DraftState = {
  title: '',
  subject: null,
  statements: {},
  cover: {},
  datasets: {},
  criteria: [],
  preparer: null,
  reviewer: null,
  attachments: [],
  versions: [],
  removedAt: null,
};

/** What all entries together say. */
export const replayDraft = (entries: readonly DraftEntry[]): DraftState =>
  entries.reduce(applied, EMPTY);

function applied(state: DraftState, { time, author, change: what }: DraftEntry): DraftState {
  switch (what.type) {
    case 'title':
      return { ...state, title: what.title };
    case 'subject':
      return { ...state, subject: what.subject };
    case 'field':
      return withWords(state, what.key, { text: what.text, author, time });
    case 'criterion': {
      const { id, text, check } = what;
      const criterion = { id, text, check, author, fixedAt: time, withdrawn: null };
      return { ...state, criteria: [...state.criteria, criterion] };
    }
    case 'criterion-withdrawn':
      return {
        ...state,
        criteria: state.criteria.map((criterion) =>
          criterion.id === what.id && criterion.withdrawn === null
            ? { ...criterion, withdrawn: { author, time, note: what.note } }
            : criterion,
        ),
      };
    case 'signature':
      return { ...state, [what.who]: what.signature };
    case 'attachment':
      return {
        ...state,
        attachments: [...without(state.attachments, what.attachment.name), what.attachment],
      };
    case 'attachment-removed':
      return { ...state, attachments: without(state.attachments, what.name) };
    case 'version': {
      const { version, status, note, auditId, reportSha256, folder } = what;
      const made = { version, status, note, auditId, reportSha256, folder, time, author };
      return { ...state, versions: [...state.versions, made] };
    }
    case 'removed':
      return { ...state, removedAt: time };
    case 'restored':
      return { ...state, removedAt: null };
  }
}

const without = (list: DraftState['attachments'], gone: string): DraftState['attachments'] =>
  list.filter(({ name }) => name !== gone);

function withWords(state: DraftState, key: FieldKey, words: Supplied): DraftState {
  const changed = (before: Words = {}): Words => {
    const others = Object.entries(before).filter(([name]) => name !== key.name);
    return Object.fromEntries(words.text.trim() === '' ? others : [...others, [key.name, words]]);
  };
  switch (key.part) {
    case 'statement':
      return { ...state, statements: changed(state.statements) };
    case 'cover':
      return { ...state, cover: changed(state.cover) };
    case 'dataset': {
      const datasets = { ...state.datasets, [key.datasetId]: changed(state.datasets[key.datasetId]) }; // prettier-ignore
      return { ...state, datasets };
    }
  }
}

/**
 * What people supplied, as the report shows it. Criteria get their results later, from the numbers.
 * @param datasets sets of the report, ID first
 * @param testedAt when the model under audit was first scored on these sets; null when that is not known
 */
export function statementsOf(
  state: DraftState,
  datasets: readonly { readonly id: string; readonly name: string }[],
  testedAt: string | null,
): Statements {
  const { statements, criteria } = state;
  const words = (name: (typeof STATEMENT_FIELDS)[number]): Supplied | null => statements[name] ?? null; // prettier-ignore
  return {
    intendedUse: words('intendedUse'),
    outOfScopeUse: words('outOfScopeUse'),
    audited: words('audited'),
    notAudited: words('notAudited'),
    licence: words('licence'),
    risks: words('risks'),
    actions: words('actions'),
    oversight: words('oversight'),
    monitoring: words('monitoring'),
    acceptanceCriteria:
      criteria.length === 0
        ? null
        : criteria.map(({ text, check, author, fixedAt, withdrawn }) => ({
            text,
            check,
            author,
            fixedAt,
            beforeTest: testedAt === null ? null : Date.parse(fixedAt) < Date.parse(testedAt),
            withdrawn,
            result: null,
          })),
    datasets: datasets.map(({ id, name }) => {
      const known = state.datasets[id] ?? {};
      return {
        dataset: name,
        source: known['source'] ?? null,
        licence: known['licence'] ?? null,
        collection: known['collection'] ?? null,
      };
    }),
    preparer: state.preparer,
    reviewer: state.reviewer,
  };
}
