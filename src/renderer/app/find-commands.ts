import type { Command } from './stores/commands.ts';

/**
 * Commands whose title or words hold every word of the query, those that start with it first. Commands that only
 * have a key are left out.
 */
export function findCommands(commands: readonly Command[], query: string): readonly Command[] {
  const words = query.toLowerCase().split(/\s+/u).filter(Boolean);
  const offered = commands.filter(({ hidden, group }) => !hidden && group !== 'grid');
  if (words.length === 0) return offered;
  const found = offered.filter((command) => {
    const text = `${command.title} ${command.words ?? ''}`.toLowerCase();
    return words.every((word) => text.includes(word));
  });
  const starts = (command: Command): number =>
    command.title.toLowerCase().startsWith(words[0]!) ? 0 : 1;
  return found.toSorted((one, other) => starts(one) - starts(other));
}
