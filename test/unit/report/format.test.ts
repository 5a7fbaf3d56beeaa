import { describe, expect, it } from 'vitest';
import {
  count,
  dateTime,
  directionOf,
  duration,
  energy,
  fileSize,
  percent,
  pointsInterval,
  signedPoints,
} from '../../../src/core/report/format.ts';
import {
  idColour,
  inkMuted,
  ink,
  oodStyle,
  paper,
  roleStyles,
} from '../../../src/core/report/tokens.ts';
import { visibleText } from '../../../src/core/report/visible-text.ts';

describe('numbers', () => {
  it.each([
    [percent(0.27341), '27.3%'],
    [percent(1), '100.0%'],
    [percent(NaN), '–'],
    [energy(-7.306), '−7.31'],
    [energy(-0.001), '0.00'],
    [signedPoints(0.0617), '+6.2'],
    [signedPoints(-0.0617), '−6.2'],
    [signedPoints(0.0001), '0.0'],
    [pointsInterval({ value: 0, low: -0.081, high: 0.047 }), '−8.1 to +4.7'],
    [count(5000), '5,000'],
    [fileSize(999), '999 B'],
    [fileSize(12_345_678), '12.3 MB'],
    [fileSize(999_999), '1.0 MB'],
    [duration(8.44), '8.4 s'],
    [duration(59.97), '1 min 00 s'],
    [duration(252), '4 min 12 s'],
    [duration(11_100), '3 h 05 min'],
    [dateTime('2026-03-01T14:05:59Z'), '2026-03-01 14:05 UTC'],
  ])('%s', (actual, expected) => {
    expect(actual).toBe(expected);
  });

  it('a difference is good or bad only when its interval excludes zero', () => {
    expect(directionOf({ value: -1, low: -2, high: -0.1 }, 'lower')).toBe('better');
    expect(directionOf({ value: -1, low: -2, high: 0 }, 'lower')).toBe('unclear');
    expect(directionOf({ value: 1, low: 0.1, high: 2 }, 'lower')).toBe('worse');
    expect(directionOf({ value: 1, low: 0.1, high: 2 }, 'higher')).toBe('better');
  });
});

/** WCAG 2.2: relative luminance and contrast ratio. */
function contrast(a: string, b: string): number {
  const luminance = (hex: string): number => {
    const [r, g, bl] = [1, 3, 5].map((start) => {
      const c = Number.parseInt(hex.slice(start, start + 2), 16) / 255;
      return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
    }) as [number, number, number];
    return 0.2126 * r + 0.7152 * g + 0.0722 * bl;
  };
  const [light, dark] = [luminance(a), luminance(b)].sort((x, y) => y - x) as [number, number];
  return (light + 0.05) / (dark + 0.05);
}

describe('colours on white', () => {
  const marks: [string, string, number][] = [
    ['text', ink, 4.5],
    ['muted text', inkMuted, 4.5],
    ['ID', idColour, 3],
    ...Object.values(roleStyles).map(
      ({ label, colour }) => [label, colour, 4.5] satisfies [string, string, number],
    ),
    ...[0, 1, 2, 3, 4, 5, 6, 7].map(
      (i) => [`OOD set ${i}`, oodStyle(i, 8).colour, 3] satisfies [string, string, number],
    ),
  ];
  it.each(marks)('%s %s has a contrast of %f', (_, colour, least) => {
    expect(contrast(colour, paper)).toBeGreaterThanOrEqual(least);
  });

  it('colour is never alone: neighbouring sets differ in dash or marker', () => {
    for (let i = 1; i < 12; i++) {
      const [a, b] = [oodStyle(i - 1, 12), oodStyle(i, 12)];
      expect([a.dash, a.marker]).not.toEqual([b.dash, b.marker]);
    }
  });
});

describe('text from outside', () => {
  const latin = (codePoint: number): boolean => codePoint < 0x250;
  it.each([
    ['plain name.png', 'plain name.png'],
    ['a\u202Egnp.exe', 'a\\u{202E}gnp.exe'],
    ['tab\tand\nline', 'tab\\u{9}and\\u{A}line'],
    ['猫.png', '\\u{732B}.png'],
    ['e\u0301.png', 'é.png'],
    ['\\u{41}', '\\u{5C}u{41}'],
    ['zero\u200Bwidth', 'zero\\u{200B}width'],
  ])('%j is printed as %j', (text, expected) => {
    expect(visibleText(text, latin).text).toBe(expected);
  });
});
