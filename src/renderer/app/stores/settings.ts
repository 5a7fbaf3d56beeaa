/** Settings as the host keeps them; a change shows at once and is taken back when it cannot be kept. */
import { defineStore } from 'pinia';
import { computed, ref } from 'vue';
import type { Settings, SettingsPatch } from '../../../contract/settings.ts';
import { languageOf } from '../../messages/i18n.ts';
import { toFailure } from '../failure.ts';
import { useHost } from '../host.ts';
import { useToasts } from './toasts.ts';

export const useSettings = defineStore('settings', () => {
  const host = useHost();
  const toasts = useToasts();
  const settings = ref<Settings>(host.info.settings);
  host.api.onSettings((changed) => (settings.value = changed));

  const language = computed(() => languageOf(settings.value.language, host.info.locale));

  async function update(patch: SettingsPatch): Promise<void> {
    const before = settings.value;
    settings.value = { ...before, ...patch };
    try {
      settings.value = await host.api.updateSettings(patch);
    } catch (thrown) {
      settings.value = before;
      toasts.failed(toFailure(thrown));
    }
  }

  return { settings, language, update };
});
