import { afterEach, describe, expect, it } from 'vitest';
import { matchesKeys } from '../../../src/renderer/app/keys.ts';
import { findCommands } from '../../../src/renderer/app/find-commands.ts';
import { keyCaps } from '../../../src/renderer/ui/key-caps.ts';

afterEach(() => (document.body.innerHTML = ''));
const event = (key: string, more: KeyboardEventInit = {}): KeyboardEvent =>
  new KeyboardEvent('keydown', { key, ...more });

describe('a key', () => {
  it.each([
    ['mod+k', event('k', { ctrlKey: true }), true],
    ['mod+k', event('K', { ctrlKey: true, shiftKey: true }), false],
    ['mod+k', event('k'), false],
    ['?', event('?', { shiftKey: true }), true],
    ['?', event('?'), true],
    ['x', event('x'), true],
    ['x', event('X', { shiftKey: true }), false],
    ['x', event('x', { altKey: true }), false],
    ['shift+tab', event('Tab', { shiftKey: true }), true],
    ['space', event(' '), true],
  ])('%s is told from others', (keys, pressed, matches) => {
    expect(matchesKeys(pressed, keys)).toBe(matches);
  });

  it.each([
    ['x', false],
    ['mod+k', true],
  ])('%s in a text field fires: %s', (keys, fires) => {
    document.body.innerHTML = '<input type="text">';
    let matched = false;
    document.querySelector('input')!.addEventListener('keydown', (pressed) => {
      matched = matchesKeys(pressed, keys);
    });
    document.querySelector('input')!.dispatchEvent(event(keys.at(-1)!, { ctrlKey: keys.includes('mod') })); // prettier-ignore
    expect(matched).toBe(fires);
  });

  it('is drawn as its keyboard has it', () => {
    expect(keyCaps('mod+k', true)).toEqual(['⌘', 'K']);
    expect(keyCaps('mod+k', false)).toEqual(['Ctrl', 'K']);
  });
});

describe('finding commands', () => {
  const command = (title: string, more: object = {}) => ({ id: title, title, group: 'actions' as const, run: () => null, ...more }); // prettier-ignore
  const all = [command('Open Scores'), command('Scores'), command('Theme', { words: 'dark light' }), command('Next', { hidden: true })]; // prettier-ignore

  it('puts those first that begin with the words', () => {
    expect(findCommands(all, 'sco').map(({ title }) => title)).toEqual(['Scores', 'Open Scores']);
  });
  it('looks into their other words, and leaves out what only has a key', () => {
    expect(findCommands(all, 'dark').map(({ title }) => title)).toEqual(['Theme']);
    expect(findCommands(all, '').map(({ title }) => title)).not.toContain('Next');
  });
});
