/**
 * Colours of charts. The ones with a fixed meaning are those of ui/tokens.css and of the report; a test compares
 * them. Never the only carrier of that meaning: every role and every set has a dash and a marker too.
 */
export type ThemeName = 'light' | 'dark';
export type ModelRole = 'before' | 'control' | 'sparse' | 'batch-norm' | 'other';
export type Marker = 'circle' | 'rect' | 'diamond' | 'triangle' | 'pin' | 'arrow' | 'roundRect';

/** How one series is told from the others; `dash` in px, empty for a solid line. */
export interface SeriesStyle {
  readonly colour: string;
  readonly dash: readonly number[];
  readonly marker: Marker;
}

export interface Palette {
  readonly text: string;
  readonly muted: string;
  readonly axis: string;
  readonly grid: string;
  readonly surface: string;
  readonly id: string;
  readonly oodNear: string;
  readonly oodFar: string;
  readonly before: string;
  readonly control: string;
  readonly sparse: string;
  readonly other: string;
  readonly threshold: string;
  readonly error: string;
}

export const palettes: Readonly<Record<ThemeName, Palette>> = {
  light: {
    text: '#15181c',
    muted: '#545c66',
    axis: '#848c97',
    grid: '#e8ebef',
    surface: '#ffffff',
    id: '#1c62c4',
    oodNear: '#d2700c',
    oodFar: '#5e2c06',
    before: '#6a717c',
    control: '#7a4bd0',
    sparse: '#07796f',
    other: '#15181c',
    threshold: '#15181c',
    error: '#b3261e',
  },
  dark: {
    text: '#e8eaed',
    muted: '#aab2bc',
    axis: '#737c88',
    grid: '#262b31',
    surface: '#181b1f',
    id: '#6ba6f7',
    oodNear: '#ffb866',
    oodFar: '#c2641f',
    before: '#99a2ad',
    control: '#b296f6',
    sparse: '#3dbfae',
    other: '#e8eaed',
    threshold: '#e8eaed',
    error: '#ff8a80',
  },
};

const oodDashes: readonly (readonly number[])[] = [
  [6, 2],
  [2, 2],
  [8, 2, 2, 2],
  [10, 3],
  [4, 1.5],
  [7, 2, 2, 2, 2, 2],
];
const oodMarkers: readonly Marker[] = ['triangle', 'rect', 'diamond', 'arrow', 'pin', 'roundRect'];

export const idStyle = (palette: Palette): SeriesStyle => ({
  colour: palette.id,
  dash: [],
  marker: 'circle',
});

export interface OodSet {
  readonly datasetId: string;
  readonly nearFar: 'near' | 'far' | null;
}

/**
 * The styles of the OOD sets of one view, by dataset id: near sets take the lighter half of the oranges, far sets
 * the darker half, and each keeps its dash and its marker. Sort the sets the same way everywhere (as
 * `datasets.list` gives them), so that a set looks the same on every screen.
 */
export function oodStyles(
  sets: readonly OodSet[],
  palette: Palette,
): ReadonlyMap<string, SeriesStyle> {
  const near = sets.filter((set) => set.nearFar === 'near');
  const far = sets.filter((set) => set.nearFar !== 'near');
  const mixed = near.length > 0 && far.length > 0;
  const shade = (set: OodSet): number => {
    const group = set.nearFar === 'near' ? near : far;
    const place = group.length > 1 ? group.indexOf(set) / (group.length - 1) : 0.5;
    if (!mixed) return sets.length > 1 ? place : 0.35;
    return set.nearFar === 'near' ? place * 0.4 : 0.6 + place * 0.4;
  };
  return new Map(
    sets.map((set, index) => [
      set.datasetId,
      {
        colour: mix(palette.oodNear, palette.oodFar, shade(set)),
        dash: oodDashes[index % oodDashes.length]!,
        marker: oodMarkers[index % oodMarkers.length]!,
      },
    ]),
  );
}

export function roleStyle(role: ModelRole, palette: Palette): SeriesStyle {
  switch (role) {
    case 'before':
      return { colour: palette.before, dash: [2, 2], marker: 'circle' };
    case 'control':
      return { colour: palette.control, dash: [6, 3], marker: 'diamond' };
    case 'sparse':
      return { colour: palette.sparse, dash: [], marker: 'rect' };
    case 'batch-norm':
      return { colour: palette.control, dash: [1, 3], marker: 'triangle' };
    case 'other':
      return { colour: palette.other, dash: [8, 2, 2, 2], marker: 'triangle' };
  }
}

/** Between two colours `#rrggbb`, in sRGB. */
export function mix(from: string, to: string, share: number): string {
  const channel = (colour: string, at: number): number =>
    Number.parseInt(colour.slice(at, at + 2), 16);
  return `#${[1, 3, 5]
    .map((at) => Math.round(channel(from, at) * (1 - share) + channel(to, at) * share))
    .map((value) => value.toString(16).padStart(2, '0'))
    .join('')}`;
}

/** `#rrggbb` with an opacity. */
export function withAlpha(colour: string, alpha: number): string {
  return `${colour}${Math.round(alpha * 255)
    .toString(16)
    .padStart(2, '0')}`;
}
