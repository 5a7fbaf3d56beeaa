import { describe, expect, it } from 'vitest';
import {
  distributionChart,
  shortened,
} from '../../../src/core/report/charts/distribution-chart.ts';
import { densities, sharedBins } from '../../../src/core/report/charts/histogram.ts';
import { rocChart } from '../../../src/core/report/charts/roc-chart.ts';
import { trainingChart } from '../../../src/core/report/charts/training-chart.ts';
import { breakLines } from '../../../src/core/report/pdf/line-breaking.ts';

describe('histograms', () => {
  it('bins are equal, shared, and hold every value: areas are 1', () => {
    const a = Float64Array.from({ length: 500 }, (_, i) => i / 50);
    const b = Float64Array.of(-1000, 3, 4, 5, 1000);
    const edges = sharedBins([a, b], 20);
    expect(edges).toHaveLength(21);
    const width = edges[1]! - edges[0]!;
    for (let i = 1; i < edges.length; i++) expect(edges[i]! - edges[i - 1]!).toBeCloseTo(width, 9);
    for (const values of [a, b]) {
      const area = densities(values, edges).reduce((sum, height) => sum + height * width, 0);
      expect(area).toBeCloseTo(1, 9);
    }
  });

  it('a value falls into the bin that contains it', () => {
    expect(densities([0.5, 1.5, 1.6, 3.9], [0, 1, 2, 3, 4])).toEqual([0.25, 0.5, 0, 0.25]);
  });

  it('equal values do not divide by zero', () => {
    const edges = sharedBins([[2, 2, 2]], 4);
    expect(densities([2, 2, 2], edges).every(Number.isFinite)).toBe(true);
  });
});

describe('charts', () => {
  const energies = (shift: number) =>
    Float64Array.from({ length: 80 }, (_, i) => shift + (i % 17) / 4);
  const distribution = (sets: number) =>
    distributionChart(
      (['before', 'control', 'sparse'] as const).map((role) => ({
        role,
        id: energies(-9),
        ood: Array.from({ length: sets }, (_, s) => energies(-7 + s)),
        threshold: -6.5,
      })),
      Array.from({ length: sets }, (_, s) => `set <${s}> & more`),
      499,
    );

  it('no number is NaN and names are escaped', () => {
    for (const { svg } of [distribution(1), distribution(30)]) {
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
          models: [{ role: 'sparse', id: [3, 4, 5], ood: [0, 1, 2], fpr95: 0 }],
        },
      ],
      499,
    );
    const d = /<path d="(M[^"]*)" fill="none"/.exec(svg)![1]!;
    const points = d
      .split(/[ML]/)
      .filter(Boolean)
      .map((p) => p.split(' ').map(Number));
    const side = Math.max(...points.flat());
    expect(points[0]).toEqual([0, side]);
    expect(points).toContainEqual([0, 0]);
    expect(points.at(-1)).toEqual([side, 0]);
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
