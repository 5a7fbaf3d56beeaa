import { expect, test } from 'vitest';
import { reactive, ref } from 'vue';
import { plain } from '../../src/renderer/app/plain.ts';

test('what screens keep in refs can be sent to the engine, at every depth', () => {
  const ordinals = Uint32Array.of(1, 2);
  const draft = ref({
    config: { augmentation: { flip: true } },
    seeds: [1, 2],
    only: [{ ordinals }],
  });
  const params = { ...draft.value, nested: reactive({ list: reactive(['a']) }) };
  // Structured cloning is what a message port does; it throws on a proxy.
  expect(() => structuredClone(params)).toThrow();
  expect(structuredClone(plain(params))).toEqual({
    config: { augmentation: { flip: true } },
    seeds: [1, 2],
    only: [{ ordinals }],
    nested: { list: ['a'] },
  });
});
