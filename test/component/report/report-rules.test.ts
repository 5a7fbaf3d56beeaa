import { describe, expect, it } from 'vitest';
import type { ReportVersion } from '../../../src/contract/reports.ts';
import { createFake } from '../../../src/renderer/dev/fake/index.ts';
import { layOut, pageAt, pagesBetween, stepZoom } from '../../../src/renderer/features/report/pages/layout.ts'; // prettier-ignore
import { merged } from '../../../src/renderer/features/report/use-report.ts';
import { versionChanges } from '../../../src/renderer/features/report/version-changes.ts';

/** A4 in points. */
const A4 = { width: 595, height: 842 };
const pages = (n: number) => Array.from({ length: n }, () => A4);
const view = { width: 840, height: 600 };

describe('where pages stand', () => {
  it('fits the width without a sideways scrollbar, whatever the shapes', () => {
    const { pages: placed, width } = layOut([A4, { width: 842, height: 595 }], 'width', view);
    expect(width).toBeLessThanOrEqual(view.width);
    expect(placed[1]!.width).toBe(width);
  });

  it('fits a whole page', () => {
    const { pages: placed } = layOut(pages(3), 'page', view);
    expect(placed[0]!.height).toBeLessThanOrEqual(view.height);
  });

  it('at 100% is as large as on paper: 96 pixels an inch', () => {
    const { pages: placed } = layOut(pages(1), 1, view);
    expect(placed[0]).toMatchObject({ width: Math.round((595 / 72) * 96), height: Math.round((842 / 72) * 96) }); // prettier-ignore
  });

  it('names the pages in view and the one that is read', () => {
    const layout = layOut(pages(100), 1, view);
    const { top } = layout.pages[40]!;
    const [first, last] = pagesBetween(layout, top + 10, top + 10 + view.height);
    expect([first, last]).toEqual([40, 40]);
    expect(pageAt(layout, top, view.height)).toBe(40);
    expect(pagesBetween(layOut([], 1, view), 0, 100)).toEqual([0, -1]);
  });

  it('zooms in steps, and stops at the ends', () => {
    expect(stepZoom(1, 1)).toBe(1.1);
    expect(stepZoom(0.89, 1)).toBe(0.9);
    expect(stepZoom(0.89, -1)).toBe(0.75);
    expect(stepZoom(4, 1)).toBe(4);
    expect(stepZoom(0.25, -1)).toBe(0.25);
  });
});

describe('what waits to be kept', () => {
  it('is put together field by field, the later words winning', () => {
    const first = { title: 'A', fields: { risks: 'one', actions: 'x' } };
    expect(merged(first, { fields: { risks: 'two' } })).toEqual({
      title: 'A',
      fields: { risks: 'two', actions: 'x' },
    });
    expect(merged({}, { title: 'B' })).toEqual({ title: 'B' });
  });
});

describe('what differs between versions', () => {
  const [version] = [...createFake({ images: 12, reports: true }).reports.byId.values()][0]!.versions as [ReportVersion]; // prettier-ignore

  it('is nothing for the first, and for the same words', () => {
    expect(versionChanges(null, version)).toEqual([]);
    expect(versionChanges(version, { ...version, version: 2 })).toEqual([]);
  });

  it('names each field once, and what is audited', () => {
    const after = {
      ...version,
      version: 2,
      fields: { ...version.fields, risks: 'Many' },
      choice: { ...version.choice, controlModelId: null },
    };
    expect(versionChanges(version, after).map(({ what }) => what)).toEqual(['choice', 'risks']);
  });
});
