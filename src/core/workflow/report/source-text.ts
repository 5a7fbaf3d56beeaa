/** What a file beside a set's images says of where they are from. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';

const SOURCE_FILES = [
  'SOURCES.md',
  'SOURCE.md',
  'README.md',
  'LICENSE',
  'LICENSE.txt',
  'LICENSE.md',
];
const SOURCE_CHARACTERS = 1200;

/** What a file beside the images says of their origin; '' when there is none. */
export async function sourceText(root: string): Promise<string> {
  for (const name of SOURCE_FILES) {
    try {
      const text = await readFile(path.join(root, name), 'utf8');
      return text.length > SOURCE_CHARACTERS ? `${text.slice(0, SOURCE_CHARACTERS)}…` : text.trim();
    } catch {
      continue;
    }
  }
  return '';
}
