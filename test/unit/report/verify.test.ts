/** A report's folder is checked against itself: a changed byte is found by hashes, a changed number by the images. */
import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Audit, Criterion } from '../../../src/core/report/audit.ts';
import { jsonText, PARTS } from '../../../src/core/report/manifest.ts';
import { newKeyPair, signerFrom } from '../../../src/core/report/signature.ts';
import { verifyReport } from '../../../src/core/report/verify.ts';
import { writeReport } from '../../../src/core/report/write-report.ts';
import { Random } from '../../../src/core/random.ts';
import { sha256Hex } from '../../../src/core/sha256.ts';
import { auditFixture, type FixtureOptions } from '../../support/audit-fixture.ts';
import { temporaryFolder } from '../../support/image-folders.ts';

const root = temporaryFolder();
const thumbnails = () => Promise.resolve(null);
const keys = newKeyPair();
const signer = signerFrom(keys.privateKeyPem, 'key.pem');
let copies = 0;

const criteria: readonly Criterion[] = [
  {
    text: 'Few digits are accepted',
    check: { metric: 'fpr95', dataset: 'digits', relation: 'at most', value: 0.999 },
    author: 'M. Weber',
    fixedAt: '2026-01-01T00:00:00.000Z',
    beforeTest: true,
    withdrawn: null,
    result: null,
  },
];
/** Names that break careless readers of CSV. */
const names = [
  '=1+1.png',
  'a,b "c".png',
  'line\nbreak.png',
  "'=quoted.png",
  '\u202Egnp.exe',
  '<script>.png',
  '@x.png',
  '-2.png',
];
const pathOf = (i: number): string => `${names[i % names.length]}/${i}`;
const pathFirst = (i: number): string => `${i % 2 === 0 ? names[(i / 2) % names.length]! : ''}${i}`;

async function written(name: string, options: FixtureOptions, signed: boolean): Promise<string> {
  const { audit, columns } = await auditFixture(options);
  const folder = path.join(root, name);
  await writeReport(audit, columns, folder, { thumbnails, signer: signed ? signer : null });
  return folder;
}

/** A copy of a report with one part changed. */
function changed(folder: string, part: string, change: (bytes: Buffer) => Buffer): string {
  const copy = path.join(root, `copy-${copies++}`);
  cpSync(folder, copy, { recursive: true });
  const file = path.join(copy, part);
  writeFileSync(file, change(readFileSync(file)));
  return copy;
}

let signed: string;
let plain: string;
beforeAll(async () => {
  signed = await written('signed', { criteria, failures: 3, pathOf: pathFirst }, true);
  plain = await written('plain', { criteria, protocol: 'near-far', pathOf }, false);
});

describe('verify', () => {
  it('passes a report as it was written, signed or not, whatever its images are called', async () => {
    for (const folder of [signed, plain]) {
      const { ok, checks } = await verifyReport(folder);
      expect(checks.filter((check) => !check.ok)).toEqual([]);
      expect(ok).toBe(true);
    }
  });

  it.each(Object.values(PARTS))('finds any changed byte of %s', async (part) => {
    const { length } = readFileSync(path.join(signed, part));
    const random = new Random(7, length);
    const positions = [0, length - 1, ...Array.from({ length: 24 }, () => Math.floor((random.uint32() / 2 ** 32) * length))]; // prettier-ignore
    for (const position of positions) {
      const copy = changed(signed, part, (bytes) => {
        bytes[position]! ^= 1 << (random.uint32() % 8);
        return bytes;
      });
      const { ok } = await verifyReport(copy);
      expect(ok, `${part}, byte ${position}`).toBe(false);
      rmSync(copy, { recursive: true });
    }
  });

  it.each(Object.values(PARTS))('finds that %s is missing or cut off', async (part) => {
    const cut = changed(signed, part, (bytes) => bytes.subarray(0, bytes.length - 1));
    expect((await verifyReport(cut)).ok).toBe(false);
    rmSync(path.join(cut, part));
    expect((await verifyReport(cut)).ok).toBe(false);
  });

  it('finds a signature by another key, and a report that another key had to sign', async () => {
    const other = newKeyPair();
    const swapped = changed(signed, PARTS.publicKey, () => Buffer.from(other.publicKeyPem));
    expect((await verifyReport(swapped)).checks.at(-1)).toMatchObject({ label: 'signature', ok: false }); // prettier-ignore
    const wanted = { publicKeyPem: keys.publicKeyPem };
    expect((await verifyReport(signed, wanted)).ok).toBe(true);
    expect((await verifyReport(signed, { publicKeyPem: other.publicKeyPem })).ok).toBe(false);
    expect((await verifyReport(plain, wanted)).checks.at(-1)!.detail).toMatch(/not signed/);
  });

  /** Changes a number and makes every hash fit again, as somebody would who wants to deceive. */
  function forged(change: (audit: Audit) => Audit): string {
    const audit = JSON.parse(readFileSync(path.join(plain, PARTS.json), 'utf8')) as Audit;
    const copy = changed(plain, PARTS.json, () => Buffer.from(jsonText(change(audit))));
    rehash(copy, PARTS.json);
    return copy;
  }
  function rehash(folder: string, part: string): void {
    const bytes = readFileSync(path.join(folder, part));
    const file = path.join(folder, PARTS.manifest);
    const manifest = JSON.parse(readFileSync(file, 'utf8')) as {
      files: { name: string; bytes: number; sha256: string }[];
    };
    const entry = manifest.files.find(({ name }) => name === part)!;
    Object.assign(entry, { bytes: bytes.length, sha256: sha256Hex(bytes) });
    writeFileSync(file, jsonText(manifest));
  }
  const sparse = (audit: Audit, part: object): Audit => ({ ...audit, models: audit.models.map((model) => (model.role === 'sparse' ? { ...model, ...part } : model)) }); // prettier-ignore
  const score = (
    audit: Audit,
    change: (set: Audit['models'][number]['scores'][number]['perSet'][number]) => object,
  ): Audit => {
    // prettier-ignore
    const [first, ...others] = audit.models[2]!.scores;
    const [set, ...sets] = first!.perSet;
    return sparse(audit, { scores: [{ ...first!, perSet: [{ ...set!, ...change(set!) }, ...sets] }, ...others] }); // prettier-ignore
  };

  it.each<[string, (audit: Audit) => Audit, RegExp]>([
    ['FPR95', (a) => score(a, ({ fpr95 }) => ({ fpr95: { ...fpr95, value: fpr95.value / 2 } })), /fpr95\.value/], // prettier-ignore
    ['the end of an interval', (a) => score(a, ({ auroc }) => ({ auroc: { ...auroc, low: auroc.low - 0.01 } })), /auroc\.low/], // prettier-ignore
    ['FPR95 (OOD+)', (a) => score(a, () => ({ fpr95OodPositive: 0.0125 })), /fpr95OodPositive/],
    ['AUPR-Out', (a) => score(a, ({ auprOut }) => ({ auprOut: auprOut * 0.999 })), /auprOut/],
    [
      'accuracy',
      (a) => sparse(a, { idAccuracy: { value: 0.99, low: 0.98, high: 1 } }),
      /idAccuracy/,
    ],
    ['calibration', (a) => sparse(a, { ece: 0.001 }), /ece/],
    ['the threshold', (a) => sparse(a, { threshold: a.models[2]!.threshold + 1e-9 }), /threshold/],
    ['the verdict', (a) => ({ ...a, verdict: { ...a.verdict, outcome: a.verdict.outcome === 'improved' ? 'worse' : 'improved' } }), /verdict\.outcome/], // prettier-ignore
    ['a caution', (a) => ({ ...a, verdict: { ...a.verdict, cautions: a.verdict.cautions.slice(1) } }), /cautions/], // prettier-ignore
    ['a limitation', (a) => ({ ...a, limitations: a.limitations.slice(1) }), /limitations/],
    ['a criterion', (a) => ({ ...a, statements: { ...a.statements, acceptanceCriteria: a.statements.acceptanceCriteria!.map((one) => ({ ...one, result: { ...one.result!, value: 0.01 } })) } }), /acceptanceCriteria/], // prettier-ignore
    ['leakage', (a) => ({ ...a, leakage: a.leakage.map((one) => ({ ...one, images: one.images + 1 })) }), /leakage/], // prettier-ignore
    ['a bin', (a) => ({ ...a, distributions: { ...a.distributions!, edges: a.distributions!.edges.map((edge, i) => (i === 3 ? edge + 1e-6 : edge)) } }), /edges/], // prettier-ignore
    ['a count', (a) => ({ ...a, idDataset: { ...a.idDataset, ok: a.idDataset.ok + 1 } }), /idDataset\.ok/], // prettier-ignore
    ['a gallery image', (a) => ({ ...a, galleries: { ...a.galleries, worstId: a.galleries.worstId.slice(1) } }), /worstId/], // prettier-ignore
    [
      'the bootstrap seed',
      (a) => ({ ...a, bootstrap: { ...a.bootstrap, seed: 2 } }),
      /report\.json at/,
    ],
    ['the average of a protocol', (a) => ({ ...a, protocolResults: a.protocolResults.map((one) => ({ ...one, averages: one.averages.map((average) => ({ ...average, auprIn: 0.5 })) })) }), /protocolResults/], // prettier-ignore
  ])('recomputes %s', async (_, change, named) => {
    const { ok, checks } = await verifyReport(forged(change));
    expect(ok).toBe(false);
    expect(checks.at(-1)).toMatchObject({ label: 'numbers', ok: false });
    expect(checks.at(-1)!.detail).toMatch(named);
  });

  it('finds a root that does not fit the images, though manifest and report agree', async () => {
    const other = 'ee'.repeat(32);
    const copy = forged((a) => ({ ...a, idDataset: { ...a.idDataset, sheet: { ...a.idDataset.sheet, merkleRoot: other } } })); // prettier-ignore
    const file = path.join(copy, PARTS.manifest);
    const manifest = JSON.parse(readFileSync(file, 'utf8')) as {
      datasets: { merkleRoot: string }[];
    };
    manifest.datasets[0]!.merkleRoot = other;
    writeFileSync(file, jsonText(manifest));
    expect((await verifyReport(copy)).checks.at(-1)!.detail).toMatch(/merkleRoot/);
  });

  it('finds a score that was changed in per-image.csv and hashed again', async () => {
    const copy = changed(plain, PARTS.csv, (bytes) => {
      const lines = bytes.toString('utf8').split('\r\n');
      const cells = lines.at(-2)!.split(',');
      // Energy of the sparse model in the last row.
      cells[cells.length - 5] = '-99.5';
      lines[lines.length - 2] = cells.join(',');
      return Buffer.from(lines.join('\r\n'));
    });
    rehash(copy, PARTS.csv);
    const { checks } = await verifyReport(copy);
    expect(checks.at(-1)).toMatchObject({ label: 'numbers', ok: false });
  });
});

it('the same report twice has the same bytes, signature included', async () => {
  const options = { criteria, failures: 3, pathOf: pathFirst };
  const again = await written('again', options, true);
  for (const part of Object.values(PARTS))
    expect(readFileSync(path.join(again, part)).equals(readFileSync(path.join(signed, part))), part).toBe(true); // prettier-ignore
});
