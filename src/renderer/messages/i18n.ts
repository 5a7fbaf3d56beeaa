/** The messages of the window, and the typed way to them. */
import { computed, type ComputedRef } from 'vue';
import { createI18n, useI18n } from 'vue-i18n';
import en from './en/index.ts';
import type { KeyOf } from './shape.ts';
import zhCN from './zh-CN/index.ts';

export const messages = { en, 'zh-CN': zhCN };
export type Language = keyof typeof messages;
export type MessageKey = KeyOf<typeof en>;

type Values = Readonly<Record<string, string | number>>;
/**
 * Numbers are counts and get their thousands separated; pass anything else formatted (ui/format.ts). A number `n`
 * also chooses between singular and plural: `1 job | {n} jobs`.
 */
export type Translate = (key: MessageKey, values?: Values) => string;

/** Which of our languages a locale of the system means. */
export function languageOf(choice: 'system' | Language, locale: string): Language {
  if (choice !== 'system') return choice;
  return /^zh\b/iu.test(locale) ? 'zh-CN' : 'en';
}

/** One instance per window (and per test). */
export function createMessages(language: Language) {
  return createI18n({
    legacy: false,
    locale: language,
    fallbackLocale: 'en',
    messages,
    missingWarn: false,
    fallbackWarn: false,
  });
}

/** `const { t } = useText(); t('datasets.title')`. Keys that do not exist do not compile. */
export function useText(): {
  readonly t: Translate;
  readonly language: ComputedRef<Language>;
} {
  const i18n = useI18n();
  // vue-i18n's own overloads cannot take a union of some hundred keys without slowing the compiler to a crawl.
  const translate = i18n.t as (key: string, values: Values, plural?: number) => string;
  const t: Translate = (key, values = {}) => {
    const shown = Object.fromEntries(
      Object.entries(values).map(([name, value]) => [
        name,
        typeof value === 'number' ? value.toLocaleString('en') : value,
      ]),
    );
    const { n } = values;
    return typeof n === 'number' ? translate(key, shown, n) : translate(key, shown);
  };
  return { t, language: computed(() => i18n.locale.value as Language) };
}
