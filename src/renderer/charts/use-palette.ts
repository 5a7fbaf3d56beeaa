import { computed, type ComputedRef } from 'vue';
import { useTheme } from '../app/theme.ts';
import { palettes, type Palette } from './palette.ts';

/** The colours of the theme in use: `computed(() => lineChart(palette.value, …))` redraws when it changes. */
export function usePalette(): ComputedRef<Palette> {
  const theme = useTheme();
  return computed(() => palettes[theme.value]);
}
