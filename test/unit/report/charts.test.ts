import { scaleLinear } from 'd3-scale';
import { describe, expect, it } from 'vitest';
import { confusionChart } from '../../../src/core/report/charts/confusion-chart.ts';
import { rocChart } from '../../../src/core/report/charts/curve-chart.ts';
import { densityOf, steps } from '../../../src/core/report/charts/density.ts';
import {
  distributionChart,
  distributionGrid,
} from '../../../src/core/report/charts/distribution-chart.ts';
import { flipsChart } from '../../../src/core/report/charts/flips-chart.ts';
import { forestChart } from '../../../src/core/report/charts/forest-chart.ts';
import { shortened } from '../../../src/core/report/charts/labels.ts';
import { trainingChart } from '../../../src/core/report/charts/training-chart.ts';
import { breakLines } from '../../../src/core/report/pdf/line-breaking.ts';

describe('charts', () => {
  const names = (sets: number) => ['clothes', ...Array.from({ length: sets }, (_, s) => `set <${s}> & more`)]; // prettier-ignore
  const data = (sets: number) => ({
    detector: 'energy',
    axis: 'energy E(x)',
    edges: [-9, -8, -7, -6, -5],
    perModel: (['before', 'control', 'sparse'] as const).map((role) => ({
      role,
      threshold: -6.5,
      sets: names(sets).map((dataset, s) => ({ dataset, counts: [40, 30, s, 0] })),
    })),
  });
  const distribution = (sets: number) => distributionChart(data(sets), names(sets), 499);

  it('no number is NaN and names are escaped', () => {
    for (const { svg } of [
      distribution(1),
      distribution(30),
      distributionGrid(data(3), names(3), 499),
    ]) {
      // prettier-ignore
      expect(svg).not.toMatch(/NaN|undefined|Infinity/);
      expect(svg).toContain('set &lt;0&gt; &amp; more');
      expect(svg).not.toContain('<0>');
    }
  });

  it('the threshold is written beside its line', () => {
    expect(distribution(2).svg.match(/threshold −6\.50/g)).toHaveLength(3);
  });

  it('a legend longer than its panels makes the chart higher', () => {
    expect(distribution(60).height).toBeGreaterThan(distribution(2).height);
  });

  it('ROC of separated scores runs along the edges of its panel, from corner to corner', () => {
    const { svg } = rocChart(
      [
        {
          name: 'far',
          curves: [{ role: 'sparse', x: [0, 0, 1], y: [0, 1, 1], value: 0 }],
        },
      ],
      499,
    );
    const d = /<path d="(M[^"]*)" fill="none"/.exec(svg)![1]!;
    const points = d
      .split(/[ML]/)
      .filter(Boolean)
      .map((p) => p.split(' ').map(Number));
    const right = Math.max(...points.map((point) => point[0]!));
    const bottom = Math.max(...points.map((point) => point[1]!));
    expect(points).toEqual([
      [0, bottom],
      [0, 0],
      [right, 0],
    ]);
    // FPR95 of 0 is marked at the left edge.
    expect(svg).toContain('translate(0 ');
  });

  it('training curves with one epoch, or with a loss that is no number, are still drawn', () => {
    const epoch = {
      epoch: 1,
      learningRate: 1,
      trainLoss: NaN,
      trainAccuracy: 1,
      valLoss: 1,
      valAccuracy: 0.5,
      featureL1: 3,
      meanEnergy: 0,
    };
    const { svg } = trainingChart([{ role: 'before', startEpoch: 0, history: [epoch] }], 499);
    expect(svg).not.toMatch(/NaN|Infinity/);
  });

  it('a histogram is drawn to scale, corner by corner', () => {
    const edges = [0, 1, 3];
    const heights = densityOf([3, 1], edges);
    // Shares 3/4 and 1/4 over widths 1 and 2.
    expect(heights).toEqual([0.75, 0.125]);
    const x = scaleLinear([0, 3], [0, 30]);
    const y = scaleLinear([0, 1], [100, 0]);
    expect(steps(heights, edges, x, y)).toBe('M0 100V25H10V87.5H30V100');
  });

  it('bins without a single value have no height', () => {
    expect(densityOf([0, 0], [0, 1, 2])).toEqual([0, 0]);
  });

  it('a forest plot draws intervals around zero, and fills those that exclude it', () => {
    const { svg } = forestChart(
      [
        { name: 'worse', difference: { value: 0.1, low: 0.05, high: 0.2 }, lowerIsBetter: true },
        { name: 'unclear', difference: { value: 0, low: -0.1, high: 0.1 }, lowerIsBetter: true },
      ],
      { width: 499, label: 'points' },
    );
    const dots = [...svg.matchAll(/<circle cx="([\d.]+)"[^>]*fill="([^"]+)"/g)];
    expect(dots.map(([, , fill]) => fill === '#ffffff')).toEqual([false, true]);
    // The second difference is zero: it lies on the line at zero, the first one right of it.
    const zero = /<line x1="([\d.]+)" y1="-2"/.exec(svg)![1]!;
    expect(dots[1]![1]).toBe(zero);
    expect(Number(dots[0]![1])).toBeGreaterThan(Number(zero));
  });

  it('flips are bars as long as their share of the set', () => {
    const flip = (nowKept: number, nowRejected: number, n: number) => ({ against: 'control' as const, dataset: 'd', n, bothKept: 0, bothRejected: 0, nowKept, nowRejected, nowRight: null, nowWrong: null }); // prettier-ignore
    const { svg } = flipsChart([flip(10, 20, 100), flip(1, 2, 10)], new Map(), 'id', 499);
    const widths = [...svg.matchAll(/<rect[^>]*width="([\d.]+)"[^>]*height="9"/g)].map(([, w]) => Number(w)); // prettier-ignore
    expect(widths).toHaveLength(4);
    // 20% is twice as long as 10%, and 2 of 10 as long as 20 of 100.
    expect(widths[0]! / widths[1]!).toBeCloseTo(2, 1);
    expect(widths[2]).toBe(widths[0]);
  });

  it('a confusion matrix writes its counts where there is room, and fits its width with 100 classes', () => {
    const few = confusionChart([9, 1, 0, 10], ['a', 'b'], 499);
    expect(few.svg).toMatch(/>9<\/text>/);
    const many = confusionChart(new Array<number>(100 * 100).fill(1), Array.from({ length: 100 }, (_, i) => `class ${i}`), 499); // prettier-ignore
    expect(many.width).toBe(499);
    expect(many.height).toBeLessThan(700);
    expect(many.svg).not.toMatch(/NaN/);
  });

  it('long names keep both ends', () => {
    expect(shortened('short', 10)).toBe('short');
    const cut = shortened('a very long name of a set.png', 11);
    expect(cut).toHaveLength(11);
    expect(cut).toMatch(/^a ver….*png$/);
  });
});

describe('line breaking', () => {
  const measure = (text: string): number => text.length;
  it('breaks at spaces, and words that are too long after a separator or anywhere', () => {
    expect(breakLines('one two three', 7, measure)).toEqual(['one two', 'three']);
    expect(breakLines('folder/sub/file.png', 12, measure)).toEqual(['folder/sub/', 'file.png']);
    expect(breakLines('aaaaaaaaaa', 4, measure)).toEqual(['aaaa', 'aaaa', 'aa']);
    expect(breakLines('', 4, measure)).toEqual(['']);
  });

  it('no line is wider than allowed and nothing is lost', () => {
    const text = 'x'.repeat(50) + ' some/path/with_parts-and.dots and words';
    const lines = breakLines(text, 9, measure);
    expect(Math.max(...lines.map(measure))).toBeLessThanOrEqual(9);
    expect(lines.join('').replaceAll(' ', '')).toBe(text.replaceAll(' ', ''));
  });
});
