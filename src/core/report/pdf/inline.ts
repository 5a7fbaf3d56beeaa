/** Running text with parts of its own: words in bold, links to other places of the report. */
import { ink } from '../tokens.ts';
import type { FontName } from './fonts.ts';

export interface Span {
  readonly text: string;
  readonly font?: FontName;
  readonly colour?: string;
  /** Name of a place in the document. */
  readonly to?: string;
}

/** Text or several parts of it. Plain text is never read as markup: it may come from a user. */
export type Inline = string | readonly (string | Span)[];

/** Piece of a line, at its place. */
export interface Piece extends Span {
  readonly font: FontName;
  readonly colour: string;
  readonly x: number;
  readonly width: number;
}

export interface InlineStyle {
  readonly font: FontName;
  readonly colour?: string;
  /** What is printed of a text, see `Fonts.visible`. */
  readonly visible: (text: string) => string;
  readonly measure: (text: string, font: FontName) => number;
  /** Breaks a word that is wider than a line. */
  readonly cut: (word: string, font: FontName) => readonly string[];
}

interface Word {
  readonly span: Required<Omit<Span, 'to' | 'text'>> & { readonly to: string | undefined };
  readonly text: string;
}

/** Breaks parts of text into lines no wider than `width`. */
export function breakInline(
  text: Inline,
  width: number,
  { font, colour = ink, visible, measure, cut }: InlineStyle,
): readonly (readonly Piece[])[] {
  const parts = (typeof text === 'string' ? [text] : text).map((part): Span =>
    typeof part === 'string' ? { text: part } : part,
  );
  const words = parts.flatMap((part): Word[] => {
    const span = { font: part.font ?? font, colour: part.colour ?? colour, to: part.to };
    const printable = visible(part.text.replace(/\s*\n\s*/g, ' '));
    return printable
      .split(/(?<= )/)
      .filter((word) => word !== '')
      .flatMap((word) =>
        measure(word.trimEnd(), span.font) <= width
          ? [{ span, text: word }]
          : cut(word, span.font).map((piece) => ({ span, text: piece })),
      );
  });
  const lines: Piece[][] = [[]];
  let x = 0;
  for (const [i, { span, text: word }] of words.entries()) {
    const trimmed = word.trimEnd();
    // A word may go on in the next part (a comma after a link): they are not parted.
    const end = x + measure(trimmed, span.font) + glued(words, i, measure);
    if (x > 0 && end > width && startsWord(words, i)) {
      lines.push([]);
      x = 0;
    }
    const line = lines.at(-1)!;
    const advance = measure(word, span.font);
    const last = line.at(-1);
    if (last && last.font === span.font && last.colour === span.colour && last.to === span.to)
      line[line.length - 1] = { ...last, text: last.text + word, width: last.width + advance };
    else
      line.push({
        font: span.font,
        colour: span.colour,
        ...toOf(span.to),
        text: word,
        x,
        width: advance,
      });
    x += advance;
  }
  return lines;
}

const toOf = (to: string | undefined) => (to === undefined ? {} : { to });

const startsWord = (words: readonly Word[], i: number): boolean =>
  i === 0 || words[i - 1]!.text.endsWith(' ') || words[i]!.span === words[i - 1]!.span;

/** Width of what follows without a space. */
function glued(
  words: readonly Word[],
  i: number,
  measure: (text: string, font: FontName) => number,
): number {
  const next = words[i + 1];
  if (!next || words[i]!.text.endsWith(' ') || next.span === words[i]!.span) return 0;
  return measure(next.text.trimEnd(), next.span.font);
}
