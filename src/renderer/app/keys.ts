/** Keys written as text, `mod+k`, where `mod` is Cmd on a Mac and Ctrl elsewhere. */
import { isMac } from '../ui/key-caps.ts';

/** Whether the event is that key. Single characters do not fire while somebody types. */
export function matchesKeys(event: KeyboardEvent, keys: string): boolean {
  const parts = keys.toLowerCase().split('+');
  const key = parts.at(-1) === '' ? '+' : parts.at(-1)!;
  const mod = parts.includes('mod');
  const wantsCtrl = parts.includes('ctrl') || (mod && !isMac());
  const wantsMeta = mod && isMac();
  if (event.ctrlKey !== wantsCtrl || event.metaKey !== wantsMeta) return false;
  if (event.altKey !== parts.includes('alt')) return false;
  // `?` needs shift on some keyboards and not on others.
  if (/[a-z]|^.{2,}$/u.test(key) && event.shiftKey !== parts.includes('shift')) return false;
  if (!mod && !wantsCtrl && isTyping(event)) return false;
  return event.key.toLowerCase() === (key === 'space' ? ' ' : key);
}

/** Whether the key goes into a text, or into something else that takes keys for itself. */
function isTyping(event: KeyboardEvent): boolean {
  const { target } = event;
  if (!(target instanceof HTMLElement)) return false;
  if (target.isContentEditable || target instanceof HTMLTextAreaElement) return true;
  if (target instanceof HTMLInputElement)
    return !['checkbox', 'radio', 'range', 'button'].includes(target.type);
  return target.closest('[role="menu"], [role="listbox"], [role="dialog"]') !== null;
}
