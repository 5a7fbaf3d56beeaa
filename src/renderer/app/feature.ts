/** What a feature gives to the shell, through its `index.ts`. */
import type { Component } from 'vue';
import type { RouteRecordRaw } from 'vue-router';
import type { MessageKey } from '../messages/i18n.ts';

/** Small word beside a rail item: where something waits. */
export interface RailBadge {
  readonly text: string;
  /** For screen readers and the tooltip: `3 images could not be read`. */
  readonly label: string;
  readonly kind: 'count' | 'busy' | 'error';
}

export interface Feature {
  /** First part of its address: `/datasets`. */
  readonly id: string;
  readonly title: MessageKey;
  readonly icon: Component;
  /** The first route is where the rail leads. */
  readonly routes: readonly RouteRecordRaw[];
  /** A composable: runs once in the shell, may use stores. */
  readonly badge?: () => () => RailBadge | null;
}
