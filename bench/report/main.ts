/**
 * How long a report takes once scores exist, and how much memory: `npm run bench:report -- [images] [detectors]`.
 * Columns are made up; numbers, table, PDF and manifest are made by the program's own code.
 */
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { assembleAudit, settingsFrom } from '../../src/core/report/assemble.ts';
import { HASH_BYTES, type ReportColumns, type SetColumns } from '../../src/core/report/columns.ts';
import { intervalMethod, measureReport } from '../../src/core/report/measure/measure.ts';
import { testedOf } from '../../src/core/report/measure/tested.ts';
import { writeReport } from '../../src/core/report/write-report.ts';
import { auditFixture } from '../../test/support/audit-fixture.ts';
import { Random } from '../../src/core/random.ts';

const [images = 1_000_000, detectors = 3] = process.argv.slice(2).map(Number);
const CLASSES = Array.from({ length: 10 }, (_, c) => `class ${c}`);
const SETS = 5;
const DETECTORS = ['msp', 'maxlogit', ...Array.from({ length: 40 }, (_, d) => `made-up-${d}`)].slice(0, detectors - 1); // prettier-ignore

/** Half the images are ID (a tenth of them for validation), the others OOD. */
function setOf(name: string, role: 'id' | 'ood', n: number, seed: number): SetColumns {
  const random = new Random(seed, n);
  const column = (shift: number): Float64Array => Float64Array.from({ length: n }, () => random.normal() + shift); // prettier-ignore
  const hashes = new Uint8Array(n * HASH_BYTES);
  const words = new Uint32Array(hashes.buffer);
  for (let i = 0; i < words.length; i++) words[i] = random.uint32();
  return {
    name,
    role,
    classes: role === 'id' ? CLASSES : [],
    paths: Array.from({ length: n }, (_, i) => `folder/${name}/image-${i}.png`),
    hashes,
    statuses: new Uint8Array(n),
    reasons: new Map(),
    splits: Uint8Array.from({ length: n }, (_, i) => (role === 'ood' ? 0 : i % 10 === 0 ? 2 : 3)),
    labels: Int32Array.from({ length: n }, (_, i) => (role === 'ood' ? -1 : i % 10)),
    relabelled: new Uint8Array(n),
    bytes: new Float64Array(n).fill(2000),
    widths: new Uint32Array(n).fill(32),
    heights: new Uint32Array(n).fill(32),
    findings: { flags: new Uint8Array(n), nearGroups: new Int32Array(n).fill(-1) },
    models: [0, 1, 2].map((m) => ({
      predicted: Int32Array.from({ length: n }, (_, i) => (random.uint32() % 8 === 0 ? (i + 1) % 10 : i % 10)), // prettier-ignore
      confidence: Float64Array.from({ length: n }, () => random.uint32() / 2 ** 32),
      energy: column(role === 'id' ? -3 - m / 4 : 0),
      featureL1: column(20),
      hoyer: Float64Array.from({ length: n }, () => random.uint32() / 2 ** 32),
      scores: new Map(DETECTORS.map((id) => [id, column(role === 'id' ? 2 : 0)])),
    })),
  };
}

const { audit: template } = await auditFixture({ classes: CLASSES, oodNames: Array.from({ length: SETS }, (_, s) => `set-${s}`) }); // prettier-ignore
const columns: ReportColumns = {
  models: template.models.map(({ role }) => ({ role, classes: CLASSES })),
  sets: [
    setOf('clothes', 'id', images / 2, 1),
    ...Array.from({ length: SETS }, (_, s) => setOf(`set-${s}`, 'ood', images / 2 / SETS, s + 2)),
  ],
};
const score = (id: string) => ({ score: id, label: id, hyperparameters: [], notes: [] });
const facts = {
  ...template,
  models: template.models.map((model) => ({ ...model, scores: ['energy', ...DETECTORS].map(score) })), // prettier-ignore
  bootstrap: { samples: 1000, seed: 1, method: intervalMethod(testedOf(columns).rows) },
  galleries: null,
};
const folder = mkdtempSync(path.join(os.tmpdir(), 'bench-report-'));
const before = process.cpuUsage();
const started = performance.now();
const numbers = await measureReport(columns, settingsFrom(facts, [null, null, null], null));
const audit = assembleAudit(facts, numbers);
const measured = performance.now();
const files = await writeReport(audit, columns, folder, {
  thumbnails: () => Promise.resolve(null),
});
const written = performance.now();
const { user } = process.cpuUsage(before);
const mb = (file: string): string => `${(statSync(file).size / 1e6).toFixed(1)} MB`;
console.log(
  JSON.stringify({
    images,
    detectors: DETECTORS.length + 1,
    intervals: facts.bootstrap.method,
    numbersSeconds: (measured - started) / 1000,
    writeSeconds: (written - measured) / 1000,
    cpuSeconds: user / 1e6,
    peakMemoryMB: process.resourceUsage().maxRSS / 1000,
    csv: mb(files.csv),
    json: mb(files.json),
    pdf: mb(files.pdf),
  }),
);
rmSync(folder, { recursive: true });
