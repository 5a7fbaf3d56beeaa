/** The built window's files, by their address. */
import { readdirSync, statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { extname, join } from 'node:path';

export interface PageFile {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly type: string;
}

/** Answers addresses such as `/` and `/assets/index-3f2a.js`; null for anything that was not built. */
export type PageFiles = (pathname: string) => Promise<PageFile | null>;

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.woff': 'font/woff',
  '.txt': 'text/plain; charset=utf-8',
};

/**
 * Lists the folder once. A request is answered from this list by exact name and never joined to a path, so there is
 * nothing to traverse. Source maps and unknown types are left out.
 * @param folder of the built renderer, with `index.html`
 */
export function pageFiles(folder: string): PageFiles {
  const files = new Map<string, string>();
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const file = join(entry.parentPath, entry.name);
    if (!entry.isFile() || !(extname(entry.name) in TYPES)) continue;
    files.set(file.slice(folder.length).replaceAll('\\', '/'), file);
  }
  const index = files.get('/index.html');
  if (index) files.set('/', index);
  return async (pathname) => {
    const file = files.get(pathname);
    if (file === undefined) return null;
    return { bytes: new Uint8Array(await readFile(file)), type: TYPES[extname(file)]! };
  };
}

/** Whether there is a built window in the folder. */
export const hasPage = (folder: string): boolean =>
  statSync(join(folder, 'index.html'), { throwIfNoEntry: false })?.isFile() ?? false;
