import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  GAP,
  indexAt,
  indexesIn,
  layOut,
  moved,
} from '../../../../src/renderer/ui/grid/grid-layout.ts';
import {
  afterScroll,
  MOST,
  windowAt,
  windowHeight,
} from '../../../../src/renderer/ui/grid/long-scroll.ts';

const layouts = fc
  .record({
    total: fc.integer({ min: 1, max: 5000 }),
    width: fc.integer({ min: 300, max: 2600 }),
    cell: fc.integer({ min: 32, max: 256 }),
  }) // prettier-ignore
  .map(({ total, width, cell }) => layOut(total, width, cell));

describe('the grid', () => {
  it('goes from edge to edge with 2 px between images, which are never smaller than wished', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 300, max: 2600 }),
        fc.integer({ min: 32, max: 256 }),
        (width, cell) => {
          const { columns, size } = layOut(1000, width, cell);
          expect(columns * size + (columns - 1) * GAP).toBeCloseTo(width, 6);
          expect(size).toBeGreaterThanOrEqual(cell);
        },
      ),
    );
  });

  it('finds the image whose cell holds the point', () => {
    fc.assert(
      fc.property(layouts, fc.nat(), (layout, seed) => {
        const index = seed % layout.total;
        const x = (index % layout.columns) * layout.pitch + layout.size / 2;
        const y = Math.floor(index / layout.columns) * layout.pitch + layout.size / 2;
        expect(indexAt(layout, x, y)).toBe(index);
        expect(indexAt(layout, x, layout.height + layout.pitch)).toBeNull();
      }),
    );
  });

  it('finds the images that a rectangle touches', () => {
    // 10 images in rows of 4, pitch 102: the rectangle touches the columns 1 and 2 of the rows 0 to 2.
    const layout = layOut(10, 406, 100);
    expect(layout.columns).toBe(4);
    expect(indexesIn(layout, { left: 150, top: 50, right: 250, bottom: 250 })).toEqual([
      [1, 2],
      [5, 6],
      [9, 9],
    ]);
  });

  it.each([
    ['ArrowRight', 5, 6],
    ['j', 5, 6],
    ['k', 5, 4],
    ['ArrowDown', 5, 9],
    ['ArrowDown', 7, 7],
    ['ArrowUp', 2, 2],
    ['ArrowUp', 6, 2],
    ['PageDown', 1, 9],
    ['Home', 7, 0],
    ['End', 0, 9],
    ['x', 3, null],
  ])('%s on image %i of 10 in rows of 4 leads to %s', (key, from, to) => {
    expect(moved(layOut(10, 406, 100), from, key, 2)).toBe(to);
  });
});

describe('scrolling through more than an element can be high', () => {
  const view = 700;
  const height = 34_000_000;

  it('never asks for more than the browser gives', () => {
    expect(windowHeight(height)).toBeLessThanOrEqual(17_000_000);
    expect(windowHeight(1000)).toBe(1000);
  });

  it('shows every offset that is asked for', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: height - view }), (offset) => {
        const { base, scrollTop } = windowAt(offset, height, view);
        expect(base + scrollTop).toBe(offset);
        expect(scrollTop).toBeGreaterThanOrEqual(0);
        expect(scrollTop + view).toBeLessThanOrEqual(MOST);
        expect(base + MOST).toBeLessThanOrEqual(height);
      }),
    );
  });

  it('reaches both ends by small steps, and nothing jumps on the way', () => {
    let now = windowAt(0, height, view);
    const walk = (step: number): void => {
      for (let count = 0; count < 60_000; count++) {
        // What the browser does: it moves the element, not beyond its ends.
        const scrollTop = Math.min(MOST - view, Math.max(0, now.scrollTop + step));
        const scrolled = { base: now.base, scrollTop };
        now = afterScroll(scrolled, height, view);
        expect(now.base + now.scrollTop).toBe(scrolled.base + scrolled.scrollTop);
      }
    };
    walk(600);
    expect(now.base + now.scrollTop).toBe(height - view);
    walk(-600);
    expect(now.base + now.scrollTop).toBe(0);
  });
});
