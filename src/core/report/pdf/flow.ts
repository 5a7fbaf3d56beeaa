/**
 * Fills A4 pages from top to bottom: headings, text, facts, lists. Nothing is cut by the end of a page, and
 * everything is tagged as what it is.
 */
import { hairline, idColour, ink, inkMuted } from '../tokens.ts';
import { Fonts, type FontName } from './fonts.ts';
import { CONTENT_WIDTH, MEASURE, PAGE } from './grid.ts';
import { breakInline, type Inline, type Piece } from './inline.ts';
import { breakLines } from './line-breaking.ts';
import { References } from './references.ts';
import { Tags, type Element } from './tags.ts';

export interface TextStyle {
  readonly font?: FontName;
  readonly size?: number;
  readonly colour?: string;
  readonly align?: 'left' | 'right' | 'center';
}

export interface ParagraphStyle extends TextStyle {
  readonly width?: number;
  readonly left?: number;
  /** Structure type; `P` when not given. */
  readonly tag?: string;
  readonly leading?: number;
}

const LEADING = 1.45;

export class Flow {
  readonly doc: PDFKit.PDFDocument;
  readonly fonts: Fonts;
  readonly tags: Tags;
  readonly references: References;
  readonly left = PAGE.margin;
  readonly width = CONTENT_WIDTH;
  /** Where the next thing begins. */
  y: number = PAGE.top;
  /** Page that is being filled, from 0. */
  page = 0;
  private readonly postponed: { readonly page: number; readonly draw: () => void }[] = [];

  constructor(doc: PDFKit.PDFDocument) {
    this.doc = doc;
    this.fonts = new Fonts(doc);
    this.tags = new Tags(doc);
    this.references = new References(doc);
  }

  /** Points left on this page. */
  get room(): number {
    return PAGE.bottom - this.y;
  }

  newPage(): void {
    this.doc.addPage();
    this.page++;
    this.y = PAGE.top;
  }

  /** Goes to a new page unless `height` fits on this one, or the page is empty. */
  ensure(height: number): void {
    if (height > this.room && this.y > PAGE.top) this.newPage();
  }

  gap(points: number): void {
    if (this.y > PAGE.top) this.y += points;
  }

  /** What can be drawn only when the whole report is laid out: page numbers. Drawn on the page of now. */
  later(draw: () => void): void {
    this.postponed.push({ page: this.page, draw });
  }

  /** Draws what was postponed. */
  finish(): void {
    for (const { page, draw } of this.postponed) {
      this.doc.switchToPage(page);
      draw();
    }
    this.postponed.length = 0;
  }

  /** A heading inside a section. @param needs height of what must stay with it, in points */
  heading(title: string, needs = 60): void {
    this.ensure(Math.max(needs, 90) + 38);
    this.gap(16);
    this.references.bookmark(title, this.y);
    this.paragraph(title, { font: 'semibold', size: 11.5, tag: 'H3', width: this.width });
    this.gap(3);
  }

  /** Running text. Line breaks in it count as spaces. */
  paragraph(text: Inline, style: ParagraphStyle = {}): void {
    const { tag = 'P', left = this.left, width = MEASURE, size = 9 } = style;
    const element = this.tags.element(tag);
    const lines = this.inlineLines(text, width, style);
    const height = size * (style.leading ?? LEADING);
    // No single line at the foot or the head of a page.
    if (lines.length > 1) this.ensure(2 * height);
    for (const [i, line] of lines.entries()) {
      const alone = lines.length > 3 && i === lines.length - 2;
      this.ensure(alone ? 2 * height : height);
      this.pieces(element, tag, line, left, this.y, size);
      this.y += height;
    }
  }

  /** Text over the whole width. */
  text(text: Inline, style: TextStyle = {}): void {
    this.paragraph(text, { width: this.width, ...style });
  }

  /** Short explanation, in grey. */
  note(text: Inline): void {
    this.paragraph(text, { colour: inkMuted, size: 8.5 });
    this.gap(5);
  }

  /** Names on the left, what they are on the right; a value keeps its line breaks. */
  facts(
    facts: readonly (readonly [name: string, value: Inline])[],
    { font = 'regular', nameWidth = 132 }: { font?: FontName; nameWidth?: number } = {},
  ): void {
    const size = 8.5;
    const height = size * LEADING;
    const valueX = this.left + nameWidth + 8;
    const valueWidth = Math.min(this.width - nameWidth - 8, MEASURE);
    this.tags.begin('L');
    for (const [name, value] of facts) {
      const paragraphs = typeof value === 'string' ? splitParagraphs(value) : [value];
      const lines = paragraphs.flatMap((part) =>
        this.inlineLines(part, valueWidth, { size, font: fontOf(value, font) }),
      );
      const names = this.lines(name, nameWidth, { size });
      this.ensure(Math.max(names.length, Math.min(lines.length, 3)) * height);
      this.tags.begin('LI');
      const top = this.y;
      this.tags.leaf('Lbl', () => {
        for (const [i, line] of names.entries())
          this.line(line, this.left, top + i * height, nameWidth, { size, colour: inkMuted });
      });
      const body = this.tags.element('LBody');
      for (const line of lines) {
        this.ensure(height);
        this.pieces(body, 'LBody', line, valueX, this.y, size);
        this.y += height;
      }
      this.tags.end();
      this.y = Math.max(this.y, this.y > top ? top + names.length * height : this.y) + 2.5;
    }
    this.tags.end();
  }

  bullets(
    items: readonly Inline[],
    { size = 9, width = MEASURE, left = this.left, numbered = false } = {},
  ): void {
    const height = size * LEADING;
    const indent = numbered ? 18 : 12;
    this.tags.begin('L');
    for (const [i, item] of items.entries()) {
      const lines = this.inlineLines(item, width - indent, { size });
      this.ensure(Math.min(lines.length, 12) * height);
      this.tags.begin('LI');
      const top = this.y;
      this.tags.leaf('Lbl', () =>
        this.line(numbered ? String(i + 1) : '–', left, top, indent, {
          size,
          colour: inkMuted,
          ...(numbered ? { font: 'semibold' as const } : {}),
        }),
      );
      const body = this.tags.element('LBody');
      for (const line of lines) {
        this.ensure(height);
        this.pieces(body, 'LBody', line, left + indent, this.y, size);
        this.y += height;
      }
      this.tags.end();
      this.y += 3;
    }
    this.tags.end();
  }

  /** A line across the page. */
  rule(
    y = this.y,
    { weight = 0.5, colour = hairline, left = this.left, width = this.width } = {},
  ): void {
    this.tags.artifact(() => {
      this.doc
        .moveTo(left, y)
        .lineTo(left + width, y)
        .lineWidth(weight)
        .strokeColor(colour)
        .stroke();
    });
  }

  /** The lines that a text takes; what cannot be printed is escaped. */
  lines(text: string, width: number, { font = 'regular', size = 9 }: TextStyle): string[] {
    const printable = this.fonts.visible(text.replace(/\s*\n\s*/g, ' '));
    return breakLines(printable, width, (part) => this.fonts.width(part, font, size));
  }

  inlineLines(
    text: Inline,
    width: number,
    { font = 'regular', size = 9, colour = ink }: TextStyle,
  ): readonly (readonly Piece[])[] {
    const measure = (part: string, name: FontName): number => this.fonts.width(part, name, size);
    return breakInline(text, width, {
      font,
      colour,
      visible: (part) => this.fonts.visible(part),
      measure,
      cut: (word, name) => breakLines(word, width, (part) => measure(part, name)),
    });
  }

  /** Draws a line of pieces into an element of the structure; links become links. */
  pieces(
    element: Element,
    type: string,
    pieces: readonly Piece[],
    x: number,
    y: number,
    size: number,
  ): void {
    for (const { text, font, colour, to, x: offset, width } of pieces) {
      const draw = (shade: string) => () =>
        this.line(text, x + offset, y, width, { font, size, colour: shade });
      if (to === undefined) this.tags.fill(element, type, draw(colour));
      else
        this.tags.link(
          element,
          [x + offset, y - 1, width, size * 1.35],
          to,
          draw(colour === ink ? idColour : colour),
        );
    }
  }

  /** One line of printable text within `width`, from (x, y), its upper left corner. Not tagged. */
  line(
    text: string,
    x: number,
    y: number,
    width: number,
    { font = 'regular', size = 9, colour = ink, align = 'left' }: TextStyle = {},
  ): void {
    const free = align === 'left' ? 0 : width - this.fonts.width(text, font, size);
    let at = x + (align === 'right' ? free : align === 'center' ? free / 2 : 0);
    const baseline = y + size * ASCENT;
    for (const run of this.fonts.runs(text, font)) {
      this.fonts.use(run.font);
      this.doc.fontSize(size).fillColor(colour);
      this.doc.text(run.text, at, baseline, {
        lineBreak: false,
        baseline: 'alphabetic',
      });
      at += this.doc.widthOfString(run.text);
    }
  }
}

/** Inter's, above the baseline; every script sits on the same baseline. */
const ASCENT = 0.97;

const splitParagraphs = (text: string): string[] => {
  const parts = text.split('\n').filter((part) => part.trim() !== '');
  return parts.length > 0 ? parts : [''];
};

/** Printed where people left a blank. */
export const NOT_SUPPLIED = 'not supplied';
const fontOf = (value: Inline, font: FontName): FontName =>
  value === NOT_SUPPLIED ? 'regular' : font;
