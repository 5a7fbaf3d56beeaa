/** Folders that were dropped or picked and wait on the Datasets screen for their role and name. */
import { defineStore } from 'pinia';
import { ref } from 'vue';
import type { Grant } from '../../../contract/common.ts';

export const useIntake = defineStore('intake', () => {
  const grants = ref<readonly Grant[]>([]);

  function offer(more: readonly Grant[]): void {
    const known = new Set(grants.value.map(({ grantId }) => grantId));
    grants.value = [...grants.value, ...more.filter(({ grantId }) => !known.has(grantId))];
  }
  /** The Datasets screen has dealt with it. */
  function settle(grantId: string): void {
    grants.value = grants.value.filter((grant) => grant.grantId !== grantId);
  }
  return { grants, offer, settle };
});
