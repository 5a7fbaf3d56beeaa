/** Light or dark: chosen, or the system's. */
import { computed, ref, watchEffect, type ComputedRef } from 'vue';
import type { ThemeName } from '../charts/palette.ts';
import { useSettings } from './stores/settings.ts';

const query = window.matchMedia('(prefers-color-scheme: dark)');
const systemIsDark = ref(query.matches);
query.addEventListener('change', (event) => (systemIsDark.value = event.matches));

export function useTheme(): ComputedRef<ThemeName> {
  const settings = useSettings();
  return computed(() => {
    const { theme } = settings.settings;
    if (theme !== 'system') return theme;
    return systemIsDark.value ? 'dark' : 'light';
  });
}

/** Tells the style sheet; once per window. */
export function applyTheme(): void {
  const theme = useTheme();
  watchEffect(() => (document.documentElement.dataset['theme'] = theme.value));
}
