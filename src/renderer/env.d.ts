// vue-tsc reads the components themselves; this is for tools that only read TypeScript.
declare module '*.vue' {
  import type { DefineComponent } from 'vue';
  const component: DefineComponent<Record<string, unknown>, Record<string, unknown>, unknown>;
  export default component;
}

interface ImportMetaEnv {
  /** Set when the window is built without an engine, on invented data. */
  readonly VITE_PREVIEW?: string;
}
