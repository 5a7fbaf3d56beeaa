/** Fills A4 pages from top to bottom: headings, text, facts, charts. Nothing is cut by the end of a page. */
import SVGtoPDF from 'svg-to-pdfkit';
import type { Chart } from '../charts/svg.ts';
import { hairline, ink, inkMuted } from '../tokens.ts';
import { chartFont, featuresOf, Fonts, type FontName } from './fonts.ts';
import { breakLines } from './line-breaking.ts';

export interface TextStyle {
  readonly font?: FontName;
  readonly size?: number;
  readonly colour?: string;
  readonly align?: 'left' | 'right' | 'center';
}

/** Distances in points. */
export const PAGE = { width: 595.28, height: 841.89, margin: 48, top: 54, bottom: 786 } as const;
const CONTENT_WIDTH = PAGE.width - 2 * PAGE.margin;
const LEADING = 1.42;

export class Flow {
  readonly doc: PDFKit.PDFDocument;
  readonly fonts: Fonts;
  readonly left = PAGE.margin;
  readonly width = CONTENT_WIDTH;
  /** Where the next thing begins. */
  y: number = PAGE.top;

  constructor(doc: PDFKit.PDFDocument) {
    this.doc = doc;
    this.fonts = new Fonts(doc);
  }

  /** Points left on this page. */
  get room(): number {
    return PAGE.bottom - this.y;
  }

  newPage(): void {
    this.doc.addPage();
    this.y = PAGE.top;
  }

  /** Goes to a new page unless `height` fits on this one. */
  ensure(height: number): void {
    if (height > this.room) this.newPage();
  }

  gap(points: number): void {
    this.y += points;
  }

  /**
   * A chapter with a bookmark; on a new page unless there is room for its beginning.
   * @param needs height of what must stay with the title, in points
   */
  chapter(title: string, needs = (PAGE.bottom - PAGE.top) / 2): void {
    if (this.room < needs) this.newPage();
    else this.gap(28);
    this.doc.outline.addItem(title);
    this.text(title, { font: 'semibold', size: 17 });
    this.gap(8);
  }

  /** @param needs height of what must stay with the heading, in points */
  heading(title: string, needs = 60): void {
    this.ensure(needs + 34);
    this.gap(12);
    this.text(title, { font: 'semibold', size: 11 });
    this.gap(4);
  }

  /** Text over the whole width. @param text one paragraph; line breaks count as spaces */
  text(text: string, style: TextStyle = {}): void {
    const size = style.size ?? 9;
    for (const line of this.lines(text, this.width, style)) {
      this.ensure(size * LEADING);
      this.line(line, this.left, this.y, this.width, style);
      this.y += size * LEADING;
    }
  }

  /** Short explanation below a heading, in grey. */
  note(text: string): void {
    this.text(text, { colour: inkMuted, size: 8.5 });
    this.gap(4);
  }

  /** Names on the left, what they are on the right; a value keeps its line breaks. */
  facts(
    facts: readonly (readonly [name: string, value: string])[],
    font: FontName = 'regular',
  ): void {
    const nameWidth = 128;
    const size = 8.5;
    for (const [name, value] of facts) {
      const valueWidth = this.width - nameWidth - 8;
      const lines = value
        .split('\n')
        .filter((part) => part.trim() !== '')
        .flatMap((part) => this.lines(part, valueWidth, { size, font }));
      this.ensure(Math.min(lines.length, 3) * size * LEADING);
      this.line(this.fonts.visible(name), this.left, this.y, nameWidth, { size, colour: inkMuted });
      for (const line of lines) {
        this.ensure(size * LEADING);
        this.line(line, this.left + nameWidth + 8, this.y, valueWidth, { size, font });
        this.y += size * LEADING;
      }
      this.y += 2;
    }
  }

  bullets(items: readonly string[]): void {
    const size = 9;
    for (const item of items) {
      const lines = this.lines(item, this.width - 12, { size });
      this.ensure(lines.length * size * LEADING);
      this.line('–', this.left, this.y, 12, { size, colour: inkMuted });
      for (const line of lines) {
        this.line(line, this.left + 12, this.y, this.width - 12, { size });
        this.y += size * LEADING;
      }
      this.y += 3;
    }
  }

  chart({ svg, width, height }: Chart): void {
    this.ensure(height);
    SVGtoPDF(this.doc, svg, this.left, this.y, {
      width,
      height,
      assumePt: true,
      fontCallback: (_family, bold) => chartFont(bold),
    });
    this.y += height + 4;
  }

  rule(): void {
    this.doc
      .moveTo(this.left, this.y)
      .lineTo(this.left + this.width, this.y)
      .lineWidth(0.5)
      .strokeColor(hairline)
      .stroke();
  }

  /** The lines that a text takes; what cannot be printed is escaped. */
  lines(text: string, width: number, { font = 'regular', size = 9 }: TextStyle): string[] {
    const printable = this.fonts.visible(text.replace(/\s*\n\s*/g, ' '));
    return breakLines(printable, width, (part) => this.fonts.width(part, font, size));
  }

  /** One line of printable text within `width`, from (x, y), its upper left corner. */
  line(
    text: string,
    x: number,
    y: number,
    width: number,
    { font = 'regular', size = 9, colour = ink, align = 'left' }: TextStyle,
  ): void {
    const free = width - this.fonts.width(text, font, size);
    let at = x + (align === 'right' ? free : align === 'center' ? free / 2 : 0);
    const options = featuresOf(text);
    for (const run of this.fonts.runs(text, font)) {
      this.doc.font(run.font).fontSize(size).fillColor(colour);
      this.doc.text(run.text, at, y, { lineBreak: false, ...options });
      at += this.doc.widthOfString(run.text, options);
    }
  }
}
