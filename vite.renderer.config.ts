/**
 * How the window is built: by electron-vite for Electron and for the local web server, and alone for a preview on
 * invented data (`vite build --config vite.renderer.config.ts --mode preview`).
 */
import path from 'node:path';
import vue from '@vitejs/plugin-vue';
import { defineConfig, type UserConfig } from 'vite';

const root = path.resolve(import.meta.dirname, 'src/renderer');

/** Flags of vue-i18n and Vue: no evaluation of strings, which the content security policy forbids. */
const define = {
  __VUE_OPTIONS_API__: 'false',
  __VUE_PROD_DEVTOOLS__: 'false',
  __VUE_PROD_HYDRATION_MISMATCH_DETAILS__: 'false',
  __VUE_I18N_FULL_INSTALL__: 'false',
  __VUE_I18N_LEGACY_API__: 'false',
  __INTLIFY_JIT_COMPILATION__: 'true',
  __INTLIFY_DROP_MESSAGE_COMPILER__: 'false',
  __INTLIFY_PROD_DEVTOOLS__: 'false',
};

/** @param preview whether invented data stands in for the engine */
export function rendererConfig(preview = false): UserConfig {
  return {
    root,
    base: './',
    plugins: [vue()],
    define: {
      ...define,
      'import.meta.env.VITE_PREVIEW': JSON.stringify(preview ? '1' : ''),
    },
    build: {
      outDir: path.resolve(import.meta.dirname, preview ? 'out/preview' : 'out/renderer'),
      emptyOutDir: true,
      target: 'chrome140',
      // Inlined fonts and images would need `data:` in the policy.
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
      rolldownOptions: { input: path.join(root, 'index.html') },
    },
  };
}

export default defineConfig(({ mode }) => rendererConfig(mode === 'preview'));
