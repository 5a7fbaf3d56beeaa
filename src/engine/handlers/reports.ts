/** Audit reports: drafts that people fill in, their pages, their versions and files. */
import { createHash } from 'node:crypto';
import type { Progress } from '../../contract/common.ts';
import type { Report, ReportChoice } from '../../contract/reports.ts';
import { AppError } from '../../core/errors.ts';
import { COVER_FIELDS, DATASET_FIELDS, type FieldKey } from '../../core/report/draft.ts';
import { STATEMENT_FIELDS } from '../../core/report/schema/people.ts';
import { verifyReport } from '../../core/report/verify.ts';
import type { ReportDraft } from '../../core/store/reports.ts';
import { authorOf } from '../author.ts';
import type { EngineContext } from '../context.ts';
import type { EngineHandlers } from '../handlers.ts';
import { builtOf } from '../reports/built-report.ts';
import { buildReport, drawPages, writeVersion } from '../reports/report-build.ts';
import { exportVersion, versionOf, versionPages } from '../reports/report-files.ts';
import { createKey, signerOf } from '../reports/report-keys.ts';
import { planReport } from '../reports/report-plan.ts';
import { choiceOf, subjectOf, wireReport } from '../reports/report-wire.ts';

export const reportHandlers = (engine: EngineContext) => {
  const store = () => engine.workspace.reports;
  const wire = (draft: ReportDraft): Report => wireReport(engine, draft);
  const pdfOf = (pdf: Uint8Array) => ({
    pdf: new Uint8Array(pdf),
    sha256: createHash('sha256').update(pdf).digest('hex'),
  });
  return {
    'reports.list': () =>
      store()
        .list()
        .map((draft) => ({
          id: draft.id,
          title: draft.title,
          createdAt: draft.createdAt,
          changedAt: draft.entries.at(-1)?.time ?? draft.createdAt,
          sparseModelId: choiceOf(draft.subject).sparseModelId,
          built: builtOf(draft) !== null,
          versions: draft.versions.length,
        }))
        .toSorted((a, b) => b.changedAt.localeCompare(a.changedAt)),
    'reports.plan': ({ choice }) => planReport(engine, checked(engine, choice)),
    'reports.create': ({ title, choice }) => {
      const subject = subjectOf(checked(engine, choice));
      return wire(store().create({ title, subject, author: authorOf('') }));
    },
    'reports.get': ({ reportId }) => wire(store().get(reportId)),
    'reports.update': ({ reportId, title, choice, fields, datasets, signatures, author }) => {
      const by = authorOf(author);
      const { id } = store().get(reportId);
      const subject = choice && subjectOf(checked(engine, choice));
      if (title !== undefined && title !== store().get(id).title) store().rename(id, title, by);
      if (subject && JSON.stringify(subject) !== JSON.stringify(store().get(id).subject))
        store().setSubject(id, subject, by);
      for (const [key, text] of [...fieldsOf(fields ?? {}), ...datasetFields(datasets ?? [])])
        if (textOf(store().get(id), key) !== text) store().setField(id, key, text, by);
      for (const who of ['preparer', 'reviewer'] as const) {
        const signature = signatures?.[who];
        if (!signature) continue;
        const blank = Object.values(signature).every((part) => part === '');
        const next = blank ? null : signature;
        if (JSON.stringify(next) !== JSON.stringify(store().get(id)[who])) store().setSignature(id, who, next, by); // prettier-ignore
      }
      return wire(store().get(id));
    },
    'reports.fixCriterion': ({ reportId, text, check, replaces, author, note }) => {
      if (text === '' && !check)
        throw new AppError('usage', 'This criterion says nothing. Give a limit, or words that people can judge.'); // prettier-ignore
      const by = authorOf(author);
      const { id } = store().get(reportId);
      if (replaces !== null) withdraw(id, replaces, by, note);
      return wire(store().addCriterion(id, { text, check }, by));
    },
    'reports.withdrawCriterion': ({ reportId, criterionId, author, note }) =>
      wire(withdraw(store().get(reportId).id, criterionId, authorOf(author), note)),
    'reports.build': ({ reportId }, context) => {
      const { id, title } = store().get(reportId);
      return engine.jobs.run(
        { kind: 'report', title: `Build “${title}”` },
        context,
        async (hooks) => {
          // prettier-ignore
          await buildReport(engine, id, hooks);
          return wire(store().get(id));
        },
      );
    },
    // Not on the board: drawn while somebody types, in a second, for nobody but the window that asks.
    'reports.pages': async ({ reportId, version }, { signal, emit }) => {
      const draft = store().get(reportId);
      if (version !== null) return pdfOf(await versionPages(draft, version));
      return pdfOf(
        await drawPages(engine, draft.id, {
          signal,
          onProgress: (progress) => emit({ type: 'progress', progress }),
          onWarning: (text) => emit({ type: 'warning', text }),
        }),
      );
    },
    'reports.finalise': ({ reportId, status, author, note, signingKey }, context) => {
      const { id, title } = store().get(reportId);
      return engine.jobs.run(
        { kind: 'report', title: `Write “${title}”` },
        context,
        async (hooks) => {
          // prettier-ignore
          const signer = signingKey === null ? null : await signerOf(engine, signingKey);
          await writeVersion(engine, id, { status, author: authorOf(author), note, signer }, hooks);
          return wire(store().get(id));
        },
      );
    },
    'reports.export': ({ reportId, version, grantId }, context) => {
      const draft = store().get(reportId);
      versionOf(draft, version);
      const target = engine.grants.get(grantId);
      if (target.kind !== 'folder')
        throw new AppError('usage', `${target.displayPath} is a file. Choose the folder to write into.`); // prettier-ignore
      return engine.jobs.run({ kind: 'export', title: `Export “${draft.title}”` }, context, () =>
        exportVersion(engine, draft, version, target.path),
      );
    },
    'reports.verify': (given, context) => {
      const place =
        'grantId' in given
          ? engine.grants.get(given.grantId)
          : folderOf(versionOf(store().get(given.reportId), given.version));
      if (place.kind !== 'folder')
        throw new AppError(
          'usage',
          `${place.displayPath} is a file. Choose the folder of a report.`,
        );
      const title = `Verify ${place.displayPath}`;
      return engine.jobs.run({ kind: 'report', title }, context, async ({ signal, onProgress }) => {
        const { ok, checks } = await verifyReport(place.path, {
          signal,
          onCheck: ({ label }) => onProgress(checkProgress(label)),
        });
        return { ok, folder: place.displayPath, checks: checks.map((check) => ({ ...check })) };
      });
    },
    'reports.createKey': ({ grantId }) => createKey(engine, grantId),
    'reports.remove': ({ reportId }) => {
      store().remove(store().get(reportId).id, authorOf(''));
      return null;
    },
    'reports.restore': ({ reportId }) =>
      wire(store().restore(store().get(reportId).id, authorOf(''))),
  } satisfies Partial<EngineHandlers>;

  function withdraw(id: string, criterionId: string, author: string, note: string): ReportDraft {
    const criterion = store()
      .get(id)
      .criteria.find((one) => one.id === criterionId);
    if (criterion?.withdrawn)
      throw new AppError('usage', 'This criterion was withdrawn already. Open the report again.');
    if (note === '')
      throw new AppError('usage', 'Say why the criterion is withdrawn; the report shows it.');
    return store().withdrawCriterion(id, criterionId, author, note);
  }
};

/** With full ids. @throws AppError `not-found`, or `usage` where a set stands in the other's place */
function checked({ workspace }: EngineContext, choice: ReportChoice): ReportChoice {
  const model = (id: string): string => workspace.getModel(id).id;
  const set = (id: string, role: 'id' | 'ood'): string => {
    const row = workspace.getDataset(id);
    if (row.role !== role)
      throw new AppError('usage', `${row.name} is ${row.role === 'id' ? 'the in-distribution set' : 'an out-of-distribution set'} and cannot stand in the other’s place. Choose another one.`); // prettier-ignore
    return row.id;
  };
  if (choice.oodDatasetIds.length === 0)
    throw new AppError('usage', 'Choose at least one out-of-distribution set.');
  return {
    ...choice,
    sparseModelId: model(choice.sparseModelId),
    beforeModelId: model(choice.beforeModelId),
    controlModelId: choice.controlModelId === null ? null : model(choice.controlModelId),
    idDatasetId: set(choice.idDatasetId, 'id'),
    oodDatasetIds: [...new Set(choice.oodDatasetIds.map((id) => set(id, 'ood')))],
  };
}

function fieldsOf(
  fields: Readonly<Record<string, string>>,
): readonly (readonly [FieldKey, string])[] {
  return Object.entries(fields).map(([given, text]) => {
    const cover = COVER_FIELDS.find((name) => name === given);
    if (cover) return [{ part: 'cover', name: cover }, text];
    return [{ part: 'statement', name: STATEMENT_FIELDS.find((name) => name === given)! }, text];
  });
}

const datasetFields = (datasets: Report['datasets']): readonly (readonly [FieldKey, string])[] =>
  datasets.flatMap(
    (words) =>
    DATASET_FIELDS.map((name) => [{ part: 'dataset', datasetId: words.datasetId, name }, words[name]] as const), // prettier-ignore
  );

function textOf(draft: ReportDraft, key: FieldKey): string {
  const words =
    key.part === 'dataset'
      ? draft.datasets[key.datasetId]
      : draft[key.part === 'cover' ? 'cover' : 'statements'];
  return words?.[key.name]?.text ?? '';
}

const folderOf = ({ folder }: { readonly folder: string }) => ({
  kind: 'folder' as const,
  path: folder,
  displayPath: folder,
});

/** How many checks there will be is not known. */
const checkProgress = (phase: string): Progress => ({
  phase,
  value: 0.5,
  done: 0,
  total: null,
  unit: 'steps',
  ratePerS: null,
  remainingS: null,
});
