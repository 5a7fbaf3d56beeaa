import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { describe, expect, it } from 'vitest';
import { parseReportConfig } from '../../../src/core/report/report-config.ts';

const given = { models: { sparse: 'm-1' }, ood: ['digits'] };

describe('audit.yaml', () => {
  it('is what the example shows', () => {
    const example = parse(readFileSync('resources/audit.example.yaml', 'utf8')) as unknown;
    const config = parseReportConfig(example, 'example');
    expect(config.ood).toEqual(['digits', 'textures']);
    expect(config.acceptanceCriteria![1]!.check).toMatchObject({ metric: 'id-accuracy', dataset: null }); // prettier-ignore
  });

  it('needs only the sparse model and an OOD set', () => {
    expect(parseReportConfig(given, 'a.yaml')).toEqual({
      ...given,
      detectors: 'all',
      robustness: false,
      status: 'draft',
    });
  });

  it.each<[string, unknown, RegExp]>([
    ['an unknown key', { ...given, detectorz: ['knn'] }, /unknown key "detectorz"/],
    ['an unknown key further in', { ...given, statements: { risk: 'x' } }, /statements: unknown key "risk"/], // prettier-ignore
    ['a missing model', { ood: ['digits'] }, /models: /],
    ['no OOD set', { ...given, ood: [] }, /ood: /],
    ['an unknown metric', { ...given, acceptanceCriteria: [{ text: 'x', check: { metric: 'f1', relation: 'at most', value: 1 } }] }, /acceptanceCriteria\.0\.check\.metric/], // prettier-ignore
    ['a time without a zone', { ...given, acceptanceCriteria: [{ text: 'x', fixedAt: '2026-01-01' }] }, /fixedAt/], // prettier-ignore
    ['nothing', null, /a\.yaml cannot be used: the file/],
  ])('names %s', (_, value, named) => {
    expect(() => parseReportConfig(value, 'a.yaml')).toThrow(named);
  });
});
