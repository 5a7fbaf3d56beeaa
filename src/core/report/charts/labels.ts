/** Names in charts: as much as fits, both ends kept. */

/** Mean advance of Inter, in parts of the size. */
const LATIN = 0.55;
const WIDE = 1.02;

const advance = (character: string): number => (character.codePointAt(0)! >= 0x2e80 ? WIDE : LATIN);

/** About how wide a text is, in points. Charts are drawn without fonts at hand. */
export const roughWidth = (text: string, size: number): number =>
  Array.from(text).reduce((sum, character) => sum + advance(character), 0) * size;

/** Keeps both ends of a long name. @param most characters */
export function shortened(name: string, most: number): string {
  const characters = Array.from(name);
  if (characters.length <= most) return name;
  const head = characters.slice(0, Math.ceil(most / 2) - 1).join('');
  return `${head}…${characters.slice(-Math.floor(most / 2)).join('')}`;
}

/** Keeps both ends of a name that is wider than `width` points. */
export function fitted(name: string, width: number, size: number): string {
  let most = Array.from(name).length;
  let text = name;
  while (most > 2 && roughWidth(text, size) > width) text = shortened(name, --most);
  return text;
}
