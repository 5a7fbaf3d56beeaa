import { describe, expect, it } from 'vitest';
import { formatBytes, formatCompact, formatCount, formatDuration, formatPercent, formatPoints, formatRate, formatScore, signed } from '../../../src/renderer/ui/format.ts'; // prettier-ignore
import { formulaParts } from '../../../src/renderer/ui/formula-parts.ts';

describe('numbers as they are shown', () => {
  it.each([
    [formatCount(5000), '5,000'],
    [formatPercent(0.9534), '95.3%'],
    [formatPercent(Number.NaN), '–'],
    [formatScore(-7.006), '−7.01'],
    [formatScore(null), '–'],
    [formatPoints(0.032), '+3.2'],
    [formatPoints(-0.0004), '±0.0'],
    [signed(-1.5), '−1.50'],
    [formatBytes(0), '0 B'],
    [formatBytes(999), '999 B'],
    [formatBytes(1000), '1.0 kB'],
    [formatBytes(999_600), '1.0 MB'],
    [formatBytes(4_512_000), '4.5 MB'],
    [formatBytes(273_800_000), '274 MB'],
    [formatDuration(8.4), '8 s'],
    [formatDuration(59.6), '1 min'],
    [formatDuration(245), '4 min'],
    [formatDuration(3600), '1 h'],
    [formatDuration(4800), '1 h 20 min'],
    [formatDuration(190_000), '2 d 4 h'],
    [formatRate(3.42, 'steps'), '3.4 steps/s'],
    [formatRate(1412, 'images'), '1,412 images/s'],
    [formatCompact(1_480_000), '1.48 M'],
    [formatCompact(640), '640'],
  ])('%s is %s', (shown, expected) => {
    expect(shown).toBe(expected);
  });
});

describe('a formula', () => {
  it('puts subscripts below, superscripts above, and slants quantities only', () => {
    expect(formulaParts('S = log Σ_k exp(z_{ik})^2')).toEqual([
      { text: 'S', place: 'line', letter: true },
      { text: ' = ', place: 'line', letter: false },
      { text: 'log', place: 'line', letter: false },
      { text: ' ', place: 'line', letter: false },
      { text: 'Σ', place: 'line', letter: false },
      { text: 'k', place: 'down', letter: false },
      { text: ' ', place: 'line', letter: false },
      { text: 'exp', place: 'line', letter: false },
      { text: '(', place: 'line', letter: false },
      { text: 'z', place: 'line', letter: true },
      { text: 'ik', place: 'down', letter: false },
      { text: ')', place: 'line', letter: false },
      { text: '2', place: 'up', letter: false },
    ]);
  });
});
