import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { oodStyles, palettes, type Palette } from '../../../src/renderer/charts/palette.ts';

const tokens = readFileSync('src/renderer/ui/tokens.css', 'utf8');

/** The custom properties of one theme's block. */
function themeTokens(theme: 'light' | 'dark'): ReadonlyMap<string, string> {
  const block = tokens.slice(tokens.indexOf(`[data-theme='${theme}'] {`));
  return new Map(
    [...block.slice(0, block.indexOf('}')).matchAll(/--([\w-]+): ([^;]+);/gu)].map(
      ([, name, value]) => [name!, value!],
    ),
  );
}

/** WCAG 2.2, relative luminance and contrast ratio. */
function contrast(one: string, other: string): number {
  const luminance = (colour: string): number => {
    const [r, g, b] = [1, 3, 5]
      .map((at) => Number.parseInt(colour.slice(at, at + 2), 16) / 255)
      .map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r! + 0.7152 * g! + 0.0722 * b!;
  };
  const [low, high] = [luminance(one), luminance(other)].toSorted((a, b) => a - b);
  return (high! + 0.05) / (low! + 0.05);
}

const meanings: readonly (readonly [keyof Palette, string])[] = [
  ['text', 'text'],
  ['muted', 'text-muted'],
  ['surface', 'surface'],
  ['id', 'id'],
  ['oodNear', 'ood-near'],
  ['oodFar', 'ood-far'],
  ['before', 'before'],
  ['control', 'control-run'],
  ['sparse', 'sparse'],
  ['threshold', 'threshold'],
  ['error', 'error'],
];

describe.each(['light', 'dark'] as const)('the %s theme', (theme) => {
  const names = themeTokens(theme);
  const palette = palettes[theme];

  it.each(meanings)('draws %s in charts as --%s in the window', (inChart, token) => {
    expect(palette[inChart]).toBe(names.get(token));
  });

  it.each(['window', 'surface', 'raised', 'sunken', 'hover', 'selected'])(
    'has text of at least 4.5:1 on --%s',
    (ground) => {
      for (const text of ['text', 'text-muted', 'text-faint'])
        expect(contrast(names.get(text)!, names.get(ground)!)).toBeGreaterThanOrEqual(4.5);
    },
  );

  it.each(['window', 'surface'])(
    'has error and inverted text of at least 4.5:1 on --%s',
    (ground) => {
      expect(contrast(names.get('error')!, names.get(ground)!)).toBeGreaterThanOrEqual(4.5);
      expect(contrast(names.get('on-accent')!, names.get('accent')!)).toBeGreaterThanOrEqual(4.5);
      expect(contrast(names.get('on-accent')!, names.get('accent-hover')!)).toBeGreaterThanOrEqual(
        4.5,
      );
    },
  );

  it.each([
    'id',
    'ood',
    'ood-near',
    'ood-far',
    'before',
    'control-run',
    'sparse',
    'error',
    'border-control',
  ])('has --%s stand out by at least 3:1 as a mark', (mark) => {
    for (const ground of ['window', 'surface'])
      expect(contrast(names.get(mark)!, names.get(ground)!)).toBeGreaterThanOrEqual(3);
  });

  it('tells OOD sets apart by dash or marker, and near from far by shade', () => {
    const styles = oodStyles(
      [
        { datasetId: 'a', nearFar: 'near' },
        { datasetId: 'b', nearFar: 'far' },
        { datasetId: 'c', nearFar: 'near' },
        { datasetId: 'd', nearFar: null },
      ],
      palette,
    );
    expect(new Set([...styles.values()].map(({ dash, marker }) => `${dash.join()} ${marker}`)).size).toBe(4); // prettier-ignore
    const distance = (id: string): number => contrast(styles.get(id)!.colour, palette.oodNear);
    for (const near of ['a', 'c'])
      for (const far of ['b', 'd']) expect(distance(near)).toBeLessThan(distance(far));
  });
});
