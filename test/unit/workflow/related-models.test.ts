/** Which control an audit takes when none is named. */
import { describe, expect, it } from 'vitest';
import { closestControl } from '../../../src/core/workflow/related-models.ts';
import type { ModelRow } from '../../../src/core/store/models.ts';
import { PRESETS } from '../../../src/core/train/config.ts';

const sparseConfig = PRESETS.authors.finetune;

function row(id: string, role: string, config: object, parentId: string | null = 'parent') {
  const json = {
    config: { ...sparseConfig, ...config },
    architecture: { dropout: 0 },
    history: [],
  };
  return { id, role, parentId, json } as unknown as ModelRow;
}

const sparse = row('m-3', 'sparse', { seed: 1 });

describe('the control of an audit', () => {
  // The newest control of the parent once stood for every seed, and the verdict could then show nothing.
  it('is the one of the same seed, not the newest', () => {
    const models = [
      sparse,
      row('m-2', 'control', { seed: 1, lambda: 0 }),
      row('m-5', 'control', { seed: 2, lambda: 0 }),
    ];
    expect(closestControl(models, 'm-3')).toBe('m-2');
  });

  it('is the newest of those that differ in as much', () => {
    const models = [
      sparse,
      row('m-2', 'control', { seed: 1, lambda: 0 }),
      row('m-4', 'control', { seed: 1, lambda: 0 }),
    ];
    expect(closestControl(models, 'm-3')).toBe('m-4');
  });

  it('is one that differs when there is no better one, and none of another model', () => {
    const other = row('m-2', 'control', { seed: 1, lambda: 0 }, 'other');
    expect(closestControl([sparse, other, row('m-1', 'control', { seed: 2, lambda: 0 })], 'm-3')).toBe('m-1'); // prettier-ignore
    expect(closestControl([sparse, other], 'm-3')).toBeNull();
  });
});
