/** Heat maps of the energy as colours and as words. */

export type PictureView = 'picture' | 'heat' | 'signed';
export type MapKind = Exclude<PictureView, 'picture'>;

/** Viridis, as the report draws it (compared by a test): read by lightness alone. */
export const HEAT_COLOURS = [
  '#440154',
  '#482475',
  '#414487',
  '#355f8d',
  '#2a788e',
  '#21918c',
  '#22a884',
  '#44bf70',
  '#7ad151',
  '#bddf26',
  '#fde725',
] as const;
/** Against, neutral, for: OOD's orange and ID's blue at the ends, the same in light and dark over a grey picture. */
export const SIGNED_COLOURS = ['#b95f05', '#f1b57e', '#f3f4f6', '#8fb6ee', '#1c62c4'] as const;

const coloursOf = (kind: MapKind): readonly string[] =>
  kind === 'heat' ? HEAT_COLOURS : SIGNED_COLOURS;

/** For a legend. */
export const gradientOf = (kind: MapKind): string =>
  `linear-gradient(to right, ${coloursOf(kind).join(', ')})`;

/** What the neutral byte of a map is: 0 for heat, 128 for a signed one, whose ends are 1 and 255. */
const share = (kind: MapKind, value: number): number =>
  kind === 'heat' ? value / 255 : Math.max(0, (value - 1) / 254);

/**
 * @param map one byte a pixel
 * @returns RGBA, opaque
 */
export function mapPixels(map: Uint8Array, kind: MapKind): Uint8ClampedArray<ArrayBuffer> {
  const stops = coloursOf(kind).map((hex) =>
    [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16)),
  );
  const pixels = new Uint8ClampedArray(map.length * 4);
  for (const [i, value] of map.entries()) {
    const place = share(kind, value) * (stops.length - 1);
    const low = Math.min(Math.floor(place), stops.length - 2);
    for (let c = 0; c < 3; c++)
      pixels[i * 4 + c] = stops[low]![c]! + (stops[low + 1]![c]! - stops[low]![c]!) * (place - low);
    pixels[i * 4 + 3] = 255;
  }
  return pixels;
}

const ROWS = ['top', '', 'bottom'] as const;
const COLUMNS = ['left', '', 'right'] as const;
type Where = 'top-left' | 'top' | 'top-right' | 'left' | 'centre' | 'right' | 'bottom-left' | 'bottom' | 'bottom-right'; // prettier-ignore

/** What can be said of a map to somebody who does not see it. */
export interface MapWords {
  /** Where it is strongest, of nine fields; null when nothing speaks for in-distribution. */
  readonly where: Where | null;
  /** Heat: share of the picture that holds half of it. Signed: share that speaks against. */
  readonly share: number;
}

export function wordsOf(map: Uint8Array, size: number, kind: MapKind): MapWords {
  const zero = kind === 'heat' ? 0 : 128;
  let hottest = 0;
  let against = 0;
  let total = 0;
  for (const [i, value] of map.entries()) {
    if (value > map[hottest]!) hottest = i;
    if (value < zero) against++;
    total += Math.max(0, value - zero);
  }
  if (kind === 'signed' || total === 0)
    return { where: total === 0 ? null : fieldOf(hottest, size), share: against / map.length };
  let pixels = 0;
  let sum = 0;
  for (const value of map.toSorted().reverse()) {
    if (sum >= total / 2) break;
    sum += value;
    pixels++;
  }
  return { where: fieldOf(hottest, size), share: pixels / map.length };
}

function fieldOf(pixel: number, size: number): Where {
  const third = (place: number): number => Math.min(2, Math.floor((3 * place) / size));
  const row = ROWS[third(Math.floor(pixel / size))]!;
  const column = COLUMNS[third(pixel % size)]!;
  return ([row, column].filter(Boolean).join('-') || 'centre') as Where;
}

/** Where the square that the network saw lies on a picture, in percent of the picture's sides. */
export function inputFrame(
  resize: 'stretch' | 'center-crop' | 'pad',
  { width, height }: { readonly width: number; readonly height: number },
): Readonly<Record<'left' | 'top' | 'width' | 'height', string>> {
  const side = resize === 'center-crop' ? Math.min(width, height) : Math.max(width, height);
  const percent = (part: number, whole: number): string => `${(100 * part) / whole}%`;
  if (resize === 'stretch') return { left: '0%', top: '0%', width: '100%', height: '100%' };
  return {
    left: percent((width - side) / 2, width),
    top: percent((height - side) / 2, height),
    width: percent(side, width),
    height: percent(side, height),
  };
}
