const quote = 0x22;
const backslash = 0x5c;

/**
 * Finds a key that occurs twice in one object. `JSON.parse` keeps the last of them in silence, so
 * two readers of the same file could disagree about what it says.
 * @param text JSON that `JSON.parse` has accepted
 * @returns the first such key (unescaped), or null
 */
export function duplicateKey(text: string): string | null {
  // One set of keys per open object; null stands for an open array.
  const open: (Set<string> | null)[] = [];
  for (let i = 0; i < text.length; i++) {
    const char = text[i];
    if (char === '{') open.push(new Set());
    else if (char === '[') open.push(null);
    else if (char === '}' || char === ']') open.pop();
    else if (char === '"') {
      const end = closingQuote(text, i);
      const keys = open.at(-1);
      if (keys && isKey(text, end)) {
        const key = JSON.parse(text.slice(i, end + 1)) as string;
        if (keys.has(key)) return key;
        keys.add(key);
      }
      i = end;
    }
  }
  return null;
}

function closingQuote(text: string, openingQuote: number): number {
  let i = openingQuote + 1;
  while (text.charCodeAt(i) !== quote) i += text.charCodeAt(i) === backslash ? 2 : 1;
  return i;
}

function isKey(text: string, closing: number): boolean {
  let i = closing + 1;
  while (' \t\n\r'.includes(text[i] ?? '"')) i++;
  return text[i] === ':';
}
