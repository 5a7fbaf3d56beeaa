/** Filters and orders of images that a person named. */
import { AppError } from '../errors.ts';
import { type StoreContext, transaction } from './context.ts';
import { createId } from './ids.ts';
import { json, text } from './rows.ts';

/** `filter` and `sort` are plain JSON; the contract says what they may hold. */
export interface SavedView {
  readonly id: string;
  readonly name: string;
  readonly filter: unknown;
  readonly sort: unknown;
  readonly createdAt: string;
}

/** By name. */
export const listViews = ({ db }: StoreContext): readonly SavedView[] =>
  db
    .prepare('SELECT * FROM saved_views ORDER BY name COLLATE NOCASE, id')
    .all()
    .map((row) => ({
      id: text(row, 'id'),
      name: text(row, 'name'),
      filter: json(row, 'filter'),
      sort: json(row, 'sort'),
      createdAt: text(row, 'created_at'),
    }));

/** Saves a view; one of the same name is replaced. */
export function saveView(
  context: StoreContext,
  { name, filter, sort }: Pick<SavedView, 'name' | 'filter' | 'sort'>,
): SavedView {
  const now = context.now();
  const known = listViews(context).find((view) => view.name === name);
  const view = {
    id: known?.id ?? createId('view', now),
    name,
    filter,
    sort,
    createdAt: now.toISOString(),
  };
  transaction(context, () =>
    context.db
      .prepare(
        'INSERT OR REPLACE INTO saved_views (id, name, filter, sort, created_at) VALUES (?, ?, ?, ?, ?)',
      )
      .run(view.id, name, JSON.stringify(filter), JSON.stringify(sort), view.createdAt),
  );
  return view;
}

/** @throws AppError('not-found') */
export function removeView(context: StoreContext, id: string): void {
  transaction(context, () => {
    const { changes } = context.db.prepare('DELETE FROM saved_views WHERE id = ?').run(id);
    if (changes === 0) throw new AppError('not-found', 'This view is not there any more.');
  });
}
