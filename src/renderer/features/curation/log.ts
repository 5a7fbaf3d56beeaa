/** The log as people read it. */
import type { CurationEntry } from '../../../contract/curation.ts';
import type { Translate } from '../../messages/i18n.ts';
import { describeAction } from '../images/index.ts';

/** `Excluded 3 images`, `Undid: excluded 3 images`. */
export function entryText(t: Translate, { kind, action, images }: CurationEntry): string {
  const what = describeAction(t, action, images);
  if (kind === 'undo') return t('curation.undid', { what });
  return kind === 'redo' ? t('curation.redid', { what }) : what;
}
