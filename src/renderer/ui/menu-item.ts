import type { Component } from 'vue';

/** One line of a dropdown or context menu. */
export type MenuItem =
  | { readonly kind: 'separator' }
  | { readonly kind: 'label'; readonly label: string }
  | {
      readonly kind?: 'action';
      readonly label: string;
      readonly icon?: Component;
      readonly keys?: string;
      readonly disabled?: boolean;
      /** Set for one of several or an on/off choice. */
      readonly checked?: boolean;
      run(): unknown;
    };
