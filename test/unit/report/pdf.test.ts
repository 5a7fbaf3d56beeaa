/** What a reader of the PDF relies on, read back with pdf.js and, where they are, qpdf and poppler. */
import { execFileSync, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Audit } from '../../../src/core/report/audit.ts';
import { drawReport } from '../../../src/core/report/pdf/draw-report.ts';
import type { Thumbnail } from '../../../src/core/report/pdf/images.ts';
import type { FixtureOptions } from '../../support/audit-fixture.ts';
import { auditFixture } from '../../support/audit-fixture.ts';
import { fullAuditFixture } from '../../support/full-audit.ts';
import { temporaryFolder } from '../../support/image-folders.ts';
import { contentStreams, nodesOf, readPdf, type PdfFile } from '../../support/read-pdf.ts';

const seal = { jsonSha256: 'a1'.repeat(32), csvSha256: 'b2'.repeat(32), keyFingerprint: null };

/** A picture that depends on the name, so that swapped images would change the bytes. */
function picture(name: string): Thumbnail {
  const shade = Array.from(name).reduce((sum, c) => (sum * 31 + c.charCodeAt(0)) % 251, 7);
  return {
    data: new Uint8Array(8 * 8 * 3).map((_, i) => (shade + i * 3) % 256),
    width: 8,
    height: 8,
  };
}

const draw = (audit: Audit): Promise<Uint8Array> =>
  drawReport(audit, { thumbnails: (_, file) => Promise.resolve(picture(file)), seal });

async function full(options: FixtureOptions = {}) {
  const { audit } = await fullAuditFixture(options);
  const bytes = await draw(audit);
  return { audit, bytes, pdf: await readPdf(bytes) };
}

/** As the guide to the report asks: percentages with one decimal. */
const percent = (rate: number): string => `${(rate * 100).toFixed(1)}%`;
const interval = ({ low, high }: { low: number; high: number }): string =>
  `${(low * 100).toFixed(1)} to ${(high * 100).toFixed(1)}`;
const signed = (value: number): string => {
  const text = Math.abs(value * 100).toFixed(1);
  return Number(text) === 0 ? text : `${value < 0 ? '−' : '+'}${text}`;
};

let audit: Audit;
let bytes: Uint8Array;
let pdf: PdfFile;
beforeAll(async () => {
  ({ audit, bytes, pdf } = await full());
});

describe('the numbers of the PDF are those of report.json', () => {
  it('every metric of every set under every model, with its interval', () => {
    for (const model of audit.models)
      for (const m of model.scores[0]!.perSet) {
        const row = [
          m.dataset,
          `${audit.idDataset.splits.test} : ${m.n}`,
          percent(m.fpr95.value),
          interval(m.fpr95),
          percent(m.fpr95OodPositive),
          percent(m.auroc.value),
          interval(m.auroc),
          percent(m.auprIn),
          percent(m.auprOut),
          percent(m.detectionError),
        ].join(' ');
        expect(pdf.text).toContain(row);
      }
  });

  it('accuracy, headlines, verdict and paired differences', () => {
    for (const { idAccuracy } of audit.models)
      expect(pdf.text).toContain(`${percent(idAccuracy.value)} ${interval(idAccuracy)}`);
    const verdict = pdf.pages[1]!.text;
    const words = (text: string): string => text.replace(/\s+/g, '');
    expect(words(verdict)).toContain(words(audit.verdict.sentence));
    for (const { before, sparse } of audit.headlines)
      expect(verdict).toContain(`${percent(before.value)} to ${percent(sparse.value)}`);
    for (const { difference } of [...audit.pairedAgainstControl, ...audit.pairedAgainstBefore])
      expect(pdf.text).toContain(
        `${signed(difference.value)} ${signed(difference.low)} to ${signed(difference.high)}`,
      );
  });

  it('counts of the sets, of each class, and of the confusion matrix', () => {
    for (const { name, discovered, ok } of [audit.idDataset, ...audit.oodDatasets])
      expect(pdf.text).toMatch(new RegExp(`${name} (ID|OOD)(, near|, far)? image files ${discovered} ${ok} `)); // prettier-ignore
    for (const [c, row] of audit.models.at(-1)!.idPerformance.perClass.entries())
      expect(pdf.text).toContain(`${c + 1} ${row.class} ${row.n} ${percent(row.recall)}`);
  });

  it('hashes in full: weights, Merkle roots, the report itself', () => {
    const solid = pdf.text.replace(/\s/g, '');
    for (const { weightsSha256 } of audit.models) expect(solid).toContain(weightsSha256);
    for (const { sheet } of [audit.idDataset, ...audit.oodDatasets])
      expect(solid).toContain(sheet.merkleRoot);
    expect(pdf.pages[0]!.text.replace(/\s/g, '')).toContain(seal.jsonSha256);
  });

  it('what people wrote, and who', () => {
    for (const field of ['intendedUse', 'risks', 'monitoring'] as const) {
      const { text, author } = audit.statements[field]!;
      for (const line of text.split('\n')) expect(pdf.text).toContain(line);
      expect(pdf.text).toContain(author);
    }
  });
});

describe('the way through the PDF', () => {
  it('has 21 sections in order, as bookmarks, and contents with their pages', () => {
    const sections = pdf.bookmarks.filter(({ title, level }) => level === 1 && /^\d/.test(title));
    expect(sections.map(({ title }) => Number(title.split(' ')[0]))).toEqual(
      Array.from({ length: 21 }, (_, i) => i + 1),
    );
    const contents = pdf.pages.find(({ text }) => text.includes('Contents 1 Cover'))!;
    for (const { title, page } of sections) {
      const [number, ...name] = title.split(/\s+/);
      // The row of a section: its number, its title and its page stand on one line.
      const entry = contents.items.find(({ text }) => text.trim() === name.join(' '))!;
      const row = contents.items.filter(({ y }) => Math.abs(y - entry.y) < 1).map(({ text }) => text.trim()); // prettier-ignore
      expect(row).toContain(number);
      expect(row, title).toContain(String(page + 1));
    }
    expect(pdf.bookmarks.some(({ level }) => level === 2)).toBe(true);
  });

  it('every link leads somewhere, and the evidence map names the page it leads to', () => {
    expect(pdf.places.size).toBeGreaterThan(20);
    for (const [place, page] of pdf.places) expect(page, place).not.toBeNull();
    const map = pdf.text.slice(pdf.text.indexOf('Evidence for '));
    for (const { section } of audit.evidence) {
      const page = pdf.places.get(`section-${section}`)!;
      expect(map).toContain(`section ${section}`);
      expect(map.split(/\s+/)).toContain(String(page + 1));
    }
    expect(pdf.text).not.toMatch(/\bcompliant\b/i);
  });

  it('says on every page which one it is', () => {
    for (const [i, { text }] of pdf.pages.entries())
      expect(text).toContain(`Page ${i + 1} of ${pdf.pages.length}`);
  });

  it('tables and figures are numbered without a gap', () => {
    for (const kind of ['Table', 'Figure']) {
      const numbers = pdf.pages.flatMap(({ items }) => items.flatMap(({ text }) => [...text.trim().matchAll(new RegExp(`^${kind} (\\d+)$`, 'g'))].map(([, n]) => Number(n)))); // prettier-ignore
      expect(numbers.length).toBeGreaterThan(10);
      expect(numbers).toEqual(Array.from({ length: numbers.length }, (_, i) => i + 1));
    }
  });

  it('marks a draft on every page, and a final report on none', async () => {
    expect(pdf.text).not.toContain('DRAFT');
    const { pages } = await readPdf(await draw({ ...audit, cover: { ...audit.cover, status: 'draft' } })); // prettier-ignore
    for (const { text } of pages) expect(text).toContain('DRAFT');
  });

  it('prints a blank as "not supplied", never leaves it out', async () => {
    const bare = await readPdf(await draw((await auditFixture()).audit));
    for (const heading of [
      'Intended use',
      'Out-of-scope use',
      'In this audit',
      'Not in this audit',
      'Acceptance criteria',
      'Licence of the model',
      'Risks',
      'Recommended actions',
      'Human oversight',
      'Monitoring and triggers of a new audit',
    ])
      // prettier-ignore
      expect(bare.text).toContain(`${heading} not supplied`);
    expect(bare.text).toMatch(/Robustness Not run\./);
  });
});

describe('a tagged PDF', () => {
  it('has a title, a language, and nothing that is not tagged', () => {
    expect(pdf.info['Title']).toContain(audit.title);
    expect(pdf.language).toBe('en');
    for (const stream of contentStreams(bytes)) {
      let depth = 0;
      for (const line of stream.split('\n')) {
        if (/\b(BDC|BMC)$/.test(line)) depth++;
        else if (line === 'EMC') depth--;
        else if (/^(f|f\*|S|B|B\*)$|\b(Tj|TJ|Do)$/.test(line))
          expect(depth, line).toBeGreaterThan(0);
      }
      expect(depth).toBe(0);
    }
  });

  it('every figure has an alternative text', () => {
    const figures = pdf.pages.flatMap(({ structure }) => nodesOf(structure)).filter(({ role }) => role === 'Figure'); // prettier-ignore
    expect(figures.length).toBeGreaterThan(30);
    for (const { alt } of figures) expect(alt?.length ?? 0).toBeGreaterThan(10);
  });

  it('headings nest: one first, then sections, then parts of sections', () => {
    const headings = pdf.pages.flatMap(({ structure }) => nodesOf(structure).map(({ role }) => role)).filter((role) => /^H\d$/.test(role)); // prettier-ignore
    expect(headings[0]).toBe('H1');
    expect(headings.filter((role) => role === 'H1')).toHaveLength(1);
    for (const [i, role] of headings.entries())
      if (i > 0) expect(Number(role[1]) - Number(headings[i - 1]![1])).toBeLessThanOrEqual(1);
  });

  it('tables have a head, and rows that begin with the name of the row', () => {
    const tables = pdf.pages.flatMap(({ structure }) => nodesOf(structure)).filter(({ role }) => role === 'Table'); // prettier-ignore
    expect(tables.length).toBeGreaterThan(20);
    // A table that goes on is listed again on its next page; its caption is on the first.
    expect(tables.some(({ children }) => children[0]?.role === 'Caption')).toBe(true);
    for (const row of tables.flatMap(nodesOf).filter(({ role }) => role === 'TR'))
      expect(row.children[0]?.role ?? 'TH').toBe('TH');
  });

  it('embeds every font that it uses', () => {
    const raw = Buffer.from(bytes).toString('latin1');
    const descriptors = raw.match(/\/Type \/FontDescriptor/g)!.length;
    expect(descriptors).toBeGreaterThan(2);
    expect(raw.match(/\/FontFile2 /g)).toHaveLength(descriptors);
    expect(raw).not.toMatch(/\/Subtype \/Type1\b/);
  });
});

describe('names from outside', () => {
  const names = ['пальто и шарф', 'φόρεμα', '运动鞋', 'robe à volants'];

  it('Latin, Cyrillic, Greek and Chinese can be read and copied', async () => {
    const { pdf: read } = await full({ classes: names, oodNames: ['数字', 'текстуры'] });
    for (const name of [...names, '数字', 'текстуры']) expect(read.text).toContain(name);
    expect(read.text).not.toContain('\\u{');
  });

  it('scripts, right-to-left marks, control characters and formulas are shown as what they are', async () => {
    const hostile = '<script>alert(1)</script>';
    const { audit: made } = await fullAuditFixture({
      classes: [hostile, 'a\u202Eb\u0000c', '=1+1'],
      oodNames: ['two\nlines', '(unbalanced \\ ) >> endobj'],
    });
    const drawn = await draw({ ...made, title: `${hostile}\u2028 of clothes` });
    const read = await readPdf(drawn);
    expect(read.text).toContain(hostile);
    expect(read.text).toContain('a\\u{202E}b\\u{0}c');
    expect(read.text).toContain('=1+1');
    expect(read.text).toContain('two lines');
    expect(read.text).toContain('(unbalanced \\ ) >> endobj');
    expect(read.text).not.toMatch(/(?!\n)\p{C}/u);
    expect(Buffer.from(drawn).toString('latin1')).not.toMatch(/\/(JavaScript|JS|Launch|URI)\b/);
  });
});

describe('layout', () => {
  const long = (i: number): string => `class ${i} with a long name, 很长的名字 ${'of many words '.repeat(2)}`.slice(0, 60); // prettier-ignore
  let large: PdfFile;
  let size = 0;
  beforeAll(async () => {
    const made = await full({
      classes: Array.from({ length: 100 }, (_, i) => long(i)),
      oodNames: Array.from({ length: 20 }, (_, i) =>
        `set ${i} ${'and more '.repeat(i % 6)}`.trim(),
      ),
      idTest: 300,
      pathOf: (i) => `${'folder/'.repeat(i % 12)}picture-${i}.png`,
    });
    large = made.pdf;
    size = made.bytes.length;
  });

  it('nothing is printed beyond the margins of a page', () => {
    for (const file of [pdf, large])
      for (const { items } of file.pages)
        for (const { x, y, width, text } of items) {
          expect(x, text).toBeGreaterThan(47);
          expect(x + width, text).toBeLessThan(595.28 - 47);
          expect(y, text).toBeGreaterThan(30);
          expect(y, text).toBeLessThan(841.89 - 25);
        }
  });

  it('100 classes and 20 sets: the verdict is one page, headers repeat, the file stays small', () => {
    expect(size).toBeLessThan(20e6);
    const verdict = large.bookmarks.find(({ title }) => title.startsWith('2 '))!;
    const contents = large.bookmarks.find(({ title }) => title === 'Contents')!;
    expect(contents.page - verdict.page).toBe(1);
    const goesOn = large.pages.filter(({ text }) => /Table \d+, continued/.test(text) && /Recall/.test(text)); // prettier-ignore
    expect(goesOn.length).toBeGreaterThan(1);
    for (let i = 0; i < 100; i++) expect(large.text).toContain(`class ${i} with`);
  });

  it('no two texts lie over each other', () => {
    for (const file of [pdf, large])
      for (const [p, { items }] of file.pages.entries()) {
        const upright = items.filter((item) => item.upright);
        for (const [i, a] of upright.entries())
          for (const b of upright.slice(i + 1)) {
            if (Math.abs(a.y - b.y) > 2.5) continue;
            const overlap = Math.min(a.x + a.width, b.x + b.width) - Math.max(a.x, b.x);
            expect(overlap, `page ${p + 1}: "${a.text}" and "${b.text}"`).toBeLessThan(3);
          }
      }
  });
});

describe('the file', () => {
  it('is the same, byte by byte, when drawn again', async () => {
    expect(Buffer.from(await draw(audit)).equals(Buffer.from(bytes))).toBe(true);
  });

  const has = (tool: string): boolean => spawnSync(tool, ['--version']).error === undefined;
  const file = path.join(temporaryFolder(), 'report.pdf');

  it.skipIf(!has('qpdf'))('passes qpdf --check (skipped where qpdf is not installed)', () => {
    writeFileSync(file, bytes);
    expect(execFileSync('qpdf', ['--check', file], { encoding: 'utf8' })).toContain('No syntax or stream encoding errors'); // prettier-ignore
  });

  it.skipIf(!has('pdfinfo'))(
    'is tagged for poppler too (skipped where pdfinfo is not installed)',
    () => {
      writeFileSync(file, bytes);
      const info = execFileSync('pdfinfo', [file], { encoding: 'utf8' });
      expect(info).toMatch(/Tagged:\s+yes/);
      expect(info).toMatch(/Page size:.*A4/);
      expect(info).toMatch(/JavaScript:\s+no/);
    },
  );
});
