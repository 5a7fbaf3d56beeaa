/** Commands that are there on every screen. */
import { onScopeDispose, ref, type Ref } from 'vue';
import { useRouter } from 'vue-router';
import { useText } from '../messages/i18n.ts';
import { features } from './features.ts';
import { provideCommands, useCommands } from './stores/commands.ts';
import { useSettings } from './stores/settings.ts';
import { useTheme } from './theme.ts';

export function useShellCommands(): {
  readonly palette: Ref<boolean>;
  readonly sheet: Ref<boolean>;
  readonly tray: Ref<boolean>;
} {
  const palette = ref(false);
  const sheet = ref(false);
  const tray = ref(false);
  const commands = useCommands();
  const settings = useSettings();
  const theme = useTheme();
  const router = useRouter();
  const { t } = useText();

  provideCommands(() => [
    ...features.map((feature, index) => ({
      id: `screen.${feature.id}`,
      title: t(feature.title),
      group: 'screens' as const,
      keys: `mod+${index + 1}`,
      words: feature.id,
      run: () => router.push(feature.routes[0]!.path),
    })),
    {
      id: 'palette',
      title: t('app.shortcutTexts.palette'),
      group: 'actions',
      keys: 'mod+k',
      hidden: true,
      run: () => (palette.value = !palette.value),
    },
    {
      id: 'sheet',
      title: t('app.shortcuts'),
      group: 'actions',
      keys: '?',
      run: () => (sheet.value = true),
    },
    {
      id: 'jobs',
      title: t('app.shortcutTexts.jobs'),
      group: 'actions',
      keys: 'mod+j',
      run: () => (tray.value = !tray.value),
    },
    {
      id: 'rail',
      title: t('app.shortcutTexts.rail'),
      group: 'actions',
      keys: 'mod+b',
      run: () => settings.update({ railCollapsed: !settings.settings.railCollapsed }),
    },
    {
      id: 'theme',
      title: t('app.shortcutTexts.theme'),
      group: 'actions',
      run: () => settings.update({ theme: theme.value === 'dark' ? 'light' : 'dark' }),
    },
    {
      id: 'start',
      title: t('app.firstStart.steps'),
      group: 'actions',
      run: () => router.push('/start'),
    },
  ]);

  const press = (event: KeyboardEvent): void => {
    if (!event.defaultPrevented && !event.isComposing) commands.press(event);
  };
  window.addEventListener('keydown', press);
  onScopeDispose(() => window.removeEventListener('keydown', press));
  return { palette, sheet, tray };
}
