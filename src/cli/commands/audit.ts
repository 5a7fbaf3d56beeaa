import { loadModel } from '../../core/model/model-file.ts';
import { AppError } from '../../core/errors.ts';
import { auditModels, redrawReport } from '../../core/workflow/audit-models.ts';
import { protocolNamed } from '../../core/protocol/protocols.ts';
import type { Host } from '../host.ts';
import { describeLeakage } from '../leakage.ts';
import { datasetId } from '../resolve.ts';
import { describeAudit } from './describe-audit.ts';

export interface AuditOptions {
  readonly before?: string;
  readonly control?: string;
  readonly id?: string;
  readonly ood: readonly string[];
  readonly title?: string;
  readonly out?: string;
  readonly protocol?: string;
}

/** `straylight audit <sparse model>`: compares it with its parent and its control, and reports. */
export async function auditCommand(
  host: Host,
  sparse: string,
  options: AuditOptions,
): Promise<void> {
  const workspace = host.workspace();
  const sparseRow = workspace.getModel(sparse);
  const { info } = await loadModel(sparseRow.folder);
  const beforeId =
    options.before === undefined ? info.lineage.parentId : workspace.getModel(options.before).id;
  if (beforeId === null)
    throw new AppError(
      'usage',
      `${info.name} is a pretrained model: there is nothing to compare it with. Fine-tune it first: straylight finetune ${sparseRow.id}`,
    );
  const control =
    options.control === undefined
      ? findControl(workspace.listModels(), sparseRow.id, beforeId)
      : workspace.getModel(options.control).id;
  if (control === null)
    host.output.line('Note: there is no control (λ = 0) of this model, so no gain can be shown.');
  const idDataset =
    options.id === undefined ? info.lineage.datasetId : await datasetId(host, options.id, 'id');
  const oodDatasets: string[] = [];
  for (const ood of options.ood) oodDatasets.push(await datasetId(host, ood, 'ood'));
  const protocol = options.protocol === undefined ? undefined : protocolNamed(options.protocol);
  const leakage = describeLeakage(host, idDataset, oodDatasets);
  const runtime = await host.runtime();
  const { audit, files } = await auditModels(
    workspace,
    runtime,
    {
      models: { before: beforeId, control, sparse: sparseRow.id },
      idDataset,
      oodDatasets,
      title: options.title ?? `Audit of ${info.name}`,
      command: host.command,
      protocol,
      outputFolder: options.out,
    },
    host.hooks,
  );
  describeAudit(host, audit, files);
  host.output.result({
    audit: audit.id,
    leakage: leakage.counts,
    protocol: audit.protocolResults,
    verdict: audit.verdict,
    files,
  });
}

interface ModelSummary {
  readonly id: string;
  readonly parentId: string | null;
  readonly role: string;
}

/** The newest λ = 0 fine-tuning of the same parent. Whether its settings match is checked by the verdict. */
function findControl(
  models: readonly ModelSummary[],
  sparse: string,
  parent: string,
): string | null {
  const controls = models.filter(
    ({ id, parentId, role }) => id !== sparse && parentId === parent && role === 'control',
  );
  return (
    controls
      .map(({ id }) => id)
      .sort()
      .at(-1) ?? null
  );
}

/** `straylight report <audit>`: draws a stored audit's report again. */
export async function reportCommand(
  host: Host,
  audit: string,
  options: { readonly out?: string },
): Promise<void> {
  const files = await redrawReport(host.workspace(), audit, options.out, host.hooks);
  host.output.line(`Report: ${files.pdf}`);
  host.output.result({ files });
}
