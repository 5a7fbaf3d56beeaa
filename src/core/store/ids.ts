import { randomInt } from 'node:crypto';
import { AppError } from '../errors.ts';

const prefixes = {
  dataset: 'd',
  model: 'm',
  run: 'r',
  audit: 'a',
  experiment: 'e',
  report: 'p',
} as const;
const rowPrefixes = { threshold: 't', view: 'v', entry: 'c', criterion: 'k' } as const;

/** What has an id and a folder of its own. */
export type IdKind = keyof typeof prefixes;
/** What has an id and is only a row. */
export type RowKind = keyof typeof rowPrefixes;

const ticksPerDay = 36 ** 4;
const msPerDay = 86_400_000;
const chances = 36 ** 3;
/** Ids of one step lie at most so far apart, which leaves room for thousands of them. */
const longestStride = 16;
const latest = new Map<IdKind | RowKind, { readonly stem: string; readonly chance: number }>();

/**
 * A short id that sorts by time (UTC day, then steps of 51 ms) and needs no escaping in a path,
 * e.g. `m-20261123-k3f97a2`. The last three characters are random; of ids that one process makes in the same step, later ones
 * sort later.
 */
export function createId(kind: IdKind | RowKind, now: Date): string {
  const day = now.toISOString().slice(0, 10).replaceAll('-', '');
  const tick = Math.floor(((now.getTime() % msPerDay) / msPerDay) * ticksPerDay);
  const time = tick.toString(36).padStart(4, '0');
  const stem = `${{ ...prefixes, ...rowPrefixes }[kind]}-${day}-${time}`;
  const before = latest.get(kind);
  const follows = before?.stem === stem && before.chance + longestStride < chances;
  const chance = follows
    ? before.chance + randomInt(1, longestStride)
    : randomInt(before?.stem === stem ? chances : chances / 2);
  latest.set(kind, { stem, chance });
  return `${stem}${chance.toString(36).padStart(3, '0')}`;
}

/** @throws AppError('usage') when the text is not an id of this kind, so that no user text enters a path */
export function checkId(kind: IdKind, id: string): string {
  if (new RegExp(`^${prefixes[kind]}-\\d{8}-[0-9a-z]{7}$`).test(id)) return id;
  throw new AppError(
    'usage',
    `${JSON.stringify(id)}: not the id of a ${kind}. List the ids first.`,
  );
}

/**
 * Finds one row by id, by name, or by the beginning of its id, in this order.
 * @throws AppError('not-found') listing what there is; AppError('usage') listing the matches of an ambiguous one
 */
export function resolveId<Row extends { readonly id: string; readonly name: string }>(
  kind: IdKind,
  wanted: string,
  rows: readonly Row[],
): Row {
  const exact = rows.find(({ id }) => id === wanted);
  if (exact) return exact;
  const named = rows.filter(({ name }) => name === wanted);
  const matches =
    named.length > 0 || wanted === '' ? named : rows.filter(({ id }) => id.startsWith(wanted));
  if (matches.length === 1) return matches[0]!;
  const list = (some: readonly Row[]): string => {
    const shown = some.slice(-10).map(({ id, name }) => `${id} (${name})`);
    return shown.join(', ') + (some.length > 10 ? ` and ${some.length - 10} older` : '');
  };
  if (matches.length > 1) {
    throw new AppError(
      'usage',
      `${kind} ${JSON.stringify(wanted)} is ambiguous: ${list(matches)}. Give the id.`,
      { details: { matches: matches.map(({ id }) => id) } },
    );
  }
  const known = rows.length === 0 ? `this workspace has no ${kind}s yet` : `known: ${list(rows)}`;
  throw new AppError('not-found', `There is no ${kind} ${JSON.stringify(wanted)}; ${known}.`);
}
