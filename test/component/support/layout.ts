import { afterAll, beforeAll, vi } from 'vitest';

/**
 * There is no layout here: lists that draw only what is in view are told that everything is as large as a window.
 * Charts keep no size, because there is no canvas to draw on.
 */
export function withLayout(): void {
  const size = (pixels: number) =>
    function sizeOf(this: HTMLElement): number {
      return this.closest('.chart') ? 0 : pixels;
    };
  beforeAll(() => {
    vi.spyOn(HTMLElement.prototype, 'clientWidth', 'get').mockImplementation(size(1280));
    vi.spyOn(HTMLElement.prototype, 'clientHeight', 'get').mockImplementation(size(800));
  });
  afterAll(() => vi.restoreAllMocks());
}
