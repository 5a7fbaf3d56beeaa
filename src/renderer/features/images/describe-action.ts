import type { CurationAction } from '../../../contract/curation.ts';
import type { Translate } from '../../messages/i18n.ts';

/** One action in words: `Excluded 3 images`. */
export function describeAction(t: Translate, action: CurationAction, n: number): string {
  switch (action.type) {
    case 'tag':
      return t('images.did.tag', { n, tag: action.tag });
    case 'untag':
      return t('images.did.untag', { n, tag: action.tag });
    case 'exclude':
      return t('images.did.exclude', { n });
    case 'include':
      return t('images.did.include', { n });
    case 'relabel':
      return action.className === null
        ? t('images.did.unlabel', { n })
        : t('images.did.relabel', { n, name: action.className });
    case 'note':
      return t('images.did.note', { n });
  }
}
