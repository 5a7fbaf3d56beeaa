import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { statementsOf } from '../../../src/core/report/draft.ts';
import { openWorkspace, type Workspace } from '../../../src/core/store/workspace.ts';

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

/** A workspace whose clock is set by hand. */
function workspaceAt(time: string, folder = mkdtempSync(path.join(os.tmpdir(), 'reports-'))) {
  folders.push(folder);
  const clock = { time };
  const workspace = openWorkspace(folder, { now: () => new Date(clock.time) });
  return { workspace, clock, folder };
}
const begin = (workspace: Workspace) =>
  workspace.reports.create({ title: 'Line 3', subject: null, author: 'M. Weber' });
const risks = { part: 'statement', name: 'risks' } as const;

describe('a report in the making', () => {
  it('keeps who wrote a field and when, and every earlier wording', () => {
    const { workspace, clock } = workspaceAt('2026-01-01T08:00:00.000Z');
    const { id } = begin(workspace);
    workspace.reports.setField(id, risks, 'None known.', 'M. Weber');
    clock.time = '2026-01-02T08:00:00.000Z';
    const draft = workspace.reports.setField(id, risks, 'Bags look like shoes.', 'A. Ng');
    expect(draft.statements['risks']).toEqual({
      text: 'Bags look like shoes.',
      author: 'A. Ng',
      time: '2026-01-02T08:00:00.000Z',
    });
    const wordings = draft.entries.flatMap(({ change }) =>
      change.type === 'field' ? [change.text] : [],
    );
    expect(wordings).toEqual(['None known.', 'Bags look like shoes.']);
    workspace.close();
  });

  it('says "not supplied" of a field that was emptied', () => {
    const { workspace } = workspaceAt('2026-01-01T08:00:00.000Z');
    const { id } = begin(workspace);
    workspace.reports.setField(id, risks, 'None.', 'M. Weber');
    const draft = workspace.reports.setField(id, risks, '  ', 'M. Weber');
    expect(statementsOf(draft, [], null).risks).toBeNull();
    workspace.close();
  });

  it('tells criteria that were fixed before the test from those that came later', () => {
    const { workspace, clock } = workspaceAt('2026-01-01T08:00:00.000Z');
    const { id } = begin(workspace);
    const check = { metric: 'fpr95', dataset: null, relation: 'at most', value: 0.3 } as const;
    workspace.reports.addCriterion(id, { text: 'early', check }, 'M. Weber');
    clock.time = '2026-01-05T08:00:00.000Z';
    const draft = workspace.reports.addCriterion(id, { text: 'late', check: null }, 'M. Weber');
    const { acceptanceCriteria } = statementsOf(draft, [], '2026-01-03T00:00:00.000Z');
    expect(acceptanceCriteria?.map(({ text, beforeTest }) => [text, beforeTest])).toEqual([
      ['early', true],
      ['late', false],
    ]);
    workspace.close();
  });

  it('shows a criterion that was withdrawn, with who and when', () => {
    const { workspace, clock } = workspaceAt('2026-01-01T08:00:00.000Z');
    const { id } = begin(workspace);
    const { criteria } = workspace.reports.addCriterion(id, { text: 'a', check: null }, 'M. Weber');
    clock.time = '2026-01-02T08:00:00.000Z';
    const draft = workspace.reports.withdrawCriterion(id, criteria[0]!.id, 'A. Ng', 'it was wrong');
    expect(draft.criteria[0]!.withdrawn).toEqual({
      author: 'A. Ng',
      time: '2026-01-02T08:00:00.000Z',
      note: 'it was wrong',
    });
    expect(() => workspace.reports.withdrawCriterion(id, 'k-none', 'A. Ng')).toThrow(/not there/);
    workspace.close();
  });

  it('counts its versions', () => {
    const { workspace } = workspaceAt('2026-01-01T08:00:00.000Z');
    const { id } = begin(workspace);
    const made = { note: '', auditId: 'a-1', reportSha256: 'ab', folder: '/reports' };
    workspace.reports.addVersion(id, { status: 'draft', ...made }, 'M. Weber');
    const draft = workspace.reports.addVersion(id, { status: 'final', ...made }, 'M. Weber');
    expect(draft.versions.map(({ version, status }) => [version, status])).toEqual([
      [1, 'draft'],
      [2, 'final'],
    ]);
    workspace.close();
  });

  it('goes off the list and comes back', () => {
    const { workspace } = workspaceAt('2026-01-01T08:00:00.000Z');
    const { id } = begin(workspace);
    workspace.reports.remove(id, 'M. Weber');
    expect(workspace.reports.list()).toEqual([]);
    workspace.reports.restore(id, 'M. Weber');
    expect(workspace.reports.list().map((draft) => draft.id)).toEqual([id]);
    workspace.close();
  });

  it('comes back from its record when the database is lost', () => {
    const { workspace, folder } = workspaceAt('2026-01-01T08:00:00.000Z');
    const { id } = begin(workspace);
    const before = workspace.reports.setField(id, risks, 'None.', 'M. Weber');
    workspace.close();
    for (const name of readdirSync(folder).filter((entry) => entry.startsWith('workspace.sqlite')))
      rmSync(path.join(folder, name));
    const again = workspaceAt('2026-01-03T08:00:00.000Z', folder);
    expect(again.workspace.reports.get(id)).toEqual(before);
    again.workspace.close();
  });
});
