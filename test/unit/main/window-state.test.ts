import { describe, expect, it } from 'vitest';
import { restoredState } from '../../../src/main/window-state.ts';

const laptop = { x: 0, y: 25, width: 1440, height: 875 };
const second = { x: 1440, y: 0, width: 1920, height: 1080 };
const state = (x: number, y: number) => ({ bounds: { x, y, width: 1200, height: 800 }, maximized: false }); // prettier-ignore

describe('where the window was', () => {
  it('is where it opens again', () => {
    expect(restoredState(state(100, 60), [laptop])).toEqual(state(100, 60));
    expect(restoredState(state(1500, 0), [laptop, second])).toEqual(state(1500, 0));
  });

  it('is given up when its display was taken away', () => {
    expect(restoredState(state(1500, 0), [laptop])).toBeNull();
  });

  it('is given up when too little of its top edge could be reached', () => {
    expect(restoredState(state(-1150, 60), [laptop])).toBeNull();
    expect(restoredState(state(100, -400), [laptop])).toBeNull();
    expect(restoredState(state(100, 890), [laptop])).toBeNull();
  });

  it.each([null, undefined, {}, 'maximized', { bounds: {} }, { bounds: { x: 0, y: 0, width: 1, height: 1 }, maximized: false }, { bounds: { x: Number.NaN, y: 0, width: 800, height: 600 }, maximized: true }])(
    'is forgotten when the record is damaged: %j',
    (record) => expect(restoredState(record, [laptop])).toBeNull(),
  ); // prettier-ignore
});
