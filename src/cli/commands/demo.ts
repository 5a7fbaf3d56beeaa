import { mkdtemp, readdir } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { AppError } from '../../core/errors.ts';
import { runPipeline } from '../../core/pipeline.ts';
import { verifyReport } from '../../core/report/verify.ts';
import type { Host } from '../host.ts';
import { numberOption } from '../resolve.ts';
import { describeAudit } from './describe-audit.ts';

export interface DemoOptions {
  readonly out?: string;
  readonly seed?: string;
}

const SAMPLE = fileURLToPath(new URL('../../../resources/sample/', import.meta.url));

/** `straylight demo`: the whole way on the images that come with Straylight. */
export async function demo(host: Host, options: DemoOptions): Promise<void> {
  const startedMs = performance.now();
  const out = path.resolve(options.out ?? 'straylight-demo');
  const runtime = await host.runtime();
  // A workspace of its own: a demo must not mix with what a user made.
  const workspace = host.workspace(await mkdtemp(path.join(os.tmpdir(), 'straylight-demo-')));
  const ood = (await readdir(path.join(SAMPLE, 'ood'), { withFileTypes: true }))
    .filter((entry) => entry.isDirectory())
    .map((entry) => path.join(SAMPLE, 'ood', entry.name))
    .sort();
  host.output.line(
    `Straylight demo on ${runtime.tier} (TensorFlow ${runtime.tensorflowVersion}, ${runtime.threads} threads): Fashion-MNIST is in-distribution; ${ood.map((folder) => path.basename(folder)).join(', ')} are not.`,
  );
  const { audit, files } = await runPipeline(
    workspace,
    runtime,
    {
      idFolder: path.join(SAMPLE, 'fashion'),
      oodFolders: ood,
      preset: 'quick',
      inputSize: 28,
      resize: 'stretch',
      seed: numberOption('seed', options.seed) ?? 1,
      title: 'Straylight demo',
      command: host.command,
      outputFolder: out,
    },
    host.hooks,
  );
  describeAudit(host, audit, files);
  const { ok, checks } = await verifyReport(files.folder, { signal: host.hooks.signal });
  const last = checks.at(-1)!;
  if (!ok)
    throw new AppError('internal', `The report does not verify: ${last.label}: ${last.detail}`);
  host.output.line(`Verified: straylight verify ${JSON.stringify(files.folder)}`);
  const seconds = (performance.now() - startedMs) / 1000;
  host.output.line(`Done in ${Math.round(seconds)} s. Workspace: ${workspace.folder}`);
  host.output.result({ seconds, verdict: audit.verdict, files, workspace: workspace.folder });
}
