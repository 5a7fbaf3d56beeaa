/** The report as a PDF: sections in order, contents, then what stands on every page. */
import PDFDocument from 'pdfkit';
import { PhaseReporter, type ProgressListener } from '../../progress.ts';
import type { Audit, ReportSeal } from '../audit.ts';
import { contentsPage } from '../sections/contents.ts';
import type { ReportContext, Thumbnails } from '../sections/context.ts';
import { SECTIONS } from '../sections/index.ts';
import { Flow } from './flow.ts';
import { drawRunningHeads } from './running-heads.ts';
import { sectionPlace } from './section.ts';

export interface DrawOptions {
  readonly thumbnails: Thumbnails;
  /** Hashes for the cover; none for a preview. */
  readonly seal?: ReportSeal | null;
  readonly onProgress?: ProgressListener | undefined;
}

/** The contents follow the verdict: who decides reads the first two pages. */
const BEFORE_CONTENTS = 2;

/** @returns the bytes of the PDF; the same for the same audit, thumbnails and seal */
export async function drawReport(
  audit: Audit,
  { thumbnails, seal = null, onProgress }: DrawOptions,
): Promise<Uint8Array> {
  const doc = newDocument(audit);
  const finished = collect(doc);
  const flow = new Flow(doc);
  const context: ReportContext = { flow, audit, thumbnails, seal };
  const reporter = new PhaseReporter({
    phase: 'Write report',
    total: SECTIONS.length,
    unit: 'steps',
    from: 0,
    to: 1,
    listener: onProgress,
  });
  for (const [i, section] of SECTIONS.entries()) {
    flow.tags.begin('Sect');
    await section.draw(context, section);
    flow.tags.end();
    if (section.number === BEFORE_CONTENTS) {
      flow.tags.within('Sect', () => contentsPage(flow, SECTIONS));
      flow.newPage();
    }
    reporter.report(i + 1);
  }
  flow.finish();
  drawRunningHeads(flow, {
    title: audit.title,
    reportId: audit.id,
    status: audit.cover.status,
    sections: sectionsByPage(flow),
  });
  doc.end();
  return finished;
}

function newDocument(audit: Audit): PDFKit.PDFDocument {
  const made = `Straylight ${audit.environment.app}`;
  return new PDFDocument({
    size: 'A4',
    margin: 0,
    bufferPages: true,
    pdfVersion: '1.7',
    tagged: true,
    lang: 'en',
    displayTitle: true,
    info: {
      Title: `${audit.title}: Straylight audit report`,
      Author: audit.cover.author ?? 'not supplied',
      Subject: 'Audit of out-of-distribution detection by energy scores',
      Creator: made,
      Producer: made,
      // Dates decide the file's identifier too, so the same audit gives the same bytes.
      CreationDate: new Date(audit.createdAt),
      ModDate: new Date(audit.createdAt),
    },
  });
}

/** Titles of the sections that begin on each page. */
function sectionsByPage(flow: Flow): ReadonlyMap<number, readonly string[]> {
  const pages = new Map<number, string[]>();
  const places = [
    { place: 'contents', title: 'Contents' },
    ...SECTIONS.map(({ number, title }) => ({ place: sectionPlace(number), title })),
  ];
  for (const { place, title } of places) {
    const page = flow.references.pageOf(place);
    if (page !== undefined) pages.set(page, [...(pages.get(page) ?? []), title]);
  }
  return pages;
}

function collect(doc: PDFKit.PDFDocument): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const chunks: Uint8Array[] = [];
    doc.on('data', (chunk: Uint8Array) => chunks.push(chunk));
    doc.on('end', () => resolve(Buffer.concat(chunks)));
    doc.on('error', reject);
  });
}
