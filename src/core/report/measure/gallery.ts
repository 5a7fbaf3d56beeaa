/** The images to look at, found by their scores. What they look like is added later. */
import { below } from '../../metrics/below.ts';
import { argsort } from '../../query/argsort.ts';
import type { Galleries, GalleryImage } from '../audit.ts';
import { at, hashAt, labelAt, type SetColumns } from '../columns.ts';
import type { ModelNumbers } from './model-numbers.ts';
import { placeOf, type Tested } from './tested.ts';

const SHOWN = 24;
/** Of one OOD set among the most accepted, so that one bad set does not hide the others. */
const SHOWN_PER_SET = 8;
const CHANGED = 12;

interface Place {
  readonly set: SetColumns;
  readonly row: number;
}

/** Share of the ID test images with a lower energy. */
type RankOf = (energy: number) => number;

export function galleriesOf(tested: Tested, models: readonly ModelNumbers[]): Galleries {
  const { columns, id, ood, rows } = tested;
  const sparse = placeOf(columns, 'sparse');
  const before = placeOf(columns, 'before');
  const ranks = columns.models.map((_, m): RankOf => {
    const sorted = at(id.models[m]!.energy, rows.test).sort();
    return (energy) => below(sorted, energy) / sorted.length;
  });
  const sets = [{ set: id, which: rows.test }, ...ood.map((set, i) => ({ set, which: rows.ood[i]! }))]; // prettier-ignore
  const image = ({ set, row }: Place, change: number | null): GalleryImage => ({
    dataset: set.name,
    path: set.paths[row]!,
    sha256: hashAt(set, row),
    label: labelAt(set, row),
    perModel: columns.models.map(({ role, classes }, m) => {
      const { predicted, confidence, energy } = set.models[m]!;
      return {
        role,
        predicted: classes[predicted[row]!]!,
        confidence: confidence[row]!,
        energy: energy[row]!,
        rank: ranks[m]!(energy[row]!),
        kept: 0 - energy[row]! >= models[m]!.threshold,
      };
    }),
    change,
    parts: null,
    saliency: null,
  });
  const energies = (set: SetColumns, which: Uint32Array) => at(set.models[sparse]!.energy, which);
  const worst = argsort(energies(id, rows.test)).reverse();
  const accepted = ood
    .flatMap((set, i) => {
      const values = energies(set, rows.ood[i]!);
      return Array.from(argsort(values).subarray(0, SHOWN_PER_SET), (k) => ({
        set,
        row: rows.ood[i]![k]!,
        energy: values[k]!,
      }));
    })
    .sort((a, b) => a.energy - b.energy);
  // Upwards is wrong for ID images and right for OOD ones.
  const changes = sets.flatMap(({ set, which }) => {
    const change = Float64Array.from(which, (row) => ranks[sparse]!(set.models[sparse]!.energy[row]!) - ranks[before]!(set.models[before]!.energy[row]!)); // prettier-ignore
    const sign = set.role === 'id' ? 1 : -1;
    const order = argsort(change);
    const some = [...order.subarray(0, CHANGED), ...order.subarray(Math.max(CHANGED, order.length - CHANGED))]; // prettier-ignore
    return some.map((k) => ({ set, row: which[k]!, change: change[k]!, wrong: sign * change[k]! }));
  });
  const moved = (direction: 1 | -1) =>
    changes
      .filter(({ wrong }) => direction * wrong > 0)
      .sort((a, b) => direction * (b.wrong - a.wrong))
      .slice(0, CHANGED)
      .map((place) => image(place, place.change));
  return {
    worstId: Array.from(worst.subarray(0, SHOWN), (k) => image({ set: id, row: rows.test[k]! }, null)), // prettier-ignore
    mostAcceptedOod: accepted.slice(0, SHOWN).map((place) => image(place, null)),
    regressions: moved(1),
    rescues: moved(-1),
  };
}
