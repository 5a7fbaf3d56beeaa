/**
 * Inter, JetBrains Mono and Noto Sans SC, embedded as subsets. One file holds one script only, so a text is set
 * in runs: each part in the first font that has its characters.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { visibleText } from '../visible-text.ts';
import { sfntOfWoff } from './woff.ts';

export type FontName = 'regular' | 'semibold' | 'mono';

/** Part of a text in one font. */
export interface Run {
  /** Name under which the font is registered with the document. */
  readonly font: string;
  readonly text: string;
}

const require = createRequire(import.meta.url);
const scripts = ['latin', 'latin-ext', 'greek', 'cyrillic'];
/** Chinese has one weight: 1.5 MB a weight, for names of files and classes only. */
const HAN = 'noto-sans-sc-400';
const MATH = ['inter-math-400', 'inter-math-600', 'noto-math-400'] as const;
const inter = (weight: 400 | 600): string[] => [
  ...scripts.map((script) => `inter-${script}-${weight}`),
  `inter-math-${weight}`,
  'noto-math-400',
  HAN,
];
const families: Readonly<Record<FontName, readonly string[]>> = {
  regular: inter(400),
  semibold: inter(600),
  mono: ['jetbrains-mono-latin-400', ...inter(400)],
};
/** In `resources/fonts`; the others come from npm. */
const OWN: readonly string[] = [HAN, ...MATH];

interface GlyphRun {
  readonly glyphs: unknown[];
  readonly positions: unknown[];
  readonly advanceWidth: number;
}

/** What is used of pdfkit's embedded fonts; its types do not tell. */
interface EmbeddedFont {
  readonly font: { hasGlyphForCodePoint(codePoint: number): boolean };
  layoutRun(text: string, features?: unknown): GlyphRun;
  layout: (text: string) => GlyphRun;
}

/** The fonts of one document. */
export class Fonts {
  private readonly doc: PDFKit.PDFDocument;
  private readonly loaded = new Map<string, EmbeddedFont>();
  private readonly widths = new Map<string, number>();
  private readonly chosen = new Map<string, string | null>();

  /** Fonts are read when they are needed first, and only their used glyphs end up in the file. */
  constructor(doc: PDFKit.PDFDocument) {
    this.doc = doc;
  }

  /** What can be printed of a text: invisible or missing characters as escapes, on one line. */
  visible(text: string): string {
    return visibleText(text, (codePoint) => this.fontOf(codePoint, 'regular') !== null).text;
  }

  /** @param text printable, see {@link visible} */
  runs(text: string, name: FontName): Run[] {
    const runs: { font: string; text: string }[] = [];
    for (const character of text) {
      const font = this.fontOf(character.codePointAt(0)!, name) ?? families[name][0]!;
      const last = runs.at(-1);
      if (last?.font === font) last.text += character;
      else runs.push({ font, text: character });
    }
    return runs;
  }

  /** Width in points: the sum over its words, each measured once per document. */
  width(text: string, name: FontName, size: number): number {
    let width = 0;
    for (const word of text.split(/(?<= )/)) width += this.wordWidth(word, name);
    return width * size;
  }

  /** Makes a registered font the document's current one. */
  use(name: string): void {
    if (this.loaded.has(name)) this.doc.font(name);
    else this.load(name);
  }

  /** Width at a size of 1 point. */
  private wordWidth(word: string, name: FontName): number {
    const key = `${name} ${word}`;
    let width = this.widths.get(key);
    if (width === undefined) {
      width = 0;
      for (const run of this.runs(word, name)) {
        this.use(run.font);
        width += this.doc.fontSize(1).widthOfString(run.text);
      }
      this.widths.set(key, width);
    }
    return width;
  }

  /** The first font of a family with this character, or null. */
  private fontOf(codePoint: number, name: FontName): string | null {
    const key = `${name}${codePoint}`;
    let font = this.chosen.get(key);
    if (font === undefined) {
      font =
        families[name].find((candidate) =>
          this.load(candidate).font.hasGlyphForCodePoint(codePoint),
        ) ?? null;
      this.chosen.set(key, font);
    }
    return font;
  }

  private load(name: string): EmbeddedFont {
    const known = this.loaded.get(name);
    if (known) return known;
    this.doc.registerFont(name, sfntOf(name));
    this.doc.font(name);
    const { _font: font } = this.doc as unknown as { readonly _font: EmbeddedFont };
    layOutWordsOnce(font);
    this.loaded.set(name, font);
    return font;
  }
}

const unpacked = new Map<string, Buffer>();

/** Unpacked once in a process. */
function sfntOf(name: string): Buffer {
  let font = unpacked.get(name);
  if (!font) {
    font = sfntOfWoff(readFileSync(fontFile(name)));
    unpacked.set(name, font);
  }
  return font;
}

/**
 * Words are shaped once: reports repeat most of them. Digits (and signs) of a word without letters have equal
 * width, so that columns of numbers line up.
 */
function layOutWordsOnce(font: EmbeddedFont): void {
  const known = new Map<string, GlyphRun>();
  const wordRun = (word: string): GlyphRun => {
    let run = known.get(word);
    if (!run) {
      run = font.layoutRun(word, /\p{L}/u.test(word) ? PROPORTIONAL : TABULAR);
      known.set(word, run);
    }
    return run;
  };
  font.layout = (text) => {
    const runs = text.split(/(?<= )/).map(wordRun);
    return {
      glyphs: runs.flatMap(({ glyphs }) => glyphs),
      positions: runs.flatMap(({ positions }) => positions),
      advanceWidth: runs.reduce((sum, { advanceWidth }) => sum + advanceWidth, 0),
    };
  };
}

// Contextual alternates (calt) cost Inter most of the time that a page takes, and change arrows and the like only.
const TABULAR = { tnum: true, calt: false };
const PROPORTIONAL = { calt: false };

/** The font that charts are set in. */
export const chartFont = (bold: boolean): string => (bold ? 'inter-latin-600' : 'inter-latin-400');

function fontFile(name: string): string {
  if (OWN.includes(name))
    return fileURLToPath(new URL(`../../../../resources/fonts/${name}.woff`, import.meta.url));
  const family = name.startsWith('inter') ? 'inter' : 'jetbrains-mono';
  return require.resolve(`@fontsource/${family}/files/${name}-normal.woff`);
}
