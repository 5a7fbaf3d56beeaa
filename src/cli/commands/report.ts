import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { AppError, messageOf } from '../../core/errors.ts';
import { protocolNamed } from '../../core/protocol/protocols.ts';
import type { PeopleParts } from '../../core/report/assemble.ts';
import type { Attachment, Statements, Supplied } from '../../core/report/audit.ts';
import type { ReportSubject } from '../../core/report/draft.ts';
import { parseReportConfig, type ReportConfig } from '../../core/report/report-config.ts';
import { sha256Hex } from '../../core/sha256.ts';
import type { Workspace } from '../../core/store/workspace.ts';
import { relatedModels } from '../../core/workflow/related-models.ts';
import { createReport } from '../../core/workflow/report/create-report.ts';
import { detectorById } from '../../core/score/registry.ts';
import type { Host } from '../host.ts';
import { describeLeakage } from '../leakage.ts';
import { readSigner } from '../report-options.ts';
import { datasetId } from '../resolve.ts';
import { redrawCommand } from './audit.ts';
import { describeAudit } from './describe-audit.ts';

export interface ReportOptions {
  readonly config?: string;
  readonly example?: boolean;
  readonly sign?: string;
  readonly out?: string;
}

const EXAMPLE = fileURLToPath(new URL('../../../resources/audit.example.yaml', import.meta.url));

/** `straylight report`: of a YAML file, or of a stored audit again. */
export async function reportCommand(
  host: Host,
  audit: string | undefined,
  options: ReportOptions,
): Promise<void> {
  if (options.example === true) {
    host.output.line((await readFile(EXAMPLE, 'utf8')).trimEnd());
    return;
  }
  if (audit !== undefined && options.config === undefined) return redrawCommand(host, audit, options); // prettier-ignore
  if (audit !== undefined || options.config === undefined)
    throw new AppError(
      'usage',
      'Give either a stored audit, to write its report again, or --config <file>. `straylight report --example` prints such a file.',
    );
  await reportFromConfig(host, options.config, options);
}

async function reportFromConfig(host: Host, file: string, options: ReportOptions): Promise<void> {
  const config = parseReportConfig(await readYaml(file), file);
  // Files are meant as the person who wrote them sees them: beside the configuration.
  const beside = (name: string): string => path.resolve(path.dirname(file), name);
  const workspace = host.workspace();
  const subject = await subjectOf(host, workspace, config);
  const key = options.sign ?? (config.sign === undefined ? undefined : beside(config.sign));
  const signer = key === undefined ? null : await readSigner(key);
  const people = await peopleOf(workspace, config, subject, beside, new Date().toISOString());
  const leakage = describeLeakage(host, subject.idDataset, subject.oodDatasets);
  const runtime = await host.runtime();
  const { audit, files } = await createReport(
    workspace,
    runtime,
    {
      subject,
      title: people.title,
      command: host.command,
      config,
      people,
      outputFolder: options.out ?? (config.out === undefined ? undefined : beside(config.out)),
      signer,
      ...(config.robustness === false ? {} : { robustness: { images: config.robustness === 'all' ? null : config.robustness } }), // prettier-ignore
    },
    host.hooks,
  );
  describeAudit(host, audit, files);
  host.output.result({ audit: audit.id, leakage: leakage.counts, verdict: audit.verdict, files });
}

async function readYaml(file: string): Promise<unknown> {
  try {
    return parse(await readFile(file, 'utf8')) as unknown;
  } catch (cause) {
    throw new AppError('usage', `${file} cannot be read: ${messageOf(cause)}. See an example with: straylight report --example`, { cause }); // prettier-ignore
  }
}

async function subjectOf(
  host: Host,
  workspace: Workspace,
  config: ReportConfig,
): Promise<ReportSubject> {
  const { before, control, sparse } = config.models;
  const models = relatedModels(workspace, sparse, { before, control });
  const trained = workspace.getModel(models.sparse).datasetId;
  if (config.id === undefined && trained === null)
    throw new AppError('usage', 'The model does not say what it was trained on. Give `id`.');
  const idDataset = config.id === undefined ? trained! : await datasetId(host, config.id, 'id');
  const oodDatasets: string[] = [];
  for (const ood of config.ood) oodDatasets.push(await datasetId(host, ood, 'ood'));
  for (const [name, nearFar] of Object.entries(config.nearFar ?? {})) {
    const id = oodDatasets.find((one) => [name].includes(workspace.getDataset(one).name));
    if (id === undefined)
      throw new AppError('usage', `nearFar names "${name}", which is not one of the OOD sets: ${oodDatasets.map((one) => workspace.getDataset(one).name).join(', ')}.`); // prettier-ignore
    workspace.setNearFar(id, nearFar);
  }
  const { detectors, protocol } = config;
  return {
    models,
    idDataset,
    oodDatasets,
    detectors: detectors === 'all' ? null : detectors.map((id) => detectorById(id).id),
    protocol: protocol === undefined ? null : protocolNamed(protocol),
  };
}

async function peopleOf(
  workspace: Workspace,
  config: ReportConfig,
  subject: ReportSubject,
  beside: (name: string) => string,
  now: string,
): Promise<PeopleParts> {
  const author = config.author ?? 'not named';
  const words = (text: string | null | undefined): Supplied | null =>
    text === undefined || text === null ? null : { text, author, time: now };
  const given = config.statements ?? {};
  const sets = [subject.idDataset, ...subject.oodDatasets];
  const names = sets.map((id) => workspace.getDataset(id).name);
  const unknown = Object.keys(config.datasets ?? {}).find((name) => !names.includes(name));
  if (unknown !== undefined)
    throw new AppError('usage', `datasets names "${unknown}", which is not one of the sets: ${names.join(', ')}.`); // prettier-ignore
  const testedAt = workspace.reports.firstScoredAt(subject.models.sparse, sets);
  const statements: Statements = {
    intendedUse: words(given.intendedUse),
    outOfScopeUse: words(given.outOfScopeUse),
    audited: words(given.audited),
    notAudited: words(given.notAudited),
    licence: words(given.licence),
    risks: words(given.risks),
    actions: words(given.actions),
    oversight: words(given.oversight),
    monitoring: words(given.monitoring),
    acceptanceCriteria:
      config.acceptanceCriteria?.map(({ text, check, fixedAt, author: by }) => ({
        text,
        check: check ?? null,
        author: by ?? author,
        fixedAt: fixedAt ?? now,
        // A time in a file is a claim: it can show that a criterion came late, and never that it came early.
        beforeTest: testedAt === null ? (fixedAt === undefined ? true : null) : Date.parse(fixedAt ?? now) < Date.parse(testedAt) ? null : false, // prettier-ignore
        withdrawn: null,
        result: null,
      })) ?? null,
    datasets: names.map((dataset) => {
      const about = config.datasets?.[dataset] ?? {};
      return {
        dataset,
        source: words(about.source),
        licence: words(about.licence),
        collection: words(about.collection),
      };
    }),
    preparer: config.signOff?.preparer ?? null,
    reviewer: config.signOff?.reviewer ?? null,
  };
  const attachments: Attachment[] = [];
  for (const { file, note } of config.attachments ?? []) {
    const bytes = await readFile(beside(file)).catch((cause: unknown) => {
      throw new AppError('usage', `The attachment ${file} cannot be read: ${messageOf(cause)}.`, { cause }); // prettier-ignore
    });
    attachments.push({ name: path.basename(file), bytes: bytes.length, sha256: sha256Hex(bytes), note }); // prettier-ignore
  }
  return {
    title: config.title ?? `Audit of ${workspace.getModel(subject.models.sparse).name}`,
    cover: {
      author: config.author ?? null,
      reviewer: config.reviewer ?? null,
      organisation: config.organisation ?? null,
      status: config.status,
      version: 1,
    },
    statements,
    versions: [],
    attachments,
  };
}
