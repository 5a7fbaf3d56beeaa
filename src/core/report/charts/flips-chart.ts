import type { Flips } from '../audit.ts';
import { count } from '../format.ts';
import { idColour, ink, inkMuted, paper } from '../tokens.ts';
import { fitted } from './labels.ts';
import { chart, group, line, rect, text, type Chart } from './svg.ts';

const ROW = 16;
const NAME = 120;
const NUMBERS = 150;

/**
 * How many images changed sides of the threshold: left of the middle those that are rejected now, right those
 * that are kept now, as shares of the set on one scale.
 * @param names printable names, by set
 */
export function flipsChart(
  rows: readonly Flips[],
  names: ReadonlyMap<string, string>,
  idName: string,
  width: number,
): Chart {
  const plot = width - NAME - NUMBERS;
  const most = Math.max(0.002, ...rows.flatMap(({ n, nowKept, nowRejected }) => [nowKept / n, nowRejected / n]).filter(Number.isFinite)); // prettier-ignore
  const half = plot / 2;
  const scale = (n: number, total: number): number =>
    total > 0 ? (n / total / most) * (half - 4) : 0;
  const height = rows.length * ROW;
  const bars = rows.map(({ dataset, n, nowKept, nowRejected }, i) => {
    const y = i * ROW + 3;
    const id = dataset === idName;
    // Good: ID images kept, OOD images rejected. Good is filled, bad is an outline, so that grey print tells them apart.
    const rejectedWide = scale(nowRejected, n);
    const keptWide = scale(nowKept, n);
    return [
      text(-NAME + 2, y + 7, fitted(names.get(dataset) ?? dataset, NAME - 10, 7.6), { colour: ink, size: 7.6, weight: id ? 600 : 400 }), // prettier-ignore
      bar(half - rejectedWide, y, rejectedWide, !id, id),
      bar(half, y, keptWide, id, id),
      text(plot + 34, y + 7, count(nowRejected), { colour: ink, size: 7.4, anchor: 'end' }),
      text(plot + 86, y + 7, count(nowKept), { colour: ink, size: 7.4, anchor: 'end' }),
      text(plot + 144, y + 7, count(n), { colour: inkMuted, size: 7.4, anchor: 'end' }),
    ].join('');
  });
  return chart(
    width,
    height + 22,
    group(
      NAME,
      16,
      text(half - 4, -6, '← now rejected', { colour: inkMuted, size: 6.8, anchor: 'end' }),
      text(half + 4, -6, 'now kept →', { colour: inkMuted, size: 6.8 }),
      text(plot + 34, -6, 'rejected', { colour: inkMuted, size: 6.8, anchor: 'end' }),
      text(plot + 86, -6, 'kept', { colour: inkMuted, size: 6.8, anchor: 'end' }),
      text(plot + 144, -6, 'of images', { colour: inkMuted, size: 6.8, anchor: 'end' }),
      ...bars,
      line(half, 0, half, height, { colour: ink, width: 0.8 }),
    ),
  );
}

const oodColour = '#b45c09';

function bar(x: number, y: number, width: number, good: boolean, id: boolean): string {
  if (width < 0.1) return '';
  const colour = id ? idColour : oodColour;
  const outer = rect(x, y, width, 9, colour);
  return good || width < 1.6 ? outer : outer + rect(x + 0.8, y + 0.8, width - 1.6, 7.4, paper);
}
