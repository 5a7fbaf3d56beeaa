/** Short messages at the foot of the window, with a way back where there is one. */
import { defineStore } from 'pinia';
import { ref } from 'vue';
import type { Failure } from '../../../contract/common.ts';

export interface Toast {
  readonly id: number;
  readonly kind: 'info' | 'error';
  readonly text: string;
  readonly action: { readonly label: string; run(): unknown } | null;
  /** Errors stay until they are closed. */
  readonly durationMs: number | null;
}

const SHOWN_MS = 5_000;
/** Long enough to notice a mistake. */
const UNDO_MS = 10_000;
const MOST = 4;

export const useToasts = defineStore('toasts', () => {
  const toasts = ref<readonly Toast[]>([]);
  let next = 0;

  function push(toast: Omit<Toast, 'id'>): number {
    const id = next++;
    toasts.value = [...toasts.value, { ...toast, id }].slice(-MOST);
    return id;
  }
  const close = (id: number): void => {
    toasts.value = toasts.value.filter((toast) => toast.id !== id);
  };
  const info = (text: string, action: Toast['action'] = null): number =>
    push({ kind: 'info', text, action, durationMs: action ? UNDO_MS : SHOWN_MS });
  const failed = (failure: Failure, action: Toast['action'] = null): number =>
    push({ kind: 'error', text: failure.message, action, durationMs: null });

  return { toasts, info, failed, close };
});
