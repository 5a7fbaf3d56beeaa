/** Decisions in words, for histories and lists. */
import { assertNever } from '../errors.ts';
import type { CurationAction, LogEntry } from './types.ts';

/** What a decision does, e.g. `tagged "odd"`. */
export function actionText(action: CurationAction): string {
  switch (action.type) {
    case 'tag':
      return `tagged ${JSON.stringify(action.tag)}`;
    case 'untag':
      return `tag ${JSON.stringify(action.tag)} removed`;
    case 'exclude':
      return 'excluded';
    case 'include':
      return 'included again';
    case 'relabel':
      return action.className === null
        ? 'relabelling taken back'
        : `relabelled as ${JSON.stringify(action.className)}`;
    case 'note':
      return action.text === '' ? 'note removed' : `note: ${action.text}`;
    default:
      return assertNever(action);
  }
}

/** One entry of the log in words, with its reason. @param log that the entry belongs to */
export function describeAction(entry: LogEntry, log: readonly LogEntry[]): string {
  const reason = entry.reason === '' ? '' : ` (${entry.reason})`;
  if (entry.kind === 'apply') return `${actionText(entry.action)}${reason}`;
  const about = log.find(({ id }) => id === entry.target);
  const what = about?.kind === 'apply' ? actionText(about.action) : entry.target;
  return `${entry.kind === 'undo' ? 'undone' : 'redone'}: ${what}${reason}`;
}
