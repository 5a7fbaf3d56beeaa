/** Named protocols: which OOD sets are averaged, and what may be said of the average. */
import { AppError } from '../errors.ts';

export const PROTOCOL_IDS = ['as-given', 'six-sets', 'near-far'] as const;
export type ProtocolId = (typeof PROTOCOL_IDS)[number];

/** One of the six OOD sets of the paper. */
export interface PaperSet {
  readonly id: string;
  readonly label: string;
  /** Names that mean it, as `comparable` leaves them. */
  readonly aliases: readonly string[];
}

/**
 * The OOD sets of the paper's tables and its authors' code (see docs/method.md). Names of other sets are not here,
 * even of similar ones: a stand-in does not make the six-set average. `LSUN` alone could be any of two, so it is none.
 */
export const PAPER_SETS: readonly PaperSet[] = [
  { id: 'textures', label: 'Textures', aliases: ['textures', 'texture', 'dtd', 'describabletextures'] }, // prettier-ignore
  { id: 'svhn', label: 'SVHN', aliases: ['svhn', 'streetviewhousenumbers'] },
  { id: 'places365', label: 'Places365', aliases: ['places365', 'places'] },
  { id: 'lsun-crop', label: 'LSUN-Crop', aliases: ['lsuncrop', 'lsunc', 'lsuncropped'] },
  { id: 'lsun-resize', label: 'LSUN-Resize', aliases: ['lsunresize', 'lsunr', 'lsunresized'] },
  { id: 'isun', label: 'iSUN', aliases: ['isun'] },
];

/** Words that say which part of a set, or how large its images are, and not which set. */
const PART = /(?:test|testset|val|validation|ood|32|32x32)$/u;

/** A name as aliases are compared: letters and digits only, lower case, without the part of the set. */
function comparable(name: string): string {
  let text = name.normalize('NFKC').toLowerCase().replaceAll(/[^\p{L}\p{N}]/gu, ''); // prettier-ignore
  for (;;) {
    const shorter = text.replace(PART, '');
    if (shorter === text || shorter === '') return text;
    text = shorter;
  }
}

/** The set of the paper that a dataset's name means; null when it means none. */
export function paperSetNamed(name: string): PaperSet | null {
  const wanted = comparable(name);
  return PAPER_SETS.find(({ aliases }) => aliases.includes(wanted)) ?? null;
}

/** @throws AppError `usage` listing the protocols there are */
export function protocolNamed(name: string): ProtocolId {
  const known = PROTOCOL_IDS.find((id) => id === name);
  if (known) return known;
  throw new AppError(
    'usage',
    `Unknown protocol "${name}". Choose one of: ${PROTOCOL_IDS.join(', ')}.`,
  );
}

/** An OOD set that was given. */
export interface GivenSet {
  readonly name: string;
  readonly nearFar: 'near' | 'far' | null;
}

/** Sets that are averaged together. */
export interface ProtocolGroup {
  readonly id: 'all' | 'six-sets' | 'near' | 'far';
  /** How the average is called; never the six-set average when one of the six is missing. */
  readonly label: string;
  /** Positions among the sets that were given. */
  readonly members: readonly number[];
}

export interface ProtocolPlan {
  readonly id: ProtocolId;
  /** The groups of which averages are told, the first being the protocol's own. Empty ones are left out. */
  readonly groups: readonly ProtocolGroup[];
  /** Of `six-sets`: the sets of the paper that were given. Otherwise empty, like `missing` and `left`. */
  readonly present: readonly string[];
  /** The sets of the paper that were not given. */
  readonly missing: readonly string[];
  /** Given sets that have no part in the protocol's average. */
  readonly left: readonly string[];
  /** In a sentence what the average is over and what it is not. */
  readonly statement: string;
}

/**
 * What a protocol makes of the sets that were given.
 * @throws AppError `invalid-data` when two of them are the same set of the paper, so that one would count twice
 */
export function planProtocol(id: ProtocolId, sets: readonly GivenSet[]): ProtocolPlan {
  const every = sets.map((_, i) => i);
  const all: ProtocolGroup = { id: 'all', label: `mean over ${counted(sets.length)}`, members: every }; // prettier-ignore
  const nothing = { present: [], missing: [], left: [] };
  const group = (which: 'near' | 'far'): ProtocolGroup => {
    const members = every.filter((i) => sets[i]!.nearFar === which);
    return { id: which, label: `mean over ${members.length} ${which} OOD ${plural(members.length)}`, members }; // prettier-ignore
  };
  const filled = (groups: readonly ProtocolGroup[]) =>
    groups.filter(({ members }) => members.length > 0);
  switch (id) {
    case 'as-given':
      return {
        id,
        ...nothing,
        groups: filled([all]),
        statement: `Average over ${sets.length === 1 ? 'the one OOD set' : `all ${sets.length} OOD sets`} that ${sets.length === 1 ? 'was' : 'were'} given.`,
      };
    case 'near-far': {
      const left = sets.filter(({ nearFar }) => nearFar === null).map(({ name }) => name);
      return {
        id,
        ...nothing,
        left,
        groups: filled([all, group('near'), group('far')]),
        statement:
          left.length === 0
            ? 'Averages over all OOD sets, and over the near and the far ones.'
            : `Averages over all OOD sets, and over the near and the far ones. Neither near nor far: ${left.join(', ')}.`,
      };
    }
    case 'six-sets':
      return sixSets(sets, all);
  }
}

function sixSets(sets: readonly GivenSet[], all: ProtocolGroup): ProtocolPlan {
  const found = sets.map(({ name }) => paperSetNamed(name));
  const members = PAPER_SETS.flatMap(({ id, label }) => {
    const matches = [...found.keys()].filter((i) => found[i]?.id === id);
    if (matches.length > 1)
      throw new AppError(
        'invalid-data',
        `Protocol six-sets: ${matches.map((i) => sets[i]!.name).join(' and ')} are both ${label} by their names, which would count twice. Give one of them, or rename the other.`,
      );
    return matches;
  });
  const total = PAPER_SETS.length;
  const present = members.map((i) => found[i]!.label);
  const missing = PAPER_SETS.map(({ label }) => label).filter((label) => !present.includes(label));
  const left = sets.filter((_, i) => !members.includes(i)).map(({ name }) => name);
  const label = missing.length === 0 ? 'six-set average' : `mean over ${members.length} of ${total} sets of the paper`; // prettier-ignore
  const others = left.length === 0 ? '' : ` Not part of it: ${left.join(', ')}.`;
  return {
    id: 'six-sets',
    present,
    missing,
    left,
    groups: [
      ...(members.length === 0 ? [] : [{ id: 'six-sets' as const, label, members }]),
      ...(left.length === 0 ? [] : [all]),
    ],
    statement:
      missing.length === 0
        ? `The six-set average of the paper: ${present.join(', ')}. Sets are matched by name.${others}`
        : `${members.length} of the paper’s ${total} sets ${members.length === 1 ? 'is' : 'are'} here${members.length === 0 ? '' : ` (${present.join(', ')})`}, so this is not its six-set average. Missing: ${missing.join(', ')}. Sets are matched by name.${others}`,
  };
}

const plural = (n: number): string => (n === 1 ? 'set' : 'sets');
const counted = (n: number): string => `${n} OOD ${plural(n)}`;
