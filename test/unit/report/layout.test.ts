/** What pages are laid out with: widths of columns, lines of parts, fonts, pictures. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { columnWidths, fittingGroups } from '../../../src/core/report/pdf/column-widths.ts';
import { heatPicture, pictureOf } from '../../../src/core/report/pdf/images.ts';
import { breakInline, type Inline } from '../../../src/core/report/pdf/inline.ts';
import { sfntOfWoff } from '../../../src/core/report/pdf/woff.ts';

const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);

describe('widths of columns', () => {
  const words = { least: 40, natural: 300, grow: 1 };
  const number = { least: 50, natural: 50, grow: 0 };

  it('fill the width; what is left over goes to columns of words', () => {
    expect(columnWidths([{ ...words, natural: 100 }, number], 400)).toEqual([350, 50]);
  });

  it('when there is too little room, numbers keep theirs and long words break', () => {
    const widths = columnWidths([words, number, number], 300);
    expect(widths.slice(1)).toEqual([50, 50]);
    expect(sum(widths)).toBeCloseTo(300, 6);
  });

  it('columns that do not fit go on below, each group with the first column again', () => {
    const groups = fittingGroups([words, ...Array.from({ length: 18 }, () => number)], 500, 1);
    expect(groups.length).toBe(2);
    for (const group of groups) {
      expect(group[0]).toBe(0);
      expect(40 + 50 * (group.length - 1)).toBeLessThanOrEqual(500);
    }
    expect(groups.flatMap((group) => group.slice(1))).toEqual(Array.from({ length: 18 }, (_, i) => i + 1)); // prettier-ignore
  });
});

describe('lines of parts', () => {
  const lines = (text: Inline, width: number) =>
    breakInline(text, width, {
      font: 'regular',
      visible: (part) => part,
      measure: (part) => Array.from(part).length,
      cut: (word) => word.match(new RegExp(`.{1,${width}}`, 'gu')) ?? [],
    });
  const texts = (text: Inline, width: number): string[] =>
    lines(text, width).map((line) =>
      line
        .map(({ text: part }) => part)
        .join('')
        .trimEnd(),
    );

  it('a comma after a link stays with it', () => {
    expect(texts(['see ', { text: 'section 12', to: 'section-12' }, ', then go'], 15)).toEqual([
      'see section 12,',
      'then go',
    ]);
    expect(texts(['see ', { text: 'section 12', to: 'section-12' }, ', then go'], 14)).toEqual([
      'see section',
      '12, then go',
    ]);
  });

  it('nothing is lost and no line is too wide', () => {
    const text = `some words, ${'x'.repeat(30)} and more of them`;
    const broken = texts(text, 12);
    expect(Math.max(...broken.map((line) => line.length))).toBeLessThanOrEqual(12);
    expect(broken.join('').replaceAll(' ', '')).toBe(text.replaceAll(' ', ''));
  });
});

describe('an unpacked font', () => {
  const file = createRequire(import.meta.url).resolve('@fontsource/inter/files/inter-latin-400-normal.woff'); // prettier-ignore

  it('has every table with the checksum that its entry gives', () => {
    const font = sfntOfWoff(readFileSync(file));
    const tables = font.readUInt16BE(4);
    expect(tables).toBeGreaterThan(8);
    for (let i = 0; i < tables; i++) {
      const at = 12 + 16 * i;
      const tag = font.toString('latin1', at, at + 4);
      const offset = font.readUInt32BE(at + 8);
      const words = Math.ceil(font.readUInt32BE(at + 12) / 4);
      let checksum = 0;
      for (let word = 0; word < words; word++) {
        // OpenType: the checksum of `head` leaves its own field out.
        if (tag === 'head' && word === 2) continue;
        checksum = (checksum + font.readUInt32BE(offset + 4 * word)) >>> 0;
      }
      expect(checksum, tag).toBe(font.readUInt32BE(at + 4));
    }
  });

  it('is not made of anything else', () => {
    expect(() => sfntOfWoff(Buffer.from('not a font at all, but long enough'))).toThrow(RangeError);
  });
});

describe('pictures', () => {
  const image = (side: number) => ({ data: new Uint8Array(side * side * 3).map((_, i) => (i * 7) % 256), width: side, height: side }); // prettier-ignore

  it('of small images show every pixel as a square of its colour', async () => {
    const small = image(4);
    const { data, info } = await sharp(await pictureOf(small, 41)).raw().toBuffer({ resolveWithObject: true }); // prettier-ignore
    expect(info.width).toBe(40);
    for (const [x, y] of [
      [0, 0],
      [39, 0],
      [15, 27],
    ] as const) {
      // prettier-ignore
      const from = (Math.floor(y / 10) * 4 + Math.floor(x / 10)) * 3;
      const at = (y * 40 + x) * info.channels;
      expect([...data.subarray(at, at + 3)]).toEqual([...small.data.subarray(from, from + 3)]);
    }
  });

  it('of large images are no larger than what is printed', async () => {
    const heat = { data: new Uint8Array(49).fill(200), width: 7, height: 7 };
    for (const bytes of [
      await pictureOf(image(224), 90),
      await heatPicture(image(224), heat, 90),
    ]) {
      const { width } = await sharp(bytes).metadata();
      expect(width).toBeLessThanOrEqual(90);
      expect(bytes.length).toBeLessThan(40_000);
    }
  });

  it('with heat are brighter where it is hot, also in grey', async () => {
    const grey = { data: new Uint8Array(8 * 8 * 3).fill(128), width: 8, height: 8 };
    const heat = { data: new Uint8Array(64).map((_, i) => (i % 8 < 4 ? 0 : 255)), width: 8, height: 8 }; // prettier-ignore
    const { data, info } = await sharp(await heatPicture(grey, heat, 64)).greyscale().raw().toBuffer({ resolveWithObject: true }); // prettier-ignore
    const middle = (info.height / 2) * info.width * info.channels;
    expect(data[middle + (info.width - 4) * info.channels]!).toBeGreaterThan(data[middle + 4 * info.channels]! + 40); // prettier-ignore
  });
});
