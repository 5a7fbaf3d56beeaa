/** Models as the tree they grew into: pretrained ones, what was fine-tuned from them, and seeds of one experiment together. */
import type { ModelSummary } from '../../../contract/training.ts';

/** Models that differ only in their seed (and in the seed of what they were fine-tuned from). */
export interface Family {
  /** Id of its first model: stays the same while more seeds are added. */
  readonly key: string;
  /** By seed. */
  readonly models: readonly ModelSummary[];
  readonly children: readonly Family[];
}

/** One line of the list. */
export type LineageRow =
  | { readonly kind: 'family'; readonly key: string; readonly depth: number; readonly family: Family; readonly open: boolean } // prettier-ignore
  | { readonly kind: 'model'; readonly key: string; readonly depth: number; readonly model: ModelSummary; readonly inFamily: boolean }; // prettier-ignore

/** Oldest family first, each followed by what was fine-tuned from it. A model whose parent is not in the list is a root. */
export function familiesOf(models: readonly ModelSummary[]): readonly Family[] {
  const known = new Set(models.map(({ id }) => id));
  const byParent = Map.groupBy(models, ({ parentId }) =>
    parentId !== null && known.has(parentId) ? parentId : null,
  );
  const grow = (generation: readonly ModelSummary[]): readonly Family[] =>
    [...Map.groupBy(generation, experimentOf).values()]
      .map((members): Family => {
        const bySeed = members.toSorted((a, b) => a.seed - b.seed || order(a, b));
        const [oldest] = members.toSorted(order);
        return {
          key: oldest!.id,
          models: bySeed,
          children: grow(bySeed.flatMap(({ id }) => byParent.get(id) ?? [])),
        };
      })
      .toSorted((a, b) => order(a.models[0]!, b.models[0]!));
  return grow(byParent.get(null) ?? []);
}

const order = (a: ModelSummary, b: ModelSummary): number =>
  a.createdAt.localeCompare(b.createdAt) || a.id.localeCompare(b.id);

/** Everything that decides how a model comes out, but for its seed. */
function experimentOf(model: ModelSummary): string {
  const { datasetId, role, preset, network, inputSize, config } = model;
  // Nothing is known of how imported weights were trained, so two of them are never one experiment.
  if (role === 'other') return model.id;
  return JSON.stringify([datasetId, role, preset, network, inputSize, { ...config, seed: null }]);
}

/** @param open keys of the families whose seeds are shown */
export function rowsOf(families: readonly Family[], open: ReadonlySet<string>): LineageRow[] {
  const rows: LineageRow[] = [];
  const add = (family: Family, depth: number): void => {
    const { models, children } = family;
    if (models.length === 1)
      rows.push({ kind: 'model', key: models[0]!.id, depth, model: models[0]!, inFamily: false }); // prettier-ignore
    else {
      const key = familyKey(family);
      const isOpen = open.has(key);
      rows.push({ kind: 'family', key, depth, family, open: isOpen });
      if (isOpen)
        for (const model of models)
          rows.push({ kind: 'model', key: model.id, depth: depth + 1, model, inFamily: true });
    }
    for (const child of children) add(child, depth + 1);
  };
  for (const family of families) add(family, 0);
  return rows;
}

/** Never the id of a model, so that both can be keys of one list. */
export const familyKey = ({ key }: Family): string => `family:${key}`;

/** The name that its models share: without the seed that the queue appended. */
export function familyName({ models }: Family): string {
  const names = new Set(models.map(({ name }) => name.replace(/,? *seed \d+$/u, '')));
  const [first] = names;
  return names.size === 1 && first ? first : models[0]!.name;
}

/** `1–5` for a run of seeds, `1, 4, 9` else. */
export function seedsText(models: readonly ModelSummary[]): string {
  const seeds = [...new Set(models.map(({ seed }) => seed))].sort((a, b) => a - b);
  const first = seeds[0]!;
  const consecutive = seeds.every((seed, index) => seed === first + index);
  return consecutive && seeds.length > 2 ? `${first}–${seeds.at(-1)!}` : seeds.join(', ');
}

/** Validation accuracy of the weights that were kept; null where it is not known, as of imported weights. */
export function keptAccuracy({ epochs, config, stopReason }: ModelSummary): number | null {
  if (epochs.length === 0) return null;
  const best = config.keep === 'best' || stopReason === 'stopped by hand';
  const kept = best
    ? Math.max(...epochs.map(({ valAccuracy }) => valAccuracy))
    : epochs.at(-1)!.valAccuracy;
  return Number.isFinite(kept) ? kept : null;
}

/** Mean and sample standard deviation (n − 1); null without values, deviation null for one. */
export function meanAndStd(
  values: readonly number[],
): { readonly mean: number; readonly std: number | null } | null {
  const n = values.length;
  if (n === 0) return null;
  const mean = values.reduce((sum, value) => sum + value, 0) / n;
  if (n === 1) return { mean, std: null };
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, std: Math.sqrt(squares / (n - 1)) };
}

/**
 * What a model is best compared with, in the order of the comparison: before, control, sparse. Null when nothing here
 * is related to it.
 */
export function comparisonFor(
  model: ModelSummary,
  models: readonly ModelSummary[],
): readonly string[] | null {
  const related = models.filter(({ id }) => id !== model.id);
  const newest = (role: ModelSummary['role'], parentId: string, seed: number): ModelSummary | undefined =>
    related
      .filter((other) => other.role === role && other.parentId === parentId)
      .toSorted((a, b) => Number(b.seed === seed) - Number(a.seed === seed) || order(b, a))[0]; // prettier-ignore
  const parent = related.find(({ id }) => id === model.parentId);
  if (parent) {
    const other = newest(model.role === 'control' ? 'sparse' : 'control', parent.id, model.seed);
    const pair = model.role === 'control' ? [model, other] : [other, model];
    return [parent.id, ...pair.flatMap((one) => (one ? [one.id] : []))];
  }
  const sparse = newest('sparse', model.id, model.seed);
  const control = newest('control', model.id, model.seed);
  if (!sparse && !control) return null;
  return [model.id, ...[control, sparse].flatMap((one) => (one ? [one.id] : []))];
}

/** From the pretrained model down to this one. */
export function ancestorsOf(
  model: ModelSummary,
  models: readonly ModelSummary[],
): readonly ModelSummary[] {
  const line: ModelSummary[] = [];
  let parent = models.find(({ id }) => id === model.parentId);
  while (parent && !line.includes(parent)) {
    line.unshift(parent);
    const { parentId } = parent;
    parent = models.find(({ id }) => id === parentId);
  }
  return line;
}
