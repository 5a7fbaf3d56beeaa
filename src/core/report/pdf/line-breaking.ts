/**
 * Breaks a text into lines that fit. Breaks at spaces; a word wider than a line (a path, a hash) is broken
 * after a separator where there is one, else anywhere.
 * @param width of the lines, in the units of `measure`
 */
export function breakLines(
  text: string,
  width: number,
  measure: (text: string) => number,
): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (measure(longer) <= width) {
      line = longer;
      continue;
    }
    if (line !== '') lines.push(line);
    const pieces = measure(word) <= width ? [word] : cutWord(word, width, measure);
    lines.push(...pieces.slice(0, -1));
    line = pieces.at(-1)!;
  }
  lines.push(line);
  return lines;
}

function cutWord(word: string, width: number, measure: (text: string) => number): string[] {
  const pieces: string[] = [];
  let rest = Array.from(word);
  while (rest.length > 0 && measure(rest.join('')) > width) {
    let fits = 1;
    while (fits < rest.length && measure(rest.slice(0, fits + 1).join('')) <= width) fits++;
    const separator = rest.slice(0, fits).findLastIndex((c) => '/\\-_.'.includes(c));
    const cut = separator > fits / 2 ? separator + 1 : fits;
    pieces.push(rest.slice(0, cut).join(''));
    rest = rest.slice(cut);
  }
  return rest.length > 0 ? [...pieces, rest.join('')] : pieces;
}
