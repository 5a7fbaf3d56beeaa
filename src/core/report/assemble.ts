/**
 * Puts a report together: facts that were recorded, and numbers that follow from the images' columns. An `Audit` holds
 * all the facts it was made of, so that `verify` can put it together again from numbers that it computed itself.
 */
import type { Audit, DatasetResult, Galleries, ModelResult, ScoreResult } from './audit.ts';
import { evidenceOf } from './evidence.ts';
import { limitationsOf } from './limitations.ts';
import { judgedCriteria } from './measure/criteria.ts';
import { topRisksOf, type ReportNumbers } from './measure/measure.ts';
import type { ModelNumbers } from './measure/model-numbers.ts';
import type { MeasureSettings } from './measure/settings.ts';
import type { SetNumbers } from './measure/set-numbers.ts';

type Measured =
  | keyof Pick<
      ReportNumbers,
      | 'verdict'
      | 'headlines'
      | 'pairedAgainstBefore'
      | 'pairedAgainstControl'
      | 'flips'
      | 'sparsity'
      | 'leakage'
      | 'distributions'
      | 'curves'
      | 'topRisks'
      | 'protocolResults'
    >
  | 'limitations'
  | 'evidence';

export type SetFacts = Omit<DatasetResult, keyof SetNumbers>;
export type ScoreFacts = Pick<ScoreResult, 'score' | 'label' | 'hyperparameters' | 'notes'>;
export type ModelFacts = Omit<ModelResult, keyof ModelNumbers> & {
  readonly scores: readonly ScoreFacts[];
};

/** All that is recorded and not computed. Every `Audit` is one. */
export interface AuditFacts extends Omit<
  Audit,
  Measured | 'idDataset' | 'oodDatasets' | 'models' | 'sharing' | 'galleries'
> {
  readonly idDataset: SetFacts;
  readonly oodDatasets: readonly SetFacts[];
  readonly models: readonly ModelFacts[];
  /** Near copies between parts that were looked for; which parts there are is known. */
  readonly sharing: readonly { readonly between: string; readonly near: number | null }[];
  /** Only what gallery images look like is taken of it. */
  readonly galleries: Galleries | null;
}

/** The report. Same facts and numbers, same report. */
export function assembleAudit(facts: AuditFacts, numbers: ReportNumbers): Audit {
  const [id, ...ood] = numbers.sets;
  const near = new Map(facts.sharing.map((entry) => [entry.between, entry.near]));
  const { verdict, headlines, pairedAgainstBefore, pairedAgainstControl } = numbers;
  const { leakage, flips, sparsity, distributions, curves, topRisks, protocolResults } = numbers;
  const audit: Audit = {
    ...facts,
    idDataset: { ...setFacts(facts.idDataset), ...id! },
    oodDatasets: facts.oodDatasets.map((set, i) => ({ ...setFacts(set), ...ood[i]! })),
    models: facts.models.map((model, m) => modelResult(model, numbers.models[m]!)),
    headlines,
    pairedAgainstControl,
    pairedAgainstBefore,
    verdict,
    topRisks,
    statements: { ...facts.statements, acceptanceCriteria: numbers.criteria },
    leakage,
    sharing: leakage.map(({ between, images }) => ({
      between,
      exact: images,
      near: near.get(between) ?? null,
    })),
    distributions,
    curves,
    protocolResults,
    flips,
    sparsity,
    galleries: withPictures(numbers.galleries, facts.galleries),
    limitations: [],
    evidence: [],
  };
  const limited = { ...audit, limitations: limitationsOf(audit) };
  return { ...limited, evidence: evidenceOf(limited) };
}

/** What the numbers of a report depend on besides its columns. */
export const settingsOf = (audit: Audit): MeasureSettings =>
  settingsFrom(
    audit,
    audit.models.map(({ operatingPoint: { from, threshold, decidedBy, decidedAt, rationale } }) =>
      from === 'decision'
        ? { value: threshold, author: decidedBy ?? '', reason: rationale, time: decidedAt ?? '' }
        : null,
    ),
    audit.protocolResults[0]?.protocol ?? null,
  );

/** @param decisions per model the operating threshold that a person chose */
export const settingsFrom = (
  { bootstrap, oodDatasets, models, statements }: AuditFacts,
  decisions: MeasureSettings['decisions'],
  protocol: MeasureSettings['protocol'],
): MeasureSettings => ({
  bootstrap: { samples: bootstrap.samples, seed: bootstrap.seed },
  method: bootstrap.method,
  nearFar: oodDatasets.map(({ nearFar }) => nearFar),
  detectors: models.map(({ scores }) => scores.map(({ score }) => score)),
  decisions,
  runs: models.map(({ parentId, training }) => ({ parentId, training })),
  seeds: 1,
  protocol,
  criteria: statements.acceptanceCriteria,
});

function setFacts(set: SetFacts): SetFacts {
  const { id, name, root, role, nearFar, format, classes } = set;
  const { symlinksSkipped, splitSource, fingerprint, source } = set;
  return { id, name, root, role, nearFar, format, classes, symlinksSkipped, splitSource, fingerprint, source }; // prettier-ignore
}

const modelResult = (facts: ModelFacts, numbers: ModelNumbers): ModelResult => ({
  ...facts,
  ...numbers,
  scores: numbers.scores.map((score, i) => {
    const { label, hyperparameters, notes } = facts.scores[i]!;
    return { ...score, label, hyperparameters, notes };
  }),
});

/** Heat maps and parts of the energy, which do not follow from the columns. */
function withPictures(found: Galleries, known: Galleries | null): Galleries {
  if (!known) return found;
  const pictures = new Map(
    Object.values(known)
      .flat()
      .map((image) => [JSON.stringify([image.dataset, image.path]), image]),
  );
  const filled = (list: Galleries['worstId']): Galleries['worstId'] =>
    list.map((image) => {
      const picture = pictures.get(JSON.stringify([image.dataset, image.path]));
      return picture ? { ...image, parts: picture.parts, saliency: picture.saliency } : image;
    });
  return {
    worstId: filled(found.worstId),
    mostAcceptedOod: filled(found.mostAcceptedOod),
    regressions: filled(found.regressions),
    rescues: filled(found.rescues),
  };
}

/** What people add to a report; the numbers stay as they are. */
export type PeopleParts = Pick<
  Audit,
  'title' | 'cover' | 'statements' | 'versions' | 'attachments'
>;

/** The same report with other words of people: criteria are judged again, and limitations and evidence follow. */
export function withPeople(audit: Audit, people: PeopleParts): Audit {
  const { criteria, topRisks } = judgedByPeople(audit, people.statements.acceptanceCriteria);
  const changed = {
    ...audit,
    ...people,
    topRisks,
    statements: { ...people.statements, acceptanceCriteria: criteria },
  };
  const limited = { ...changed, limitations: limitationsOf(changed) };
  return { ...limited, evidence: evidenceOf(limited) };
}

function judgedByPeople(
  { models, verdict }: Audit,
  given: Audit['statements']['acceptanceCriteria'],
) {
  // prettier-ignore
  const criteria = judgedCriteria(given, models.find(({ role }) => role === 'sparse')!);
  return { criteria, topRisks: topRisksOf(verdict, criteria) };
}
