import { scaleLinear } from 'd3-scale';
import type { ModelResult } from '../audit.ts';
import { percent } from '../format.ts';
import { idStyle, ink, inkMuted, oodStyle, thresholdColour } from '../tokens.ts';
import { bottomAxis, leftAxis } from './axes.ts';
import { fitted } from './labels.ts';
import { legendEntry, marker } from './markers.ts';
import { chart, group, line, path, text, type Chart } from './svg.ts';

const PLOT = 150;
const LEGEND = 132;
const tick = (value: number): string => percent(value).replace('.0%', '%');

/**
 * What the threshold does when it moves: share of ID rejected and of each OOD set accepted, over the share of ID
 * validation images that it keeps.
 * @param names printable names of the OOD sets
 */
export function bandChart(
  band: ModelResult['operatingPoint']['band'],
  names: readonly string[],
  target: number,
  width: number,
): Chart {
  const plot = width - LEGEND - 48;
  const targets = band.map((point) => point.target);
  const x = scaleLinear([Math.min(...targets), Math.max(...targets)], [0, plot]);
  const y = scaleLinear([0, 1], [PLOT, 0]);
  const lineOf = (values: readonly number[]): string =>
    values
      .map(
        (value, i) => `${i === 0 ? 'M' : 'L'}${x(targets[i]!).toFixed(2)} ${y(value).toFixed(2)}`,
      )
      .join('');
  const rejected = band.map(({ keptOfTest }) => 1 - keptOfTest);
  const series = names.map((_, s) => band.map(({ accepted }) => accepted[s] ?? 0));
  const height = Math.max(PLOT + 44, 24 + (names.length + 1) * 11.5);
  return chart(
    width,
    height,
    group(
      40,
      12,
      leftAxis(y, plot, { ticks: 5, format: tick, label: 'share of images' }),
      bottomAxis(x, PLOT, { ticks: 5, format: tick, label: 'ID validation images kept by the threshold' }), // prettier-ignore
      target >= targets[0]! && target <= targets.at(-1)!
        ? line(x(target), 0, x(target), PLOT, { colour: thresholdColour, width: 1 }) +
            text(x(target), -4, 'in use', { colour: inkMuted, size: 6.8, anchor: 'middle' })
        : '',
      ...series.map((values, s) => {
        const style = oodStyle(s, names.length);
        return (
          path(lineOf(values), { colour: style.colour, dash: style.dash, width: 1 }) +
          values.map((value, i) => marker(x(targets[i]!), y(value), style, 1.7)).join('')
        );
      }),
      path(lineOf(rejected), { colour: idStyle.colour, width: 1.5 }),
      ...rejected.map((value, i) => marker(x(targets[i]!), y(value), idStyle, 1.9)),
    ),
    group(
      width - LEGEND + 6,
      16,
      legendEntry(0, 0, 'ID test, rejected', idStyle, ink),
      ...names.map(
        (name, s) =>
        legendEntry(0, (s + 1) * 11.5, fitted(name, LEGEND - 32, 7.5), oodStyle(s, names.length), ink), // prettier-ignore
      ),
    ),
  );
}
