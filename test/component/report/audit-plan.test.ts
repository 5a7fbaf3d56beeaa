import { describe, expect, it } from 'vitest';
import { createWorld } from '../../../src/renderer/dev/fake/world.ts';
import { auditable, cautionsOf, choiceFor, controlOf } from '../../../src/renderer/features/report/audit-plan.ts'; // prettier-ignore

const world = createWorld({ images: 9500 });
const models = [...world.models.values()];
const sets = [...world.datasets.values()];
const model = (id: string) => world.models.get(id)!;

describe('what an audit covers', () => {
  it('is any model that was fine-tuned from one that is here', () => {
    expect(auditable(models).map(({ id }) => id)).toEqual(['m-sparse', 'm-sparse-2']);
    expect(auditable(models.filter(({ id }) => id !== 'm-before'))).toEqual([]);
  });

  it('takes the control of the same seed', () => {
    const second = { ...model('m-control'), id: 'c2', seed: 2, createdAt: '2020-01-01T00:00:00Z' };
    expect(controlOf(model('m-sparse-2'), [...models, second])!.id).toBe('c2');
    expect(controlOf(model('m-sparse'), [...models, second])!.id).toBe('m-control');
    expect(controlOf(model('m-sparse'), [model('m-before')])).toBeNull();
  });

  it('offers parent, control, the ID set the model was trained on, and every OOD set', () => {
    expect(choiceFor(model('m-sparse'), models, sets)).toMatchObject({
      beforeModelId: 'm-before',
      controlModelId: 'm-control',
      idDatasetId: 'fashion',
      oodDatasetIds: ['photographs', 'digits', 'textures'],
    });
    const without = sets.filter(({ id }) => id !== 'fashion');
    expect(choiceFor(model('m-sparse'), models, without)).toBeNull();
  });

  it('says beforehand what a reader would object to', () => {
    const choice = choiceFor(model('m-sparse'), models, sets)!;
    expect(cautionsOf(choice, models, sets)).toEqual(['leakage']);
    const far = { ...choice, controlModelId: null, oodDatasetIds: ['digits'] };
    const alone = [model('m-before'), model('m-sparse')];
    const unread = sets.map((set) => (set.id === 'digits' ? { ...set, analysis: null } : set));
    expect(cautionsOf(far, alone, unread)).toEqual(['no-control', 'no-near', 'one-seed', 'leakage', 'not-analysed']); // prettier-ignore
  });
});
