import path from 'node:path';
import { loadModel } from '../../core/model/model-file.ts';
import {
  createReport,
  loadKeptReport,
  writeKeptReport,
} from '../../core/workflow/report/create-report.ts';
import { protocolNamed } from '../../core/protocol/protocols.ts';
import { relatedModels } from '../../core/workflow/related-models.ts';
import type { Host } from '../host.ts';
import { detectorsNamed } from '../detector-names.ts';
import { describeLeakage } from '../leakage.ts';
import { readSigner, robustnessOption } from '../report-options.ts';
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
  readonly detector?: string;
  readonly sign?: string;
  /** True without a number: all test images. */
  readonly robustness?: string | true;
}

/** `straylight audit <sparse model>`: compares it with its parent and its control, and reports. */
export async function auditCommand(
  host: Host,
  sparse: string,
  options: AuditOptions,
): Promise<void> {
  const workspace = host.workspace();
  const models = relatedModels(workspace, sparse, options);
  const { info } = await loadModel(workspace.modelFolder(models.sparse));
  if (models.control === null)
    host.output.line('Note: there is no control (λ = 0) of this model, so no gain can be shown.');
  const idDataset =
    options.id === undefined ? info.lineage.datasetId : await datasetId(host, options.id, 'id');
  const oodDatasets: string[] = [];
  for (const ood of options.ood) oodDatasets.push(await datasetId(host, ood, 'ood'));
  const protocol = options.protocol === undefined ? undefined : protocolNamed(options.protocol);
  const leakage = describeLeakage(host, idDataset, oodDatasets);
  const runtime = await host.runtime();
  const { audit, files } = await createReport(
    workspace,
    runtime,
    {
      subject: {
        models,
        idDataset,
        oodDatasets,
        detectors: options.detector ? detectorsNamed(options.detector).map(({ id }) => id) : null,
        protocol: protocol ?? null,
      },
      title: options.title ?? `Audit of ${info.name}`,
      command: host.command,
      outputFolder: options.out,
      ...(options.sign === undefined ? {} : { signer: await readSigner(options.sign) }),
      ...(options.robustness === undefined
        ? {}
        : { robustness: robustnessOption(options.robustness) }),
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

/** `straylight report <audit>`: writes a stored audit's report again. */
export async function redrawCommand(
  host: Host,
  wanted: string,
  { out, sign }: { readonly out?: string; readonly sign?: string },
): Promise<void> {
  const workspace = host.workspace();
  const { folder } = workspace.getAudit(wanted);
  const kept = await loadKeptReport(folder);
  const target = out ?? path.join(folder, 'again');
  const signer = sign === undefined ? null : await readSigner(sign);
  const files = await writeKeptReport(workspace, kept, target, { signer });
  host.output.line(`Report: ${files.pdf}`);
  host.output.result({ files });
}
