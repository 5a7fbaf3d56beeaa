import type { ImageRef, ImageSelection } from '../../../contract/common.ts';
import type { CurationAction, CurationEntry, CurationReview } from '../../../contract/curation.ts';
import { pretend, type JobList } from './live.ts';
import type { Part } from './types.ts';
import { TIME, type World } from './world.ts';

interface ImageState {
  readonly excluded: boolean;
  readonly relabelled: string | null;
  readonly tags: readonly string[];
  readonly note: string;
}
const UNTOUCHED: ImageState = { excluded: false, relabelled: null, tags: [], note: '' };

interface Decision {
  readonly entry: CurationEntry;
  readonly selections: readonly ImageSelection[];
}

function after(state: ImageState, action: CurationAction): ImageState {
  switch (action.type) {
    case 'tag':
      return state.tags.includes(action.tag)
        ? state
        : { ...state, tags: [...state.tags, action.tag] };
    case 'untag':
      return { ...state, tags: state.tags.filter((tag) => tag !== action.tag) };
    case 'exclude':
      return { ...state, excluded: true };
    case 'include':
      return { ...state, excluded: false };
    case 'relabel':
      return { ...state, relabelled: action.className };
    case 'note':
      return { ...state, note: action.text };
  }
}

/** A log that only grows, replayed after each change. */
export class Curation {
  log: CurationEntry[] = [];
  private readonly world: World;
  private readonly decisions: Decision[] = [];
  private readonly redoable: Decision[] = [];
  private states = new Map<string, ImageState>();

  constructor(world: World) {
    this.world = world;
  }

  stateOf({ datasetId, ordinal }: ImageRef): ImageState {
    return this.states.get(`${datasetId}/${ordinal}`) ?? UNTOUCHED;
  }
  excludedOf(datasetId: string): number {
    return this.count(datasetId, ({ excluded }) => excluded);
  }

  apply(
    selections: readonly ImageSelection[],
    action: CurationAction,
    author: string,
    reason: string,
  ): CurationEntry {
    // prettier-ignore
    const entry: CurationEntry = {
      id: `e${this.log.length + 1}`,
      time: TIME,
      author,
      kind: 'apply',
      target: null,
      action,
      reason,
      images: selections.reduce((sum, { ordinals }) => sum + ordinals.length, 0),
      examples: selections.flatMap(({ ordinals }) => [...ordinals.slice(0, 5)].map((ordinal) => `${String(ordinal).padStart(6, '0')}.png`)).slice(0, 5), // prettier-ignore
      undone: false,
    };
    this.log.push(entry);
    this.decisions.push({ entry, selections });
    this.redoable.length = 0;
    this.replay();
    return entry;
  }
  undo(): CurationEntry | null {
    return this.shift(this.decisions, this.redoable, 'undo');
  }
  redo(): CurationEntry | null {
    return this.shift(this.redoable, this.decisions, 'redo');
  }

  review(): CurationReview {
    const tags = new Map<string, number>();
    for (const state of this.states.values())
      for (const tag of state.tags) tags.set(tag, (tags.get(tag) ?? 0) + 1);
    return {
      datasets: [...this.world.datasets.values()].map(({ id, name, ok, classes }) => {
        const before = classes.map((one) => ({
          name: one.name,
          count: one.train + one.val + one.test,
        }));
        return {
          datasetId: id,
          name,
          images: ok,
          excluded: this.excludedOf(id),
          relabelled: this.count(id, ({ relabelled }) => relabelled !== null),
          tagged: this.count(id, (state) => state.tags.length > 0),
          noted: this.count(id, ({ note }) => note !== ''),
          stale: 0,
          classesBefore: before,
          classesAfter: before.map((one) => ({ ...one, count: Math.max(0, one.count - Math.ceil(this.excludedOf(id) / before.length)) })), // prettier-ignore
        };
      }),
      tags: [...tags].map(([tag, count]) => ({ tag, count })),
      canUndo: this.decisions.length > 0,
      canRedo: this.redoable.length > 0,
    };
  }

  private shift(from: Decision[], to: Decision[], kind: 'undo' | 'redo'): CurationEntry | null {
    const decision = from.pop();
    if (!decision) return null;
    to.push(decision);
    const undone = kind === 'undo';
    this.log = this.log.map((entry) =>
      entry.id === decision.entry.id ? { ...entry, undone } : entry,
    );
    const entry = {
      ...decision.entry,
      id: `e${this.log.length + 1}`,
      kind,
      target: decision.entry.id,
    };
    this.log.push(entry);
    this.replay();
    return entry;
  }
  private count(datasetId: string, holds: (state: ImageState) => boolean): number {
    let count = 0;
    for (const [key, state] of this.states)
      if (key.startsWith(`${datasetId}/`) && holds(state)) count++;
    return count;
  }
  private replay(): void {
    this.states = new Map();
    for (const { entry, selections } of this.decisions)
      for (const { datasetId, ordinals } of selections)
        for (const ordinal of ordinals) {
          const key = `${datasetId}/${ordinal}`;
          this.states.set(key, after(this.states.get(key) ?? UNTOUCHED, entry.action));
        }
  }
}

/** Decisions of an afternoon, one of them undone. */
export function someDecisions(curation: Curation): void {
  const of = (datasetId: string, ...ordinals: number[]): ImageSelection[] => [
    { datasetId, ordinals: Uint32Array.from(ordinals) },
  ];
  curation.apply(of('fashion', 3, 8, 21, 34, 55), { type: 'exclude' }, 'Ada', 'Not clothing at all: screenshots of the shop page'); // prettier-ignore
  curation.apply(of('fashion', 5, 6, 9), { type: 'tag', tag: 'unsure' }, 'Ada', '');
  curation.apply(of('fashion', 12), { type: 'relabel', className: 'Coat' }, 'Grace', 'Long and with a lining'); // prettier-ignore
  curation.apply(of('photographs', 1, 2), { type: 'exclude' }, 'Grace', 'Shows clothing');
  curation.apply(of('fashion', 14), { type: 'note', text: 'Sole is missing; ask the supplier.' }, 'Ada', ''); // prettier-ignore
  curation.apply(of('digits', ...Array.from({ length: 40 }, (_, at) => at)), { type: 'exclude' }, 'Ada', 'By mistake'); // prettier-ignore
  curation.undo();
}

export function curationMethods(
  curation: Curation,
  jobs: JobList,
  stepMs: number,
): Part<'curation'> {
  return {
    'curation.apply': ({ selections, action, author, reason }) => ({
      entry: curation.apply(selections, action, author, reason),
      review: curation.review(),
    }),
    'curation.undo': () => ({ entry: curation.undo(), review: curation.review() }),
    'curation.redo': () => ({ entry: curation.redo(), review: curation.review() }),
    'curation.log': ({ offset, limit }) => ({
      total: curation.log.length,
      entries: curation.log.toReversed().slice(offset, offset + limit),
    }),
    'curation.review': () => curation.review(),
    'curation.export': async ({ datasetId, mode }, context) => {
      await pretend(jobs, { kind: 'export', title: `Export ${datasetId} (${mode})`, images: 1000, stepMs }, context); // prettier-ignore
      return { displayPath: `/exports/${datasetId}`, images: 1000, failed: 0 };
    },
  };
}
