declare module 'svg-to-pdfkit' {
  /** Draws an SVG into a pdfkit document at (x, y). */
  export default function SVGtoPDF(
    doc: PDFKit.PDFDocument,
    svg: string,
    x: number,
    y: number,
    options?: {
      readonly width?: number;
      readonly height?: number;
      readonly assumePt?: boolean;
      /** Name of a registered font. */
      readonly fontCallback?: (family: string, bold: boolean, italic: boolean) => string;
    },
  ): void;
}
