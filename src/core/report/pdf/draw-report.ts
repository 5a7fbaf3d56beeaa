/** The report as a PDF: sections in order, then page numbers. */
import PDFDocument from 'pdfkit';
import type { AuditWithImages } from '../audit.ts';
import { PhaseReporter, type ProgressListener } from '../../progress.ts';
import {
  limitationsSection,
  protocolSection,
  reproducibilitySection,
  suppliedSection,
} from '../sections/closing.ts';
import { contextOf, type ReportContext, type Thumbnails } from '../sections/context.ts';
import { dataSection } from '../sections/data.ts';
import { distributionsSection } from '../sections/distributions.ts';
import { gallerySection } from '../sections/galleries.ts';
import { operatingPointSection } from '../sections/operating-point.ts';
import { resultsSection } from '../sections/results.ts';
import { trainingSection } from '../sections/training.ts';
import { verdictSection } from '../sections/verdict.ts';
import { inkMuted } from '../tokens.ts';
import { Flow, PAGE } from './flow.ts';

const SECTIONS: readonly ((context: ReportContext) => void | Promise<void>)[] = [
  verdictSection,
  resultsSection,
  distributionsSection,
  operatingPointSection,
  gallerySection,
  dataSection,
  trainingSection,
  protocolSection,
  limitationsSection,
  reproducibilitySection,
  suppliedSection,
];

/** @returns the bytes of the PDF; the same for the same audit and thumbnails */
export async function drawReport(
  result: AuditWithImages,
  thumbnails: Thumbnails,
  onProgress?: ProgressListener,
): Promise<Uint8Array> {
  const { audit } = result;
  const doc = new PDFDocument({
    size: 'A4',
    margin: 0,
    bufferPages: true,
    lang: 'en',
    displayTitle: true,
    info: {
      Title: `${audit.title}: Straylight audit report`,
      Author: 'not supplied',
      Creator: `Straylight ${audit.environment.app}`,
      Producer: `Straylight ${audit.environment.app}`,
      // Dates decide the file's identifier too, so the same audit gives the same bytes.
      CreationDate: new Date(audit.createdAt),
      ModDate: new Date(audit.createdAt),
    },
  });
  const finished = collect(doc);
  const flow = new Flow(doc);
  const context = contextOf(flow, result, thumbnails);
  const reporter = new PhaseReporter({
    phase: 'Write report',
    total: SECTIONS.length,
    unit: 'pages',
    from: 0,
    to: 1,
    listener: onProgress,
  });
  for (const [i, section] of SECTIONS.entries()) {
    await section(context);
    reporter.report(i + 1);
  }
  numberPages(flow, audit.title);
  doc.end();
  return finished;
}

function numberPages(flow: Flow, title: string): void {
  const { start, count } = flow.doc.bufferedPageRange();
  const style = { size: 7.5, colour: inkMuted } as const;
  const [shown = ''] = flow.lines(title, flow.width - 120, style);
  for (let i = 0; i < count; i++) {
    flow.doc.switchToPage(start + i);
    const y = PAGE.height - 36;
    flow.line(shown, flow.left, y, flow.width, style);
    flow.line(`Page ${i + 1} of ${count}`, flow.left, y, flow.width, { ...style, align: 'right' });
  }
}

function collect(doc: PDFKit.PDFDocument): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const chunks: Uint8Array[] = [];
    doc.on('data', (chunk: Uint8Array) => chunks.push(chunk));
    doc.on('end', () => resolve(Buffer.concat(chunks)));
    doc.on('error', reject);
  });
}
