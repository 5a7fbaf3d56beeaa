import { describe, expect, it } from 'vitest';
import { messages, languageOf } from '../../src/renderer/messages/i18n.ts';

/** Every message by its dotted key. */
function flat(value: object, prefix = ''): ReadonlyMap<string, string> {
  return new Map(
    Object.entries(value).flatMap(([key, inner]: [string, unknown]) =>
      typeof inner === 'string'
        ? [[`${prefix}${key}`, inner] as const]
        : [...flat(inner as object, `${prefix}${key}.`)],
    ),
  );
}
const placeholders = (text: string): string =>
  [...new Set([...text.matchAll(/\{(\w+)\}/gu)].map(([, name]) => name!))].sort().join(' ');

const english = flat(messages.en);
const chinese = flat(messages['zh-CN']);

describe('messages', () => {
  it('are the same in both languages', () => {
    expect([...chinese.keys()].sort()).toEqual([...english.keys()].sort());
  });

  it('have the same placeholders in Chinese', () => {
    const differing = [...english].filter(
      ([key, text]) => placeholders(chinese.get(key) ?? '') !== placeholders(text),
    );
    expect(differing).toEqual([]);
  });

  it('are plain: no exclamation marks, nothing empty', () => {
    const loud = [...english, ...chinese].filter(([, text]) => /^\s*$|[!！]/u.test(text));
    expect(loud).toEqual([]);
  });
});

describe('the language of the window', () => {
  it.each([
    ['system', 'zh-CN', 'zh-CN'],
    ['system', 'zh-Hans-SG', 'zh-CN'],
    ['system', 'de-AT', 'en'],
    ['en', 'zh-CN', 'en'],
    ['zh-CN', 'en-GB', 'zh-CN'],
  ] as const)('chosen %s on a system in %s is %s', (choice, locale, language) => {
    expect(languageOf(choice, locale)).toBe(language);
  });
});
