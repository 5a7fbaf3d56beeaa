/** Reports in the making. Their entries are rows, and are in `reports/<id>/record.json` too, to be restored from. */
import { z } from 'zod';
import { AppError } from '../errors.ts';
import {
  type DraftChange,
  type DraftEntry,
  draftEntrySchema,
  type DraftState,
  type FieldKey,
  replayDraft,
  type ReportSubject,
} from '../report/draft.ts';
import type { DeepReadonly } from '../report/schema/common.ts';
import type { CriterionCheck } from '../report/audit.ts';
import { itemFolder, type StoreContext, transaction, unusedId } from './context.ts';
import { createId, resolveId } from './ids.ts';
import { writeRecord } from './records.ts';
import { json, type Row, text } from './rows.ts';

/** Shape of a report's `record.json`. */
export const reportSchema = z.object({
  id: z.string(),
  createdAt: z.string(),
  entries: z.array(draftEntrySchema),
});

/** A report in the making, and where it stands. */
export interface ReportDraft extends DraftState {
  readonly id: string;
  readonly createdAt: string;
  /** Everything that was changed, oldest first. */
  readonly entries: readonly DraftEntry[];
  /** Absolute path of the folder that is the draft's own. */
  readonly folder: string;
}

/** Drafts of an open workspace. Every method throws `AppError`. */
export class ReportStore {
  private readonly context: StoreContext;

  constructor(context: StoreContext) {
    this.context = context;
  }

  /** Begins a report. */
  create(draft: {
    readonly title: string;
    readonly subject: ReportSubject | null;
    readonly author: string;
  }): ReportDraft {
    const { context } = this;
    const id = unusedId(context, 'report');
    const createdAt = context.now().toISOString();
    const { title, subject, author } = draft;
    const entries: DraftEntry[] = [
      this.entry(author, { type: 'title', title }),
      ...(subject ? [this.entry(author, { type: 'subject', subject })] : []),
    ];
    const record = { id, createdAt, entries };
    transaction(context, () => {
      insertReport(context, record);
      writeRecord(context.folder, 'report', record);
    });
    return this.get(id);
  }

  /** By id, title or the beginning of the id; those taken off the list too. @throws AppError('not-found' | 'usage') */
  get(wanted: string): ReportDraft {
    const rows = this.all().map((draft) => ({ id: draft.id, name: draft.title, draft }));
    return resolveId('report', wanted, rows).draft;
  }

  /** Those on the list, oldest first. */
  list(): readonly ReportDraft[] {
    return this.all().filter(({ removedAt }) => removedAt === null);
  }

  rename(id: string, title: string, author: string): ReportDraft {
    return this.append(id, author, { type: 'title', title });
  }

  /** What it reports on. */
  setSubject(id: string, subject: ReportSubject, author: string): ReportDraft {
    return this.append(id, author, { type: 'subject', subject });
  }

  /** @param words '' takes them back: "not supplied" */
  setField(id: string, key: FieldKey, words: string, author: string): ReportDraft {
    return this.append(id, author, { type: 'field', key, text: words });
  }

  /** Fixes an acceptance criterion, with the time of now. */
  addCriterion(
    id: string,
    criterion: { readonly text: string; readonly check: CriterionCheck | null },
    author: string,
  ): ReportDraft {
    const criterionId = createId('criterion', this.context.now());
    return this.append(id, author, { type: 'criterion', id: criterionId, ...criterion });
  }

  /** Takes a criterion back; the report still shows it, with who did so and when. */
  withdrawCriterion(id: string, criterionId: string, author: string, note = ''): ReportDraft {
    if (!this.get(id).criteria.some((criterion) => criterion.id === criterionId))
      throw new AppError('not-found', 'This criterion is not there. Open the report again.');
    return this.append(id, author, { type: 'criterion-withdrawn', id: criterionId, note });
  }

  setSignature(
    id: string,
    who: 'preparer' | 'reviewer',
    signature: DraftState['preparer'],
    author: string,
  ): ReportDraft {
    return this.append(id, author, { type: 'signature', who, signature });
  }

  /** Notes a file that belongs to the report; only its hash is kept. */
  addAttachment(
    id: string,
    attachment: DraftState['attachments'][number],
    author: string,
  ): ReportDraft {
    return this.append(id, author, { type: 'attachment', attachment });
  }

  removeAttachment(id: string, name: string, author: string): ReportDraft {
    return this.append(id, author, { type: 'attachment-removed', name });
  }

  /** Notes a report that was written; its number is one above the last. */
  addVersion(
    id: string,
    version: Omit<Extract<DraftChange, { type: 'version' }>, 'type' | 'version'>,
    author: string,
  ): ReportDraft {
    const number = (this.get(id).versions.at(-1)?.version ?? 0) + 1;
    return this.append(id, author, { type: 'version', version: number, ...version });
  }

  /** Off the list; `restore` brings it back. */
  remove(id: string, author: string): ReportDraft {
    return this.append(id, author, { type: 'removed' });
  }

  restore(id: string, author: string): ReportDraft {
    return this.append(id, author, { type: 'restored' });
  }

  /** When a model was first scored on any of these sets; null when it never was. Full ids. */
  firstScoredAt(modelId: string, datasetIds: readonly string[]): string | null {
    const find = this.context.db.prepare(
      'SELECT first_at FROM first_scores WHERE model_id = ? AND dataset_id = ?',
    );
    const times = datasetIds.flatMap((id) => {
      const row = find.get(modelId, id);
      return row === undefined ? [] : [text(row, 'first_at')];
    });
    return times.sort()[0] ?? null;
  }

  private append(wanted: string, author: string, change: DraftChange): ReportDraft {
    const { context } = this;
    const { id, createdAt, entries } = this.get(wanted);
    const entry = this.entry(author, change);
    transaction(context, () => {
      insertEntry(context, id, entry);
      const record = { id, createdAt, entries: [...entries, entry] };
      writeRecord(context.folder, 'report', record);
    });
    return this.get(id);
  }

  private entry(author: string, change: DraftChange): DraftEntry {
    return draftEntrySchema.parse({ time: this.context.now().toISOString(), author, change });
  }

  private all(): readonly ReportDraft[] {
    const { db, folder } = this.context;
    const entriesOf = db.prepare(
      'SELECT entry FROM report_entries WHERE report_id = ? ORDER BY position',
    );
    const rows = db.prepare('SELECT * FROM reports ORDER BY created_at, id').all();
    return rows.map((row: Row) => {
      const id = text(row, 'id');
      const entries = entriesOf
        .all(id)
        .map((entry) => draftEntrySchema.parse(json(entry, 'entry')));
      return {
        id,
        createdAt: text(row, 'created_at'),
        entries,
        folder: itemFolder(folder, 'report', id),
        ...replayDraft(entries),
      };
    });
  }
}

/** Writes the rows alone, in the caller's transaction. Also restores them from their records. */
export function insertReport(
  context: StoreContext,
  { id, createdAt, entries }: DeepReadonly<z.infer<typeof reportSchema>>,
): void {
  context.db.prepare('INSERT INTO reports (id, created_at) VALUES (?, ?)').run(id, createdAt);
  for (const entry of entries) insertEntry(context, id, entry);
}

function insertEntry({ db }: StoreContext, id: string, entry: DraftEntry): void {
  db.prepare('INSERT INTO report_entries (report_id, entry) VALUES (?, ?)').run(
    id,
    JSON.stringify(entry),
  );
}
