/** Which models and sets an audit covers, and the command line that writes its report. */
import type { DatasetCard } from '../../../contract/datasets.ts';
import type { HostInfo } from '../../../contract/host.ts';
import type { ModelSummary } from '../../../contract/training.ts';

export interface AuditPlan {
  readonly before: ModelSummary;
  /** Null: no gain can be shown. */
  readonly control: ModelSummary | null;
  readonly sparse: ModelSummary;
  readonly idDataset: DatasetCard;
  readonly oodDatasets: readonly DatasetCard[];
}

/** Models that were fine-tuned from another one that is here, newest first, sparse ones before the others. */
export function auditable(models: readonly ModelSummary[]): readonly ModelSummary[] {
  const known = new Set(models.map(({ id }) => id));
  return models
    .filter(({ parentId, role }) => parentId !== null && known.has(parentId) && role !== 'control')
    .toSorted(
      (a, b) =>
        Number(b.role === 'sparse') - Number(a.role === 'sparse') ||
        b.createdAt.localeCompare(a.createdAt),
    );
}

/** The control of a model: fine-tuned from the same parent with λ = 0, of the same seed where there is one, else the newest. */
export function controlOf(
  { id, parentId, seed }: ModelSummary,
  models: readonly ModelSummary[],
): ModelSummary | null {
  const controls = models
    .filter((other) => other.id !== id && other.parentId === parentId && other.role === 'control')
    .toSorted((a, b) => b.createdAt.localeCompare(a.createdAt));
  return controls.find((other) => other.seed === seed) ?? controls[0] ?? null;
}

/** One argument, so that the shell takes it as it is. Names and paths are other people's text. */
export function shellQuote(text: string, platform: HostInfo['platform']): string {
  if (/^[\w./:=@%+-]+$/u.test(text) && !text.startsWith('-')) return text;
  // PowerShell and POSIX shells both take single quotes literally; they differ in how one is written within.
  return platform === 'win32'
    ? `'${text.replaceAll("'", "''")}'`
    : `'${text.replaceAll("'", `'\\''`)}'`;
}

/** Ids rather than names: they are unique and stay. */
export function auditCommand(
  { before, control, sparse, idDataset, oodDatasets }: AuditPlan,
  { workspace, platform }: { readonly workspace: string; readonly platform: HostInfo['platform'] },
): string {
  return [
    'straylight',
    '--workspace',
    workspace,
    'audit',
    sparse.id,
    '--before',
    before.id,
    ...(control ? ['--control', control.id] : []),
    '--id',
    idDataset.id,
    '--ood',
    ...oodDatasets.map(({ id }) => id),
  ]
    .map((word) => (word.startsWith('--') ? word : shellQuote(word, platform)))
    .join(' ');
}

/** What a reader of the report would object to, known before it is written. */
export type Caution = 'no-control' | 'no-near' | 'one-seed' | 'leakage' | 'not-analysed';

export function cautionsOf(plan: AuditPlan, models: readonly ModelSummary[]): readonly Caution[] {
  const { before, control, sparse, idDataset, oodDatasets } = plan;
  const sets = [idDataset, ...oodDatasets];
  const seeds = new Set(
    models
      .filter(
        ({ role, lambda, datasetId, network }) =>
          role === sparse.role &&
          lambda === sparse.lambda &&
          datasetId === sparse.datasetId &&
          network === before.network,
      ) // prettier-ignore
      .map(({ seed }) => seed),
  );
  return [
    ...(control ? [] : ['no-control' as const]),
    ...(oodDatasets.some(({ nearFar }) => nearFar === 'near') ? [] : ['no-near' as const]),
    ...(seeds.size > 1 ? [] : ['one-seed' as const]),
    ...(sets.some(({ analysis }) => (analysis?.leaks.length ?? 0) > 0) ? ['leakage' as const] : []),
    ...(sets.some(({ analysis }) => analysis === null) ? ['not-analysed' as const] : []),
  ];
}
