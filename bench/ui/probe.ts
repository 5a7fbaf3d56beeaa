/// <reference lib="dom" />
/** What runs inside the page: waiting for what a person would see, frame by frame, on the page's own clock. */

/** Things that can be seen, by name; each a condition on the page. */
export const READY = {
  datasets: 'datasets',
  overview: 'overview',
  grid: 'grid',
  pictures: 'pictures',
  map: 'map',
  gone: 'gone',
} as const;
export type Ready = keyof typeof READY;

export interface Probe {
  /** Resolves in the frame after the condition holds. */
  until(ready: Ready): Promise<number>;
  /** Resolves in the frame after the first image of the grid is another one, or their number is. */
  changed(before: string): Promise<number>;
  /** What `changed` compares. */
  list(): string;
  /** When the last input reached the page. */
  input: number;
  /** Times between frames until `stop` is called. */
  frames(): { stop(): number[] };
}

/** Puts `window.probe` in place. Self-contained: it is sent to the page as text. */
export function probe(): void {
  const see: Readonly<Record<Ready, () => boolean>> = {
    datasets: () =>
      document.querySelector('main h1, .screen h1') !== null &&
      document.querySelector('.screen .skeleton') === null,
    overview: () =>
      document.querySelector('.top canvas') !== null &&
      document.querySelector('.top .skeleton') === null,
    grid: () => document.querySelector('[role=gridcell] img') !== null,
    pictures: () => {
      const box = document.querySelector('[role=grid]')?.getBoundingClientRect();
      const inView = [...document.querySelectorAll('[role=gridcell]')].filter(
        (cell) => box && cell.getBoundingClientRect().top < box.bottom,
      );
      return (
        inView.length > 0 &&
        inView.every((cell) => {
          const image = cell.querySelector('img');
          return image?.complete === true && image.naturalWidth > 0;
        })
      );
    },
    map: () => document.querySelector('.map canvas') !== null,
    gone: () => document.querySelector('.map') === null,
  };
  const list = (): string =>
    `${document.querySelector('.bar [role=status]')?.textContent ?? ''} ${document.querySelector('[role=gridcell] img')?.getAttribute('src') ?? ''}`;
  const when = (holds: () => boolean): Promise<number> =>
    new Promise((resolve) => {
      const look = (): void => {
        if (!holds()) requestAnimationFrame(look);
        // The frame in which it was seen is drawn before the next one begins.
        else requestAnimationFrame((now) => resolve(now));
      };
      look();
    });
  window.probe = {
    input: 0,
    list,
    until: (ready) => when(see[ready]),
    changed: (before) => when(() => list() !== before && see.grid()),
    frames: () => {
      const gaps: number[] = [];
      let last = performance.now();
      let going = true;
      const next = (now: number): void => {
        gaps.push(now - last);
        last = now;
        if (going) requestAnimationFrame(next);
      };
      requestAnimationFrame((now) => {
        last = now;
        requestAnimationFrame(next);
      });
      return {
        stop: () => {
          going = false;
          return gaps;
        },
      };
    },
  };
  for (const type of ['pointerdown', 'pointerup', 'click', 'keydown', 'input'])
    window.addEventListener(type, ({ timeStamp }) => (window.probe.input = timeStamp), true);
}
