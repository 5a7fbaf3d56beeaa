/** Reports in the fake: kept in memory, drawn by nobody; their pages are a file that the preview serves. */
import { HUMAN_FIELDS, type HumanField, type HumanFieldName, type Report, type ReportChoice, type ReportVersion } from '../../../contract/reports.ts'; // prettier-ignore
import { RemoteError } from '../../../rpc/errors.ts';
import { pretend, type JobList } from './live.ts';
import { emptyPdf } from './empty-pdf.ts';
import type { Part } from './types.ts';
import { TIME, type World } from './world.ts';

const HASH = '9b1f0c6a7de25b8f4a3e1c0d92b7a6f58e4d3c2b1a09f8e7d6c5b4a392817065';
const LATER = '2026-08-15T14:05:00.000Z';
const SECONDS_PER_IMAGE = 0.004;

const mapFields = <Value>(value: (name: HumanFieldName) => Value) =>
  Object.fromEntries(HUMAN_FIELDS.map((name) => [name, value(name)])) as Record<HumanFieldName, Value>; // prettier-ignore
const blank = { name: '', role: '', date: '' };

export class Reports {
  readonly byId = new Map<string, Report>();
  readonly removed = new Map<string, Report>();
  private minted = 0;

  get(id: string): Report {
    const found = this.byId.get(id);
    if (!found)
      throw new RemoteError('not-found', 'This report is not in the workspace any more. Choose another one.'); // prettier-ignore
    return found;
  }
  /** Time goes on with every change, so that the newest can be told. */
  put(report: Report, changes: Partial<Report>): Report {
    const changedAt = new Date(Date.parse(LATER) + 60_000 * this.minted++).toISOString();
    const next = { ...report, changedSinceVersion: report.versions.length > 0, changedAt, ...changes }; // prettier-ignore
    this.byId.set(next.id, next);
    return next;
  }
  create(title: string, choice: ReportChoice): Report {
    return this.put(
      {
        id: `a-${this.byId.size + this.removed.size + 1}`,
        title,
        createdAt: TIME,
        changedAt: TIME,
        choice,
        fields: mapFields(() => ({ text: '', author: '', changedAt: null })),
        datasets: [],
        signatures: { preparer: blank, reviewer: blank },
        criteria: [],
        built: null,
        versions: [],
        changedSinceVersion: false,
      },
      {},
    );
  }
}

/** One that was built, in part filled in, and finalised once; then its risks were written anew. */
export function oneReport(reports: Reports, world: World): Report {
  const choice = choiceOf(world);
  const words: Partial<Record<HumanFieldName, string>> = {
    author: 'Ada Lovelace',
    reviewer: 'Grace Hopper',
    intendedUse: 'Sorting returned clothing into ten bins at the Leeds warehouse, under the station’s own light. A person empties the bin of what is rejected.', // prettier-ignore
    outOfScopeUse: 'Photographs that customers take. Anything worn by a person.',
    audited: 'The model as it is deployed, with its threshold, on the test images of May 2026.',
    licence: 'Internal use only.',
    risks: 'Shirts and T-shirts are confused in folded form; a wrong bin costs about 40 seconds.',
  };
  const made = reports.create('Sorting station, clothing', choice);
  const fields = mapFields((name): HumanField => words[name] ? { text: words[name], author: 'Ada', changedAt: TIME } : made.fields[name]); // prettier-ignore
  const version: ReportVersion = {
    version: 1,
    time: LATER,
    author: 'Ada',
    status: 'final',
    note: 'For the review in August',
    reportSha256: HASH,
    signedBy: null,
    title: made.title,
    choice,
    fields: { ...mapFields((name) => words[name] ?? ''), risks: '' },
  };
  const fixed = { author: 'Grace', fixedAt: TIME, beforeTest: true, withdrawn: null };
  return reports.put(made, {
    fields,
    criteria: [
      { ...fixed, id: 'k-1', text: '', check: { metric: 'fpr95', dataset: null, relation: 'at most', value: 0.35 }, result: { value: 0.312, outcome: 'met' } }, // prettier-ignore
      { ...fixed, id: 'k-2', text: '', check: { metric: 'id-accuracy', dataset: null, relation: 'at least', value: 0.9 }, result: { value: 0.884, outcome: 'not met' } }, // prettier-ignore
      { ...fixed, id: 'k-3', text: 'No class of shoes is rejected more often than one in twenty.', check: null, result: null }, // prettier-ignore
      { ...fixed, id: 'k-4', text: 'Half of all textures are caught.', check: null, result: null, withdrawn: { author: 'Grace', time: LATER, note: 'Textures are not seen at the station' } }, // prettier-ignore
    ],
    built: BUILT,
    versions: [version],
    changedSinceVersion: true,
  });
}

function choiceOf(world: World): ReportChoice {
  return {
    sparseModelId: 'm-sparse',
    beforeModelId: 'm-before',
    controlModelId: 'm-control',
    idDatasetId: 'fashion',
    oodDatasetIds: [...world.datasets.values()].filter(({ role }) => role === 'ood').map(({ id }) => id), // prettier-ignore
    detectors: ['energy', 'msp'],
    protocol: null,
    robustness: false,
  };
}

const BUILT: NonNullable<Report['built']> = {
  builtAt: LATER,
  outcome: 'improved',
  sentence:
    'Mean FPR95 over 3 OOD sets fell by 5.9 points against the control (95% interval 4.1 to 7.8).',
  stale: [],
};

const withdraw = (
  { criteria }: Report,
  id: string | null,
  withdrawn: NonNullable<Report['criteria'][number]['withdrawn']>,
) => criteria.map((one) => (one.id === id ? { ...one, withdrawn } : one));

export function reportMethods(
  world: World,
  jobs: JobList,
  reports: Reports,
  options: { readonly stepMs: number; readonly pdf?: (() => Promise<Uint8Array>) | undefined },
): Part<'reports'> {
  const { stepMs } = options;
  const missingOf = (choice: ReportChoice) =>
    [choice.beforeModelId, choice.controlModelId, choice.sparseModelId].flatMap((modelId) => {
      const model = modelId === null ? undefined : world.models.get(modelId);
      return [choice.idDatasetId, ...choice.oodDatasetIds].flatMap((datasetId) =>
        model && !model.scoredDatasetIds.includes(datasetId)
          ? [{ modelId: model.id, datasetId, images: world.datasets.get(datasetId)?.ok ?? 0 }]
          : [],
      );
    });
  const pages = async () => ({
    pdf: new Uint8Array(options.pdf ? await options.pdf() : emptyPdf()),
    sha256: HASH,
  });
  return {
    'reports.list': () =>
      [...reports.byId.values()]
        .toSorted((a, b) => b.changedAt.localeCompare(a.changedAt))
        .map(({ id, title, createdAt, changedAt, choice, built, versions }) => ({
          id,
          title,
          createdAt,
          changedAt,
          sparseModelId: choice.sparseModelId,
          built: built !== null,
          versions: versions.length,
        })),
    'reports.plan': ({ choice }) => {
      const missing = missingOf(choice);
      const images = missing.reduce((sum, one) => sum + one.images, 0);
      const scored = [...world.models.values()].some((model) => model.scoredDatasetIds.length > 0);
      return {
        barred: [],
        missing,
        seconds: images * SECONDS_PER_IMAGE,
        firstScoredAt: scored ? TIME : null,
        protocols: [
          { id: 'as-given', label: 'Own sets', statement: 'Mean over the OOD sets that were chosen.' }, // prettier-ignore
          { id: 'near-far', label: 'Near and far', statement: 'Near and far sets are averaged apart.' }, // prettier-ignore
        ],
      };
    },
    'reports.create': ({ title, choice }) => reports.create(title, choice),
    'reports.get': ({ reportId }) => reports.get(reportId),
    'reports.update': ({ reportId, fields = {}, author, ...changes }) => {
      const report = reports.get(reportId);
      const { built } = report;
      const wanted = changes.choice ?? report.choice;
      const changedChoice = JSON.stringify(wanted) !== JSON.stringify(report.choice);
      return reports.put(report, {
        ...changes,
        fields: mapFields((name) =>
          fields[name] === undefined || fields[name] === report.fields[name].text
            ? report.fields[name]
            : { text: fields[name], author, changedAt: LATER },
        ),
        ...(changedChoice && built
          ? { built: { ...built, stale: ['What is audited was changed.'] } }
          : {}),
      });
    },
    'reports.fixCriterion': ({ reportId, text, check, replaces, author, note }) => {
      const report = reports.get(reportId);
      const beforeTest = missingOf(report.choice).length > 0;
      const fixed = { id: `k-${report.criteria.length + 1}`, text, check, author, fixedAt: LATER, beforeTest, withdrawn: null, result: null }; // prettier-ignore
      return reports.put(report, {
        criteria: [...withdraw(report, replaces, { author, note, time: LATER }), fixed],
      });
    },
    'reports.withdrawCriterion': ({ reportId, criterionId, author, note }) => {
      const report = reports.get(reportId);
      return reports.put(report, {
        criteria: withdraw(report, criterionId, { author, note, time: LATER }),
      });
    },
    'reports.build': async ({ reportId }, context) => {
      const { title, choice } = reports.get(reportId);
      const images = missingOf(choice).reduce((sum, one) => sum + one.images, 0);
      await pretend(jobs, { kind: 'report', title: `Report “${title}”`, images, stepMs }, context);
      for (const id of [choice.beforeModelId, choice.controlModelId, choice.sparseModelId]) {
        const model = id === null ? undefined : world.models.get(id);
        const scored = [...new Set([...(model?.scoredDatasetIds ?? []), choice.idDatasetId, ...choice.oodDatasetIds])]; // prettier-ignore
        if (model) world.models.set(model.id, { ...model, scoredDatasetIds: scored });
      }
      const report = reports.get(reportId);
      return reports.put(report, { built: BUILT });
    },
    'reports.pages': async ({ reportId }) => {
      if (!reports.get(reportId).built)
        throw new RemoteError('usage', 'This report is not built yet. Build it first.');
      return pages();
    },
    'reports.finalise': async ({ reportId, status, author, note, signingKey }, context) => {
      const { title } = reports.get(reportId);
      await pretend(jobs, { kind: 'report', title: `Finalise “${title}”`, images: 20, stepMs: stepMs / 4 }, context); // prettier-ignore
      const report = reports.get(reportId);
      const number = report.versions.length + 1;
      const version: ReportVersion = {
        version: number,
        time: LATER,
        author,
        status,
        note,
        reportSha256: HASH.replace('9b', `${number}b`),
        signedBy: signingKey === null ? null : 'SHA256:4f0c…a1',
        title: report.title,
        choice: report.choice,
        fields: mapFields((name) => report.fields[name].text),
      };
      return reports.put(report, {
        versions: [...report.versions, version],
        changedSinceVersion: false,
      });
    },
    'reports.export': async ({ reportId, version, grantId }, context) => {
      const { title } = reports.get(reportId);
      await pretend(jobs, { kind: 'export', title: `Export “${title}”`, images: 4, stepMs: stepMs / 8 }, context); // prettier-ignore
      const name = `report-v${version}`;
      return {
        folder: { grantId: `${grantId}-out`, kind: 'folder', displayPath: `/exports/${name}` },
        files: [
          { name: 'report.pdf', bytes: 1_832_114, sha256: HASH },
          { name: 'report.json', bytes: 412_003, sha256: HASH },
          { name: 'per-image.csv', bytes: 2_210_448, sha256: HASH },
          { name: 'manifest.json', bytes: 3_412, sha256: HASH },
        ],
      };
    },
    'reports.verify': async (_given, context) => {
      await pretend(jobs, { kind: 'report', title: 'Verify a report', images: 9500, stepMs: stepMs / 8 }, context); // prettier-ignore
      return {
        ok: true,
        folder: '/exports/report-v1',
        checks: [
          { label: 'Files', ok: true, detail: '4 files have the hashes of the manifest' },
          { label: 'Numbers', ok: true, detail: '1,284 numbers recomputed from 3,850 images' },
          { label: 'Signature', ok: true, detail: 'not signed' },
        ],
      };
    },
    'reports.createKey': () => ({
      key: { grantId: 'grant-key', kind: 'file', displayPath: '/keys/straylight-signing.key' },
      fingerprint: 'SHA256:4f0c…a1',
    }),
    'reports.remove': ({ reportId }) => {
      reports.removed.set(reportId, reports.get(reportId));
      reports.byId.delete(reportId);
      return null;
    },
    'reports.restore': ({ reportId }) => {
      const report = reports.removed.get(reportId);
      if (!report) throw new RemoteError('not-found', 'There is no such removed report.');
      reports.removed.delete(reportId);
      reports.byId.set(reportId, report);
      return report;
    },
  };
}
