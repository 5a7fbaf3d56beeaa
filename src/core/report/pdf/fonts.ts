/**
 * Inter and JetBrains Mono, embedded. One file holds one script only, so a text is set in runs: each part in
 * the first font that has its characters.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { visibleText } from '../visible-text.ts';

export type FontName = 'regular' | 'semibold' | 'mono';

/** Part of a text in one font. */
export interface Run {
  /** Name under which the font is registered with the document. */
  readonly font: string;
  readonly text: string;
}

const require = createRequire(import.meta.url);
const scripts = ['latin', 'latin-ext', 'greek', 'cyrillic'];
const families: Readonly<Record<FontName, readonly string[]>> = {
  regular: scripts.map((script) => `inter-${script}-400`),
  semibold: scripts.map((script) => `inter-${script}-600`),
  mono: ['jetbrains-mono-latin-400', ...scripts.map((script) => `inter-${script}-400`)],
};

interface FontkitFont {
  hasGlyphForCodePoint(codePoint: number): boolean;
}

/** The fonts of one document. */
export class Fonts {
  private readonly doc: PDFKit.PDFDocument;
  private readonly coverage = new Map<string, FontkitFont>();
  private readonly widths = new Map<string, number>();

  /** Registers every font; only those that are used end up in the file. */
  constructor(doc: PDFKit.PDFDocument) {
    this.doc = doc;
    for (const name of new Set(Object.values(families).flat())) {
      doc.registerFont(name, fontFile(name));
      doc.font(name);
      // pdfkit keeps the fontkit font of the current font; its types do not tell.
      const current = doc as unknown as { readonly _font: { readonly font: FontkitFont } };
      this.coverage.set(name, current._font.font);
    }
  }

  /** What can be printed of a text: invisible or missing characters as escapes, on one line. */
  visible(text: string): string {
    const known = families.regular.map((name) => this.coverage.get(name)!);
    return visibleText(text, (codePoint) =>
      known.some((font) => font.hasGlyphForCodePoint(codePoint)),
    ).text;
  }

  /** @param text printable, see {@link visible} */
  runs(text: string, name: FontName): Run[] {
    const runs: { font: string; text: string }[] = [];
    for (const character of text) {
      const font = this.fontFor(character, name);
      const last = runs.at(-1);
      if (last?.font === font) last.text += character;
      else runs.push({ font, text: character });
    }
    return runs;
  }

  /** Width in points: the sum over its words, each measured once per document. */
  width(text: string, name: FontName, size: number): number {
    const options = featuresOf(text);
    let width = 0;
    for (const word of text.split(/(?<= )/)) width += this.wordWidth(word, name, options);
    return width * size;
  }

  /** Width at a size of 1 point. */
  private wordWidth(word: string, name: FontName, options: Features): number {
    const key = `${name}${options === TABULAR ? '#' : ' '}${word}`;
    let width = this.widths.get(key);
    if (width === undefined) {
      width = this.runs(word, name).reduce(
        (sum, run) => sum + this.doc.font(run.font).fontSize(1).widthOfString(run.text, options),
        0,
      );
      this.widths.set(key, width);
    }
    return width;
  }

  private fontFor(character: string, name: FontName): string {
    const candidates = families[name];
    const codePoint = character.codePointAt(0)!;
    return (
      candidates.find((font) => this.coverage.get(font)!.hasGlyphForCodePoint(codePoint)) ??
      candidates[0]!
    );
  }
}

/** OpenType features, as pdfkit takes them. */
interface Features {
  readonly features: PDFKit.Mixins.OpenTypeFeatures[];
}

// fontkit switches features on and off by name; pdfkit's types know lists of names only. Contextual alternates
// (calt) cost Inter most of the time that a page takes, and change arrows and the like only.
const features = (byName: Readonly<Record<string, boolean>>): Features => ({
  features: byName as unknown as PDFKit.Mixins.OpenTypeFeatures[],
});
const TABULAR = features({ tnum: true, calt: false });
const PROPORTIONAL = features({ calt: false });

/** Digits (and signs) of equal width in a text without letters, so that columns of numbers line up. */
export const featuresOf = (text: string): Features =>
  /\p{L}/u.test(text.replace(' to ', '')) ? PROPORTIONAL : TABULAR;

/** The font that charts are set in. */
export const chartFont = (bold: boolean): string => (bold ? 'inter-latin-600' : 'inter-latin-400');

function fontFile(name: string): Buffer {
  const family = name.startsWith('inter') ? 'inter' : 'jetbrains-mono';
  return readFileSync(require.resolve(`@fontsource/${family}/files/${name}-normal.woff`));
}
