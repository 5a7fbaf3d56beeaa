/**
 * Text from outside (file names, class names, licence texts) made safe to print: what cannot be seen, what
 * changes the order of what can be seen, and what the fonts lack is written as `\u{202E}`.
 */

/** Control, format (bidi overrides, zero width), surrogate, private, unassigned; separators other than a space; lone marks. */
const unseen = /[\p{C}\p{Zl}\p{Zp}\p{M}]|(?! )\p{Zs}/u;

/** Text for one line. */
export interface VisibleText {
  readonly text: string;
  /** Characters that are written as an escape. */
  readonly escaped: number;
}

const escapeOf = (character: string): string =>
  `\\u{${character.codePointAt(0)!.toString(16).toUpperCase()}}`;

/**
 * One line of visible text. A backslash that would itself read as an escape is escaped as well, so that the
 * printed form has one meaning only. Composed to NFC first, so that an accent stays on its letter.
 * @param canShow whether the fonts have a glyph for a code point
 */
export function visibleText(text: string, canShow: (codePoint: number) => boolean): VisibleText {
  let escaped = 0;
  let shown = '';
  const composed = text.normalize('NFC');
  let index = 0;
  for (const character of composed) {
    index += character.length;
    const ambiguous = character === '\\' && composed.startsWith('u{', index);
    if (ambiguous || unseen.test(character) || !canShow(character.codePointAt(0)!)) {
      escaped++;
      shown += escapeOf(character);
    } else {
      shown += character;
    }
  }
  return { text: shown, escaped };
}
