/** Keys as they are drawn. */

export const isMac = (): boolean => /Mac|iP/u.test(navigator.platform);

const SYMBOLS: Readonly<Record<string, readonly [mac: string, other: string]>> = {
  mod: ['⌘', 'Ctrl'],
  ctrl: ['⌃', 'Ctrl'],
  alt: ['⌥', 'Alt'],
  shift: ['⇧', 'Shift'],
  enter: ['↩', 'Enter'],
  escape: ['Esc', 'Esc'],
  space: ['Space', 'Space'],
  arrowup: ['↑', '↑'],
  arrowdown: ['↓', '↓'],
  arrowleft: ['←', '←'],
  arrowright: ['→', '→'],
  backspace: ['⌫', 'Backspace'],
  delete: ['⌦', 'Del'],
};

/** The caps to draw: `mod+k` -> [Ctrl, K]. */
export function keyCaps(keys: string, mac = isMac()): readonly string[] {
  return keys.split('+').map((part) => {
    const symbol = SYMBOLS[part.toLowerCase()];
    if (symbol) return symbol[mac ? 0 : 1];
    return part.length === 1 ? part.toUpperCase() : part;
  });
}
