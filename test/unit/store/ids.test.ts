/** Ids sort by the order in which things were made. */
import { describe, expect, it } from 'vitest';
import { checkId, createId } from '../../../src/core/store/ids.ts';

describe('ids', () => {
  // Lists are in the order of ids: what was made first must come first on a fast machine too.
  it('of one instant sort in the order they were made', () => {
    const now = new Date('2026-03-01T12:00:00.000Z');
    const ids = Array.from({ length: 1000 }, () => createId('dataset', now));
    expect(ids).toEqual([...new Set(ids)].sort());
    for (const id of ids) expect(checkId('dataset', id)).toBe(id);
  });

  it('of later instants sort after those of earlier ones', () => {
    const at = (ms: number) => createId('model', new Date(Date.UTC(2026, 0, 1) + ms));
    const ids = [0, 60, 1000, 60_000, 86_399_999, 86_400_000].map(at);
    expect(ids).toEqual([...ids].sort());
  });
});
