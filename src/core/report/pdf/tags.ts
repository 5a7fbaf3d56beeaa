/**
 * The structure tree of a tagged PDF: what is a heading, a table, a figure with its alternative text, and what is
 * decoration (an artifact), so that a screen reader and a text extractor read the report in its order.
 */

export type Element = PDFKit.PDFStructureElement;

export interface TagOptions {
  /** Alternative text of a figure. */
  readonly alt?: string;
  /** Of a table's header cell. */
  readonly scope?: 'Column' | 'Row';
  /** Left, top, right, bottom in points from the upper left corner: where a figure lies. */
  readonly bbox?: readonly [number, number, number, number];
}

/** x, y, width, height in points from the upper left corner of the page. */
export type Box = readonly [x: number, y: number, width: number, height: number];

export class Tags {
  private readonly doc: PDFKit.PDFDocument;
  private readonly open: Element[] = [];

  constructor(doc: PDFKit.PDFDocument) {
    this.doc = doc;
    const root = doc.struct('Document');
    doc.addStructure(root);
    this.open.push(root);
  }

  /** Opens an element; what follows lies in it until {@link end}. */
  begin(type: string, options: TagOptions = {}): void {
    this.open.push(this.element(type, options));
  }

  end(): void {
    if (this.open.length < 2) throw new Error('No structure element is open.');
    this.open.pop();
  }

  /** An element around what `body` draws. */
  within(type: string, body: () => void, options: TagOptions = {}): void {
    this.begin(type, options);
    body();
    this.end();
  }

  /** An element for content; see {@link fill}. @param parent the innermost open element when not given */
  element(type: string, options: TagOptions = {}, parent: Element = this.open.at(-1)!): Element {
    const element = this.doc.struct(type, options);
    parent.add(element);
    return element;
  }

  /** Draws content of an element on the current page. An element may hold content of several pages. */
  fill(element: Element, type: string, draw: () => void): void {
    const marked = this.doc.markStructureContent(type);
    draw();
    this.doc.endMarkedContent();
    element.add(marked);
  }

  /** An element that lies on one page. */
  leaf(type: string, draw: () => void, options: TagOptions = {}): void {
    this.fill(this.element(type, options), type, draw);
  }

  /** Content that says nothing: rules, tints, running heads, repeated table heads. */
  artifact(draw: () => void, type: 'Layout' | 'Pagination' = 'Layout'): void {
    this.doc.markContent('Artifact', { type });
    draw();
    this.doc.endMarkedContent();
  }

  /** A link to a place in this document. @param parent the paragraph or cell that it is a part of */
  link(parent: Element, [x, y, width, height]: Box, to: string, draw: () => void): void {
    const element = this.element('Link', {}, parent);
    this.fill(element, 'Link', draw);
    this.doc.goTo(x, y, width, height, to, {
      structParent: element,
    } as PDFKit.Mixins.AnnotationOption);
    // Ended here and not with the document: pdfkit notes the page that is current at the end of an element.
    element.end();
  }
}
