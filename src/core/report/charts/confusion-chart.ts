import { ink, inkMuted, hairline, idColour, paper } from '../tokens.ts';
import { interpolateRgb } from '../interpolate-rgb.ts';
import { fitted, roughWidth } from './labels.ts';
import { chart, group, rect, text, line, type Chart } from './svg.ts';

const SMALLEST = 2.6;
const LARGEST = 30;
const LABEL = 118;
/** With more classes than this, axes carry the number of a class only. */
const NAMED = 48;

/**
 * Confusion matrix: rows are true classes, columns predicted ones; shades are shares of the row. Numbers are
 * written where cells are large enough.
 * @param confusion row-major counts [classes, classes]
 * @param names printable
 */
export function confusionChart(
  confusion: readonly number[],
  names: readonly string[],
  width: number,
): Chart {
  const n = names.length;
  const named = n <= NAMED;
  const size = (cell: number): number => Math.min(7.2, Math.max(4.2, cell * 0.8));
  const room = named ? LABEL : 26;
  const cell = Math.min(
    LARGEST,
    Math.max(SMALLEST, Math.min((width - Math.max(30, room) - 48) / n, 480 / n)),
  );
  const side = cell * n;
  const font = size(cell);
  const longest = named ? Math.min(LABEL - 10, Math.max(...names.map((name) => roughWidth(name, font)))) : 18; // prettier-ignore
  const left = Math.max(30, longest + 10);
  const top = named ? Math.min(96, longest * 0.78 + 14) : 24;
  const cells: string[] = [];
  for (let r = 0; r < n; r++) {
    const row = confusion.slice(r * n, (r + 1) * n);
    const total = row.reduce((a, b) => a + b, 0);
    for (const [c, count] of row.entries()) {
      if (count === 0) continue;
      const share = count / Math.max(1, total);
      // The square root lifts rare confusions above the paper; a ramp in lightness survives grey print.
      const fill = interpolateRgb('#edf3fb', shade, Math.sqrt(share));
      cells.push(rect(c * cell + 0.2, r * cell + 0.2, cell - 0.4, cell - 0.4, fill));
      if (cell >= 15)
        cells.push(
          text((c + 0.5) * cell, (r + 0.5) * cell + 2.4, String(count), {
            colour: share > 0.25 ? paper : ink,
            size: cell >= 22 ? 7 : 5.4,
            anchor: 'middle',
          }),
        );
    }
  }
  const every = named ? 1 : Math.ceil(n / 20);
  const ticks = names.flatMap((name, i) => {
    if (i % every !== 0) return [];
    const label = named ? fitted(name, longest, font) : String(i + 1);
    const at = (i + 0.5) * cell;
    return [
      text(-5, at + font * 0.35, label, { colour: ink, size: font, anchor: 'end' }),
      named
        ? text(at + font * 0.3, -5, label, { colour: ink, size: font, rotate: -50 })
        : text(at, -5, label, { colour: ink, size: font, anchor: 'middle' }),
    ];
  });
  const frame = [
    line(0, 0, side, 0, { colour: hairline, width: 0.6 }),
    line(0, side, side, side, { colour: hairline, width: 0.6 }),
    line(0, 0, 0, side, { colour: hairline, width: 0.6 }),
    line(side, 0, side, side, { colour: hairline, width: 0.6 }),
  ];
  return chart(
    width,
    top + side + 26,
    group(
      left,
      top,
      ...frame,
      ...cells,
      ...ticks,
      text(side / 2, side + 11, 'predicted class', { colour: inkMuted, anchor: 'middle' }),
      ramp(side + 16, side),
    ),
    text(0, top - 5, 'true class', { colour: inkMuted, size: 6.8 }),
  );
}

const shade = interpolateRgb(idColour, '#000000', 0.35);

/** Key of the shades, right of the matrix. */
function ramp(x: number, height: number): string {
  const shown = Math.min(90, height);
  const parts = 15;
  return [
    ...Array.from({ length: parts }, (_, i) =>
      rect(
        x,
        shown - ((i + 1) * shown) / parts,
        7,
        shown / parts + 0.2,
        interpolateRgb('#edf3fb', shade, Math.sqrt((i + 0.5) / parts)),
      ),
    ),
    text(x + 10, 5, '100%', { colour: inkMuted, size: 6.4 }),
    text(x + 10, shown, '0%', { colour: inkMuted, size: 6.4 }),
  ].join('');
}
