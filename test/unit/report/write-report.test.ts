/** The files of a report, from ordinary audits and from extreme ones. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { inflateSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { scoredRows } from '../../../src/core/report/columns.ts';
import { reportJson, writeReport } from '../../../src/core/report/write-report.ts';
import { auditFixture, type FixtureReport } from '../../support/audit-fixture.ts';
import { temporaryFolder } from '../../support/image-folders.ts';

const root = temporaryFolder();
const grey = { data: new Uint8Array(28 * 28 * 3).fill(99), width: 28, height: 28 };
let folders = 0;
async function written({ audit, columns }: FixtureReport) {
  const folder = path.join(root, String(folders++));
  const files = await writeReport(audit, columns, folder, {
    thumbnails: () => Promise.resolve(grey),
  });
  return { ...files, bytes: readFileSync(files.pdf) };
}

/** Pages and bookmarks of a PDF that pdfkit wrote, read from its objects. */
function structureOf(pdf: Buffer) {
  const text = pdf.toString('latin1');
  const titles = [...text.matchAll(/\/Title \(((?:[^()\\]|\\.)*)\)/g)].map(([, title]) => title!);
  const streams = [...text.matchAll(/stream\r?\n([\s\S]*?)\r?\nendstream/g)].map(([, body]) => {
    try {
      return inflateSync(Buffer.from(body!, 'latin1')).toString('latin1');
    } catch {
      return '';
    }
  });
  return { pages: text.match(/\/Type \/Page\b/g)?.length ?? 0, titles, streams };
}

const rows = (csv: string): string[] => readFileSync(csv, 'utf8').trim().split('\r\n');

describe('a report', () => {
  it('has a PDF with bookmarks, all numbers as JSON, and a row per image', async () => {
    const result = await auditFixture();
    const { json, csv, bytes } = await written(result);
    const { pages, titles, streams } = structureOf(bytes);
    expect(pages).toBeGreaterThan(5);
    for (const section of [
      '2  Verdict',
      '11  OOD results',
      '12  Before and after',
      '21  Appendices',
    ])
      expect(titles.join('\n'), section).toContain(section);
    // A page that the layout began and never filled would show.
    expect(streams.filter((s) => s.includes('BT')).length).toBeGreaterThanOrEqual(pages);
    expect(JSON.parse(readFileSync(json, 'utf8'))).toEqual(
      JSON.parse(JSON.stringify(result.audit)),
    );
    const lines = rows(csv);
    // Every image: 90 for training, 40 for validation, 60 for the test, and both OOD sets.
    expect(lines).toHaveLength(1 + 190 + 2 * 40);
    expect(lines[0]).toContain('sparse_energy');
    const [set] = result.columns.sets;
    expect(lines[131]!.split(',')).toEqual(
      expect.arrayContaining([set.paths[130], String(set.models[2]!.energy[130])]),
    );
  });

  it('is the same, byte by byte, when written again', async () => {
    const result = await auditFixture();
    const [a, b] = [await written(result), await written(result)];
    expect(a.bytes.equals(b.bytes)).toBe(true);
    expect(readFileSync(a.csv).equals(readFileSync(b.csv))).toBe(true);
  });

  it.each([
    ['one OOD set and no control', { oodNames: ['only'], control: false }],
    [
      'thirty OOD sets',
      {
        oodNames: Array.from({ length: 30 }, (_, i) => `set number ${i} with a long name`),
        oodImages: 25,
      },
    ],
    [
      'two hundred classes',
      { classes: Array.from({ length: 200 }, (_, i) => `class ${i} of a long list`), idTest: 200 },
    ],
    ['three images a set', { idTest: 3, oodImages: 3 }],
    [
      'names that print badly',
      {
        pathOf: (i: number) => `${'deep/'.repeat(30)}猫\u202E${i}\n<b>.png`,
        classes: ['猫', 'a'.repeat(120), '\u0000'],
      },
    ],
    ['two hundred files that failed', { failures: 200 }],
  ])('%s', async (_, options) => {
    const result = await auditFixture(options);
    const { bytes, csv } = await written(result);
    expect(bytes.subarray(0, 5).toString()).toBe('%PDF-');
    expect(bytes.length).toBeLessThan(20e6);
    const images = result.columns.sets.reduce((sum, { paths }) => sum + paths.length, 0);
    // A quoted line break makes one row of two lines.
    expect(rows(csv).length).toBeGreaterThan(images);
  });

  it('draws a frame where an image is gone', async () => {
    const { audit, columns } = await auditFixture();
    const folder = path.join(root, 'gone');
    const { pdf } = await writeReport(audit, columns, folder, {
      thumbnails: () => Promise.resolve(null),
    });
    expect(structureOf(readFileSync(pdf)).pages).toBeGreaterThan(5);
  });
});

describe('an audit', () => {
  it('counts everything: discovered is ok, failed and excluded together', async () => {
    const { audit } = await auditFixture({ failures: 7 });
    for (const set of [audit.idDataset, ...audit.oodDatasets])
      expect(set.ok + set.failed + set.excluded).toBe(set.discovered);
    expect(audit.idDataset.failed).toBe(7);
  });

  it('agrees with its own per-image columns', async () => {
    const { audit, columns } = await auditFixture();
    const [id, ...ood] = columns.sets;
    const test = [...scoredRows(id, 'test')];
    for (const [m, model] of audit.models.entries()) {
      const energies = test.map((row) => id.models[m]!.energy[row]!).sort((a, b) => a - b);
      // By definition: the energy below which 95% of the ID images lie, and the share of OOD below it.
      const threshold = energies[Math.ceil(0.95 * energies.length) - 1]!;
      for (const [s, { fpr95, meanEnergy }] of model.scores[0]!.perSet.entries()) {
        const of = [...ood[s]!.models[m]!.energy];
        expect(fpr95.value).toBeCloseTo(of.filter((e) => e <= threshold).length / of.length, 12);
        expect(meanEnergy).toBeCloseTo(of.reduce((a, b) => a + b, 0) / of.length, 9);
      }
      const right = test.filter((row) => id.models[m]!.predicted[row] === id.labels[row]);
      expect(model.idAccuracy.value).toBeCloseTo(right.length / 60, 12);
    }
  });
});

describe('a number that does not fit its definition', () => {
  it('is named, and nothing is written', async () => {
    const { audit } = await auditFixture();
    const [model, ...others] = audit.models;
    const wrong = { ...audit, models: [{ ...model!, ece: 1.5 }, ...others] };
    expect(() => reportJson(wrong)).toThrow(/number models\.0\.ece does not fit/);
  });
});
