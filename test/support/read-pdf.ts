/** Reads a PDF with a reader that is not ours: text with positions, structure, bookmarks, links. */
import { inflateSync } from 'node:zlib';
import { getDocument } from 'pdfjs-dist/legacy/build/pdf.mjs';
import type { TextItem } from 'pdfjs-dist/types/src/display/api.js';

export interface PdfText {
  readonly text: string;
  /** Points from the lower left corner. */
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly upright: boolean;
}

export interface StructureNode {
  readonly role: string;
  readonly alt?: string;
  readonly children: readonly StructureNode[];
}

export interface PdfPage {
  readonly items: readonly PdfText[];
  /** In the order of the file, parts divided by one space. */
  readonly text: string;
  readonly structure: StructureNode | null;
  /** Names of places that links of the page lead to. */
  readonly links: readonly string[];
}

export interface PdfFile {
  readonly pages: readonly PdfPage[];
  readonly text: string;
  readonly info: Readonly<Record<string, unknown>>;
  readonly language: string | null;
  readonly bookmarks: readonly { readonly title: string; readonly level: number; readonly page: number }[]; // prettier-ignore
  /** Page of a named place, from 0; null when there is no such place. */
  readonly places: ReadonlyMap<string, number | null>;
}

interface RawNode {
  readonly role?: string;
  readonly alt?: string;
  readonly children?: readonly RawNode[];
}

const nodeOf = ({ role = '', alt, children = [] }: RawNode): StructureNode => ({
  role,
  ...(alt === undefined ? {} : { alt }),
  children: children.filter((child) => child.role !== undefined).map(nodeOf),
});

export async function readPdf(bytes: Uint8Array): Promise<PdfFile> {
  const task = getDocument({ data: new Uint8Array(bytes), verbosity: 0 });
  const document = await task.promise;
  const places = new Map<string, number | null>();
  const pageOf = async (dest: unknown): Promise<number | null> => {
    const target = typeof dest === 'string' ? await document.getDestination(dest) : (dest as unknown[] | null); // prettier-ignore
    return target ? await document.getPageIndex(target[0] as never) : null;
  };
  const pages: PdfPage[] = [];
  for (let number = 1; number <= document.numPages; number++) {
    const page = await document.getPage(number);
    const content = await page.getTextContent({ disableNormalization: true });
    const items = content.items
      .filter((item): item is TextItem => 'str' in item && item.str.trim() !== '')
      .map(({ str, transform, width }): PdfText => {
        const [, b, , , x, y] = transform as [number, number, number, number, number, number];
        return { text: str, x, y, width, upright: b === 0 };
      });
    const annotations = (await page.getAnnotations()) as { subtype: string; dest?: unknown }[];
    const links = annotations.flatMap(({ subtype, dest }) => (subtype === 'Link' && typeof dest === 'string' ? [dest] : [])); // prettier-ignore
    for (const link of links) if (!places.has(link)) places.set(link, await pageOf(link));
    const tree = (await page.getStructTree()) as RawNode | null;
    pages.push({
      items,
      text: joined(items),
      structure: tree ? nodeOf(tree) : null,
      links,
    });
  }
  const bookmarks: { title: string; level: number; page: number }[] = [];
  const walk = async (entries: Awaited<ReturnType<typeof document.getOutline>>, level: number) => {
    for (const { title, dest, items } of entries) {
      bookmarks.push({ title, level, page: (await pageOf(dest)) ?? -1 });
      await walk(items as typeof entries, level + 1);
    }
  };
  await walk(await document.getOutline(), 1);
  const { info } = (await document.getMetadata()) as { info: Record<string, unknown> };
  await task.destroy();
  const raw = Buffer.from(bytes).toString('latin1');
  return {
    pages,
    text: pages.map(({ text }) => text).join('\n'),
    info,
    language: /\/Lang \(([^)]*)\)/.exec(raw)?.[1] ?? null,
    bookmarks,
    places,
  };
}

/** One space between parts, none where a line goes on in another font. */
function joined(items: readonly PdfText[]): string {
  let text = '';
  for (const [i, item] of items.entries()) {
    const last = items[i - 1];
    const goesOn = last && Math.abs(last.y - item.y) < 0.1 && Math.abs(last.x + last.width - item.x) < 0.3; // prettier-ignore
    text += goesOn ? item.text : ` ${item.text.trimStart()}`;
  }
  return text.replace(/\s+/g, ' ').trim();
}

/** All nodes of a structure tree, in order. */
export const nodesOf = (node: StructureNode | null): readonly StructureNode[] =>
  node ? [node, ...node.children.flatMap(nodesOf)] : [];

/** The unpacked content streams of pages, in the order of the file. */
export function contentStreams(bytes: Uint8Array): string[] {
  const raw = Buffer.from(bytes).toString('latin1');
  return [...raw.matchAll(/\/Filter \/FlateDecode\r?\n>>\r?\nstream\r?\n([\s\S]*?)\r?\nendstream/g)]
    .map(([, body]) => {
      try {
        return inflateSync(Buffer.from(body!, 'latin1')).toString('latin1');
      } catch {
        return '';
      }
    })
    .filter((stream) => /\bBDC\b/.test(stream));
}
