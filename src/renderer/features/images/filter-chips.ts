/** A filter as the chips that are shown for it, each of which can be taken off. */
import type { ImageFilter } from '../../../contract/scores.ts';
import type { Translate } from '../../messages/i18n.ts';
import { formatCount, formatScore } from '../../ui/index.ts';

export interface FilterChip {
  readonly key: keyof ImageFilter;
  readonly label: string;
}

/** Names of datasets by id. */
export type DatasetNames = ReadonlyMap<string, string>;

const listed = (names: readonly string[]): string =>
  names.length > 2 ? `${names.slice(0, 2).join(', ')} +${names.length - 2}` : names.join(', ');

/** @param sign shown score = sign · S */
export function filterChips(
  filter: ImageFilter,
  {
    t,
    names,
    sign,
  }: { readonly t: Translate; readonly names: DatasetNames; readonly sign: 1 | -1 },
): FilterChip[] {
  const chips: FilterChip[] = [];
  const add = (key: keyof ImageFilter, label: string): void => void chips.push({ key, label });
  if (filter.only) {
    const n = filter.only.reduce((sum, { ordinals }) => sum + ordinals.length, 0);
    add('only', t('images.chip.only', { n }));
  }
  if (filter.datasetIds?.length)
    add('datasetIds', listed(filter.datasetIds.map((id) => names.get(id) ?? id)));
  if (filter.splits?.length) add('splits', listed(filter.splits));
  if (filter.classNames?.length)
    add('classNames', t('images.chip.class', { name: listed(filter.classNames) }));
  if (filter.predicted?.length)
    add('predicted', t('images.chip.predicted', { name: listed(filter.predicted) }));
  if (filter.correct !== undefined)
    add('correct', t(filter.correct ? 'images.chip.correct' : 'images.chip.wrong'));
  const range = scoreRange(filter, sign);
  if (range) add('scoreMin', t('images.chip.score', { range }));
  if (filter.flags?.length)
    add('flags', listed(filter.flags.map((flag) => t(`images.flag.${flag}`))));
  if (filter.tags?.length) add('tags', t('images.chip.tag', { name: listed(filter.tags) }));
  if (filter.excluded !== undefined)
    add('excluded', t(filter.excluded ? 'images.chip.excluded' : 'images.chip.included'));
  if (filter.curated !== undefined)
    add('curated', t(filter.curated ? 'images.chip.curated' : 'images.chip.untouched'));
  if (filter.text) add('text', `“${filter.text}”`);
  return chips;
}

function scoreRange({ scoreMin, scoreMax }: ImageFilter, sign: 1 | -1): string | null {
  const [low, high] = sign === 1 ? [scoreMin, scoreMax] : [negated(scoreMax), negated(scoreMin)];
  if (low === undefined && high === undefined) return null;
  if (low === undefined) return `≤ ${formatScore(high!)}`;
  if (high === undefined) return `≥ ${formatScore(low)}`;
  return `${formatScore(low)} – ${formatScore(high)}`;
}

const negated = (value: number | undefined): number | undefined =>
  value === undefined ? undefined : -value;

/** The filter without what a chip stands for. */
export function withoutChip(filter: ImageFilter, key: keyof ImageFilter): ImageFilter {
  const gone: readonly string[] = key === 'scoreMin' ? ['scoreMin', 'scoreMax'] : [key];
  return Object.fromEntries(Object.entries(filter).filter(([name]) => !gone.includes(name)));
}

/** `12,345 of 50,000 images`, or all of them. */
export const countText = (t: Translate, shown: number, filtered: boolean): string =>
  filtered
    ? t('images.countFiltered', { total: formatCount(shown), n: shown })
    : t('images.count', { total: formatCount(shown), n: shown });
