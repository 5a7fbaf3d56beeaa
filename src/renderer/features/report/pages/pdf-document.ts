/** A PDF as the screen needs it: page sizes, bookmarks, links, and pages drawn onto canvases. */
import type { PDFDocumentProxy, PDFPageProxy } from 'pdfjs-dist';

/** At 100% zoom one point is one CSS pixel and a third, as in every viewer. */
export const PIXELS_PER_POINT = 96 / 72;
/** Chromium draws nothing on larger canvases. */
const MOST_PIXELS = 32_000_000;

/** In points. */
export interface PageSize {
  readonly width: number;
  readonly height: number;
}
export interface Bookmark {
  readonly title: string;
  /** From 0; null where it leads nowhere. */
  readonly page: number | null;
  readonly children: readonly Bookmark[];
}
/** In shares of the page, from its top left corner. */
export interface PageLink {
  readonly page: number;
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

export interface PdfDocument {
  readonly sizes: readonly PageSize[];
  readonly bookmarks: readonly Bookmark[];
  /** Draws a page of this many CSS pixels a point onto a new canvas. @throws when the signal fires */
  draw(page: number, scale: number, signal: AbortSignal): Promise<HTMLCanvasElement>;
  /** Lays selectable text over a page; sizes follow `--total-scale-factor` of the container. */
  layText(page: number, container: HTMLElement, signal: AbortSignal): Promise<void>;
  /** Links within the document. */
  links(page: number): Promise<readonly PageLink[]>;
  close(): void;
}

/** The library loads with the first PDF, not with the window. */
async function library() {
  const [pdfjs, { default: PdfWorker }] = await Promise.all([
    import('pdfjs-dist/legacy/build/pdf.mjs'),
    import('pdfjs-dist/legacy/build/pdf.worker.mjs?worker'),
  ]);
  pdfjs.GlobalWorkerOptions.workerPort ??= new PdfWorker();
  return pdfjs;
}

/** @param bytes are handed over to the worker and empty afterwards */
export async function openPdf(bytes: Uint8Array): Promise<PdfDocument> {
  const pdfjs = await library();
  const task = pdfjs.getDocument({
    data: bytes,
    // Everything that our reports need is in the file: nothing is fetched, nothing compiled.
    useWasm: false,
    useWorkerFetch: false,
    useSystemFonts: false,
    verbosity: pdfjs.VerbosityLevel.ERRORS,
  });
  const document = await task.promise;
  const pages = await Promise.all(
    Array.from({ length: document.numPages }, (_, at) => document.getPage(at + 1)),
  );
  return {
    sizes: pages.map((page) => {
      const { width, height } = page.getViewport({ scale: 1 });
      return { width, height };
    }),
    bookmarks: await bookmarksOf(document),
    draw: (at, scale, signal) => draw(pages[at]!, scale, signal),
    layText: async (at, container, signal) => {
      const page = pages[at]!;
      const layer = new pdfjs.TextLayer({
        textContentSource: page.streamTextContent(),
        container,
        viewport: page.getViewport({ scale: 1 }),
      });
      signal.addEventListener('abort', () => layer.cancel(), { once: true });
      await layer.render();
    },
    links: (at) => linksOf(document, pages[at]!),
    close: () => void task.destroy(),
  };
}

async function draw(
  page: PDFPageProxy,
  scale: number,
  signal: AbortSignal,
): Promise<HTMLCanvasElement> {
  const { width, height } = page.getViewport({ scale });
  const density = Math.min(window.devicePixelRatio, Math.sqrt(MOST_PIXELS / (width * height)));
  const viewport = page.getViewport({ scale: scale * density });
  const canvas = window.document.createElement('canvas');
  canvas.width = Math.floor(viewport.width);
  canvas.height = Math.floor(viewport.height);
  const task = page.render({ canvas, viewport });
  const stop = (): void => task.cancel();
  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted) stop();
  try {
    await task.promise;
  } finally {
    signal.removeEventListener('abort', stop);
  }
  return canvas;
}

type Outline = Awaited<ReturnType<PDFDocumentProxy['getOutline']>>;

async function bookmarksOf(document: PDFDocumentProxy): Promise<readonly Bookmark[]> {
  const follow = (items: Outline): Promise<readonly Bookmark[]> =>
    Promise.all(
      items.map(async ({ title, dest, items: children }) => ({
        title,
        page: await pageOf(document, dest),
        children: await follow(children as Outline),
      })),
    );
  // Null where there are none, whatever the types say.
  const items = (await document.getOutline()) as unknown;
  return Array.isArray(items) ? follow(items as Outline) : [];
}

/** @param target a name, or a page and a place on it */
async function pageOf(document: PDFDocumentProxy, target: unknown): Promise<number | null> {
  const place = typeof target === 'string' ? await document.getDestination(target) : target;
  const page: unknown = Array.isArray(place) ? place[0] : null;
  if (typeof page === 'number') return page;
  if (typeof page !== 'object' || page === null) return null;
  try {
    return await document.getPageIndex(page as Parameters<PDFDocumentProxy['getPageIndex']>[0]);
  } catch {
    return null;
  }
}

async function linksOf(
  document: PDFDocumentProxy,
  page: PDFPageProxy,
): Promise<readonly PageLink[]> {
  const { width, height, viewBox } = page.getViewport({ scale: 1 });
  const [left = 0, bottom = 0] = viewBox as readonly number[];
  const annotations = (await page.getAnnotations()) as readonly {
    readonly subtype: string;
    readonly dest?: unknown;
    readonly rect: readonly [number, number, number, number];
  }[];
  const found = await Promise.all(
    annotations.map(async ({ subtype, dest, rect: [x0, y0, x1, y1] }) => {
      const target = subtype === 'Link' && dest ? await pageOf(document, dest) : null;
      if (target === null) return [];
      return [
        {
          page: target,
          left: (x0 - left) / width,
          top: 1 - (y1 - bottom) / height,
          width: (x1 - x0) / width,
          height: (y1 - y0) / height,
        },
      ];
    }),
  );
  return found.flat();
}
