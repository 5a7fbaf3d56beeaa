/** Reports through the contract, on models that were trained for an epoch: from a draft to files in a folder. */
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Report, ReportChoice } from '../../src/contract/reports.ts';
import { STATEMENT_FIELDS as CONTRACT_FIELDS, COVER_FIELDS as CONTRACT_COVER, CRITERION_METRICS as CONTRACT_METRICS } from '../../src/contract/reports.ts'; // prettier-ignore
import { scanFolder } from '../../src/core/datasets/scan.ts';
import { architectureOf } from '../../src/core/model/architecture.ts';
import type { Audit, GalleryImage } from '../../src/core/report/audit.ts';
import { COVER_FIELDS } from '../../src/core/report/draft.ts';
import { CRITERION_METRICS, STATEMENT_FIELDS } from '../../src/core/report/schema/people.ts';
import { PRESETS } from '../../src/core/train/config.ts';
import { connect, engineIn, registerNoise } from '../support/engine.ts';
import { temporaryFolder, writeClassFolders } from '../support/image-folders.ts';

// Trained and scored for real: on a busy machine that takes its time.
vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 });

const { engine, client, workspace } = engineIn();
const folder = temporaryFolder();
let choice: ReportChoice;

beforeAll(async () => {
  const datasetId = await registerNoise(engine, 12);
  const root = path.join(folder, 'elsewhere');
  await writeClassFolders(root, { noise: 250 }, 10);
  const ood = engine.context.workspace.registerDataset(await scanFolder(root, { role: 'ood' }));
  const decode = { size: 8, resize: 'stretch' } as const;
  const [pretraining] = engine.context.queue.add([
    {
      kind: 'pretrain',
      datasetId,
      parentId: null,
      name: 'Noise',
      preset: 'quick',
      architecture: architectureOf('wrn-10-1', { classes: 3, inputSize: 8 }),
      decode,
      config: { ...PRESETS.quick.pretrain, epochs: 1, batchSize: 8 },
    },
  ]);
  const before = await client.job('runs.watch', { runId: pretraining!.id });
  const runs = await client.call('runs.start', {
    kind: 'finetune',
    parentId: before.modelId!,
    withControl: true,
    preset: 'quick',
    config: { ...PRESETS.quick.finetune, epochs: 1, batchSize: 8 },
    seeds: [7],
  });
  for (const { id } of runs) await client.job('runs.watch', { runId: id });
  const models = await client.call('models.list', {});
  const of = (role: string): string => models.find((model) => model.role === role)!.id;
  choice = {
    sparseModelId: of('sparse'),
    beforeModelId: of('before'),
    controlModelId: of('control'),
    idDatasetId: datasetId,
    oodDatasetIds: [ood.id],
    detectors: null,
    protocol: null,
    robustness: false,
  };
});
afterAll(() => engine.shutdown());

const criterion = { text: '', check: { metric: 'fpr95' as const, dataset: null, relation: 'at most' as const, value: 0.5 } }; // prettier-ignore
const create = (title = 'Noise, audited'): Promise<Report> => client.call('reports.create', { title, choice }); // prettier-ignore
const pages = async (reportId: string, version: number | null = null): Promise<Buffer> =>
  Buffer.from((await client.job('reports.pages', { reportId, version })).pdf);
const grant = async (): Promise<string> =>
  (await client.call('grants.add', { path: mkdtempSync(path.join(folder, 'out-')) })).grantId;

it('the contract names fields and metrics as the report does', () => {
  expect(CONTRACT_FIELDS).toEqual(STATEMENT_FIELDS);
  expect(CONTRACT_COVER).toEqual(COVER_FIELDS);
  expect(CONTRACT_METRICS).toEqual(CRITERION_METRICS);
});

describe('a draft', () => {
  it('tells what building takes before anything is scored', async () => {
    const plan = await client.call('reports.plan', { choice });
    expect(plan.firstScoredAt).toBeNull();
    // Three models, each on the ID set and the one OOD set of 10 images.
    expect(plan.missing).toHaveLength(6);
    expect(plan.missing.filter(({ images }) => images === 10)).toHaveLength(3);
    expect(plan.barred).toEqual([]);
    expect(plan.protocols.map(({ id }) => id)).toContain('as-given');
  });

  it('keeps what people write, with author and time, and what is taken back is gone', async () => {
    const { id } = await create();
    const risks = 'Dark ones pass.\n<script>alert(1)</script>';
    await client.call('reports.update', { reportId: id, fields: { risks, author: 'Ada' }, author: 'Ada' }); // prettier-ignore
    const kept = await client.call('reports.update', { reportId: id, fields: { author: '' }, author: 'Grace' }); // prettier-ignore
    expect(kept.fields.risks).toMatchObject({ text: risks, author: 'Ada' });
    expect(Date.parse(kept.fields.risks.changedAt!)).not.toBeNaN();
    expect(kept.fields.author.text).toBe('');
    expect(kept.fields.monitoring).toEqual({ text: '', author: '', changedAt: null });
    // Another window sees the same.
    expect(await connect(engine).call('reports.get', { reportId: id })).toEqual(kept);
  });

  it('is removed and brought back', async () => {
    const { id } = await create('Not needed');
    await client.call('reports.remove', { reportId: id });
    const ids = async () => (await client.call('reports.list', {})).map((one) => one.id);
    expect(await ids()).not.toContain(id);
    await client.call('reports.restore', { reportId: id });
    expect(await ids()).toContain(id);
  });

  it('refuses sets in each other’s place, and none', async () => {
    const { id } = await create();
    const update = (changes: Partial<ReportChoice>) =>
      client.call('reports.update', {
        reportId: id,
        choice: { ...choice, ...changes },
        author: '',
      });
    await expect(update({ oodDatasetIds: [choice.idDatasetId] })).rejects.toMatchObject({ code: 'usage' }); // prettier-ignore
    await expect(update({ idDatasetId: choice.oodDatasetIds[0]! })).rejects.toMatchObject({ code: 'usage' }); // prettier-ignore
    await expect(update({ oodDatasetIds: [] })).rejects.toMatchObject({ code: 'usage' });
    await expect(update({ sparseModelId: 'm-20200101-0000000' })).rejects.toMatchObject({ code: 'not-found' }); // prettier-ignore
  });

  it('has no pages before it is built', async () => {
    const { id } = await create();
    await expect(pages(id)).rejects.toMatchObject({ code: 'usage' });
  });
});

describe('a report', () => {
  let report: Report;

  it('fixes criteria that are replaced, never edited', async () => {
    report = await create('Grey noise / “λ”');
    const reportId = report.id;
    const fixed = await client.call('reports.fixCriterion', { ...criterion, reportId, replaces: null, author: 'Ada', note: '' }); // prettier-ignore
    const [first] = fixed.criteria;
    expect(first).toMatchObject({ author: 'Ada', beforeTest: true, withdrawn: null });
    const replacing = { reportId, text: 'Nobody complains', check: null, replaces: first!.id, author: 'Grace' }; // prettier-ignore
    await expect(client.call('reports.fixCriterion', { ...replacing, note: '' })).rejects.toMatchObject({ code: 'usage' }); // prettier-ignore
    const replaced = await client.call('reports.fixCriterion', {
      ...replacing,
      note: 'Too strict',
    });
    expect(replaced.criteria[0]).toMatchObject({
      ...criterion,
      withdrawn: { author: 'Grace', note: 'Too strict' },
    });
    expect(replaced.criteria[1]).toMatchObject({ text: 'Nobody complains', withdrawn: null });
    await expect(
      client.call('reports.fixCriterion', { reportId, text: ' ', check: null, replaces: null, author: '', note: '' }), // prettier-ignore
    ).rejects.toMatchObject({ code: 'usage' });
  });

  it('is built: scores what is missing, and tells the outcome', async () => {
    const events: string[] = [];
    report = await client.job('reports.build', { reportId: report.id }, { onEvent: ({ type }) => events.push(type) }); // prettier-ignore
    expect(report.built).toMatchObject({ stale: [] });
    expect(['improved', 'not shown', 'worse']).toContain(report.built!.outcome);
    expect(events).toContain('progress');
    expect((await client.call('reports.plan', { choice })).missing).toEqual([]);
  });

  it('tells which criteria were fixed before the first scores, and which after', async () => {
    report = await client.call('reports.fixCriterion', { ...criterion, reportId: report.id, replaces: null, author: 'Ada', note: '' }); // prettier-ignore
    expect(report.criteria.map(({ beforeTest }) => beforeTest)).toEqual([true, true, false]);
  });

  it('draws its pages anew from what is filled in, without scoring', async () => {
    const { id } = report;
    const blank = await pages(id);
    expect(blank.subarray(0, 5).toString()).toBe('%PDF-');
    await client.call('reports.update', { reportId: id, fields: { risks: 'Dark ones pass.' }, author: 'Ada' }); // prettier-ignore
    expect((await pages(id)).equals(blank)).toBe(false);
    await client.call('reports.update', { reportId: id, fields: { risks: '' }, author: 'Ada' });
    expect((await pages(id)).equals(blank)).toBe(true);
  });

  it('is told stale when what is audited changes', async () => {
    const { id } = report;
    const without = await client.call('reports.update', { reportId: id, choice: { ...choice, controlModelId: null }, author: '' }); // prettier-ignore
    expect(without.built!.stale).not.toEqual([]);
    const back = await client.call('reports.update', { reportId: id, choice, author: '' });
    expect(back.built!.stale).toEqual([]);
  });

  it('is written as versions, which later changes do not touch', async () => {
    const { id } = report;
    const request = { reportId: id, status: 'final' as const, author: 'Ada', note: 'First', signingKey: null }; // prettier-ignore
    report = await client.job('reports.finalise', request);
    expect(report.versions).toMatchObject([{ version: 1, author: 'Ada', note: 'First', status: 'final' }]); // prettier-ignore
    expect(report.changedSinceVersion).toBe(false);
    const first = await pages(id, 1);
    await client.call('reports.update', { reportId: id, fields: { risks: 'Many' }, author: 'Ada' });
    report = await client.job('reports.finalise', { ...request, note: 'Second' });
    expect(report.versions.map(({ fields }) => fields.risks)).toEqual(['', 'Many']);
    expect((await pages(id, 1)).equals(first)).toBe(true);
  });

  it('is exported into a new folder each time, with the hashes that it tells', async () => {
    const grantId = await grant();
    const request = { reportId: report.id, version: 1, grantId };
    const one = await client.job('reports.export', request);
    const other = await client.job('reports.export', request);
    expect(other.folder.displayPath).not.toBe(one.folder.displayPath);
    expect(path.basename(one.folder.displayPath)).toMatch(/^[\w.-]+$/);
    expect(one.files.map(({ name }) => name).sort()).toEqual(readdirSync(one.folder.displayPath).sort()); // prettier-ignore
    expect(one.files.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['report.pdf', 'report.json', 'per-image.csv', 'manifest.json']),
    );
    const hashOf = (file: string): string =>
      createHash('sha256').update(readFileSync(path.join(one.folder.displayPath, file))).digest('hex'); // prettier-ignore
    for (const { name, sha256 } of one.files) expect(hashOf(name)).toBe(sha256);
    expect(report.versions[0]!.reportSha256).toBe(hashOf('report.json'));
    await expect(client.job('reports.export', { ...request, version: 9 })).rejects.toMatchObject({ code: 'not-found' }); // prettier-ignore
  });

  it('is signed with a key that a person keeps, and verifies', async () => {
    const { key, fingerprint } = await client.call('reports.createKey', { grantId: await grant() });
    expect(statSync(key.displayPath).mode & 0o077).toBe(0);
    const request = { reportId: report.id, status: 'final' as const, author: 'Ada', note: '', signingKey: key.grantId }; // prettier-ignore
    report = await client.job('reports.finalise', request);
    expect(report.versions.at(-1)!.signedBy).toBe(fingerprint);
    const { ok, checks } = await client.job('reports.verify', { reportId: report.id, version: report.versions.length }); // prettier-ignore
    expect(checks.filter((check) => !check.ok)).toEqual([]);
    expect(ok).toBe(true);
    // The key itself is nowhere in the workspace.
    const secret = readFileSync(key.displayPath, 'utf8').split('\n')[1]!;
    const files = readdirSync(workspace, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()); // prettier-ignore
    expect(files.filter((entry) => readFileSync(path.join(entry.parentPath, entry.name)).includes(secret))).toEqual([]); // prettier-ignore
  });

  it.each(['report.pdf', 'report.json', 'per-image.csv', 'manifest.json', 'manifest.sig'])(
    'does not verify once a byte of %s is changed',
    async (name) => {
      const version = report.versions.length;
      const { folder: copy } = await client.job('reports.export', { reportId: report.id, version, grantId: await grant() }); // prettier-ignore
      const file = path.join(copy.displayPath, name);
      const bytes = readFileSync(file);
      bytes[Math.floor(bytes.length / 2)]! ^= 1;
      writeFileSync(file, bytes);
      const { ok, checks } = await client.job('reports.verify', { grantId: copy.grantId });
      expect(ok).toBe(false);
      expect(checks.at(-1)!.ok).toBe(false);
    },
  );

  it('refuses a key that is none, and to verify what is no report', async () => {
    const request = { reportId: report.id, status: 'final' as const, author: '', note: '' };
    const file = path.join(folder, 'not-a-key.pem');
    writeFileSync(file, 'hello');
    const { grantId } = await client.call('grants.add', { path: file });
    await expect(client.job('reports.finalise', { ...request, signingKey: grantId })).rejects.toMatchObject({ code: 'usage' }); // prettier-ignore
    await expect(client.job('reports.finalise', { ...request, signingKey: await grant() })).rejects.toMatchObject({ code: 'usage' }); // prettier-ignore
    await expect(client.job('reports.verify', { grantId })).rejects.toMatchObject({
      code: 'usage',
    });
    const empty = await client.job('reports.verify', { grantId: await grant() }).catch((error: unknown) => ({ ok: false, error })); // prettier-ignore
    expect(empty.ok).toBe(false);
  });

  it('writes nothing outside the workspace but what was exported', () => {
    expect(readdirSync(path.dirname(workspace))).toEqual(['workspace']);
  });
});

it('a report that asks for robustness measures it, with heat maps in its galleries', async () => {
  const models = [choice.beforeModelId, choice.controlModelId!, choice.sparseModelId];
  const known = () => client.call('robustness.get', { modelIds: models, datasetId: choice.idDatasetId }); // prettier-ignore
  expect(await known()).toEqual([null, null, null]);
  const { id: reportId } = await client.call('reports.create', { title: 'Robust', choice: { ...choice, robustness: true } }); // prettier-ignore
  expect((await client.call('reports.get', { reportId })).choice.robustness).toBe(true);
  await client.job('reports.build', { reportId });
  const results = await known();
  for (const result of results) expect(result!.cells).toHaveLength(25);

  await client.job('reports.finalise', { reportId, status: 'draft', author: 'Ada', note: '', signingKey: null }); // prettier-ignore
  const request = { reportId, version: 1, grantId: await grant() };
  const { folder: written } = await client.job('reports.export', request);
  const file = path.join(written.displayPath, 'report.json');
  const audit = JSON.parse(readFileSync(file, 'utf8')) as Audit;
  // What the report tells is what was measured.
  const perModel = audit.robustness!.perModel;
  expect(perModel.map(({ cells }) => cells.map(({ accuracy }) => accuracy))).toEqual(
    results.map((result) => result!.cells.map(({ accuracy }) => accuracy)),
  );
  const images = Object.values<readonly GalleryImage[]>(audit.galleries).flat();
  expect(images.length).toBeGreaterThan(0);
  for (const { saliency, parts } of images) {
    expect(saliency!.width).toBe(8);
    expect(Buffer.from(saliency!.data, 'base64')).toHaveLength(64);
    expect(parts!.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1, 6);
  }
});
