/** Names of places: bookmarks, targets of links, numbers of tables and figures, pages of sections. */
import { PAGE } from './grid.ts';

type Bookmark = ReturnType<PDFKit.PDFDocument['outline']['addItem']>;
/** pdfkit takes a place on the page; its types do not tell. */
type BookmarkOptions = Parameters<PDFKit.PDFDocument['outline']['addItem']>[1] & {
  readonly top: number;
  readonly left: number;
};

export type NumberedKind = 'Table' | 'Figure';

export interface Numbered {
  readonly kind: NumberedKind;
  readonly number: number;
  readonly caption: string;
  readonly place: string;
  /** From 0. */
  readonly page: number;
}

export class References {
  private readonly doc: PDFKit.PDFDocument;
  private section: Bookmark | null = null;
  private readonly pages = new Map<string, number>();
  private readonly counts: Record<NumberedKind, number> = { Table: 0, Figure: 0 };
  private readonly keys = new Map<string, Numbered>();
  readonly numbered: Numbered[] = [];

  constructor(doc: PDFKit.PDFDocument) {
    this.doc = doc;
  }

  /** A place that links can name. @param page from 0 */
  place(name: string, y: number, page: number): void {
    this.doc.addNamedDestination(name, 'XYZ', 0, Math.max(0, y - 12), null);
    this.pages.set(name, page);
  }

  /** Page of a place, from 0, once it is there. */
  pageOf(name: string): number | undefined {
    return this.pages.get(name);
  }

  /** A bookmark of the first level; those after it lie below it. */
  sectionBookmark(title: string, y: number): void {
    this.section = this.doc.outline.addItem(title, at(y));
  }

  bookmark(title: string, y: number): void {
    (this.section ?? this.doc.outline).addItem(title, at(y));
  }

  /** The next number of a kind. @param key for {@link find} */
  number(kind: NumberedKind, caption: string, y: number, page: number, key?: string): Numbered {
    const number = ++this.counts[kind];
    const place = `${kind.toLowerCase()}-${number}`;
    this.place(place, y, page);
    const entry = { kind, number, caption, place, page };
    this.numbered.push(entry);
    if (key !== undefined) this.keys.set(key, entry);
    return entry;
  }

  /** The number given last. */
  latest(kind: NumberedKind): number {
    return this.counts[kind];
  }

  /** A table or figure that was drawn under this key. */
  find(key: string): Numbered | undefined {
    return this.keys.get(key);
  }
}

// pdfkit counts `left` from the right edge.
const at = (y: number): BookmarkOptions => ({ top: Math.max(0, y - 12), left: PAGE.width });
