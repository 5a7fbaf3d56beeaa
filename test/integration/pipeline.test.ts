/** The whole way through the command line, on tiny folders: what a user's first hour looks like. */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Audit } from '../../src/core/report/audit.ts';
import { temporaryFolder, writeClassFolders, writeFlatFolder } from '../support/image-folders.ts';
import { nativeRuntime } from '../support/runtimes.ts';
import { resultOf, runCli } from '../support/run-cli.ts';

const native = nativeRuntime();

describe.each([
  { device: 'cpu', missing: 'missing' in native ? native.missing : null },
  { device: 'wasm', missing: null },
])('on $device', ({ device, missing }) => {
  const root = temporaryFolder();
  const base = ['--workspace', path.join(root, 'workspace'), '--device', device, '--json'];
  const folder = path.join(root, 'id');
  const near = path.join(root, 'near');
  const far = path.join(root, 'far');
  const quick = ['--epochs', '2', '--batch-size', '16', '--seed', '3'];
  const name = `scan, train, finetune, score, audit and report${missing ? ` (skipped: ${missing})` : ''}`;

  beforeAll(async () => {
    await writeClassFolders(folder, { dark: 20, middle: 110, light: 200 }, 40);
    await writeFlatFolder(near, 30, 60);
    await writeFlatFolder(far, 30, 160);
  });

  it.skipIf(missing !== null)(
    name,
    async () => {
      const training = ['--preset', 'quick', '--size', '12', '--name', 'tiny', ...quick];
      const { model } = resultOf<{ model: { id: string; weightsSha256: string } }>(
        await runCli([...base, 'train', folder, ...training]),
      );
      const again = resultOf<{ model: { weightsSha256: string } }>(
        await runCli([...base, 'train', folder, ...training]),
      );
      expect(again.model.weightsSha256).toBe(model.weightsSha256);

      const tuned = resultOf<{ model: { id: string }; control: { id: string } }>(
        await runCli([...base, 'finetune', model.id, ...quick]),
      );
      const csv = path.join(root, 'scores.csv');
      await runCli([...base, 'score', tuned.model.id, folder, near, '--csv', csv]);
      // A header, 120 ID images and 30 of the OOD set.
      expect(readFileSync(csv, 'utf8').trim().split('\n')).toHaveLength(151);

      const out = path.join(root, 'report');
      const audited = resultOf<{
        audit: string;
        leakage: unknown[];
        protocol: { statement: string; sets: { fpr95: { value: number } }[] }[];
        files: { pdf: string; json: string; csv: string };
      }>(
        await runCli([
          ...[...base, 'audit', tuned.model.id, '--ood', near, far, '--out', out],
          ...['--protocol', 'six-sets', '--detector', 'energy,msp,maxlogit'],
        ]),
      );
      const audit = JSON.parse(readFileSync(audited.files.json, 'utf8')) as Audit;
      expect(audit.models.map(({ role }) => role)).toEqual(['before', 'control', 'sparse']);
      expect(audit.models.map(({ id }) => id)).toEqual([
        model.id,
        tuned.control.id,
        tuned.model.id,
      ]);
      expect(audit.models[2]!.scores[0]!.perSet.map(({ dataset, n }) => [dataset, n])).toEqual([
        ['near', 30],
        ['far', 30],
      ]);
      // Neither set is one of the paper's, so no average is called that.
      expect(audited.protocol[0]!.statement).toMatch(/^0 of the paper’s 6 sets are here/u);
      expect(audit.protocolResults.map(({ role, averages }) => [role, averages[0]!.group])).toEqual(
        [
          ['before', 'all'],
          ['control', 'all'],
          ['sparse', 'all'],
        ],
      );
      expect(audit.protocolResults[2]!.sets.map(({ fpr95 }) => fpr95)).toEqual(
        audit.models[2]!.scores[0]!.perSet.map(({ fpr95 }) => fpr95),
      );
      expect(readFileSync(audited.files.pdf).subarray(0, 5).toString()).toBe('%PDF-');
      // The header, every image of the ID set and of both OOD sets.
      expect(readFileSync(audited.files.csv, 'utf8').trim().split('\n')).toHaveLength(1 + 120 + 60);
      const more = ['--images', '--rescore', '20'];
      const { checks } = resultOf<{ checks: { label: string; ok: boolean }[] }>(
        await runCli([...base, 'verify', out, ...more]),
      );
      expect(checks.map(({ label, ok }) => [label, ok])).toEqual(
        ['manifest.json', 'signature', 'files', 'report.json', 'manifest and report', 'per-image.csv', 'numbers', 'images', 'scores'].map((label) => [label, true]), // prettier-ignore
      );

      interface Compared {
        models: { modelId: string; sets: { dataset: string; fpr95: { value: number } }[] }[];
        verdict: { outcome: string } | null;
      }
      const three = [model.id, tuned.control.id, tuned.model.id];
      const compared = resultOf<Compared>(
        await runCli([...base, 'compare', ...three, '--ood', near, far]),
      );
      // The audit measured the same images in its own way.
      expect(compared.verdict!.outcome).toBe(audit.verdict.outcome);
      for (const [m, { sets }] of compared.models.entries())
        for (const [s, { dataset, fpr95 }] of sets.entries()) {
          const audited95 = audit.models[m]!.scores[0]!.perSet[s]!;
          expect([dataset, fpr95.value]).toEqual([audited95.dataset, audited95.fpr95.value]);
        }

      const redrawn = path.join(root, 'again');
      const { files } = resultOf<{ files: { pdf: string } }>(
        await runCli([...base, 'report', audited.audit, '--out', redrawn]),
      );
      expect(readFileSync(files.pdf).equals(readFileSync(audited.files.pdf))).toBe(true);

      const exported = path.join(root, 'exported');
      await runCli([...base, 'export', tuned.model.id, exported]);
      expect(existsSync(path.join(exported, 'model.json'))).toBe(true);
    },
    240_000,
  );
});
