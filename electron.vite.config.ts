/** Bundles main, preload and renderer into out/. CommonJS on Electron's main side: a sandboxed preload needs it, and Electron before 28 takes nothing else. */
import { resolve } from 'node:path';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'electron-vite';
import type { Plugin } from 'vite';
import { NONCE_PLACEHOLDER } from './src/shared/page-policy.ts';

const cjs = { format: 'cjs', entryFileNames: '[name].cjs', chunkFileNames: 'chunks/[name]-[hash].cjs' } as const;
// What the oldest runtime that tests use understands: Electron 25 is Chromium 114 and Node 18.
const NODE = 'node18.15', CHROME = 'chrome114';

// Pages have paths of their own (/runs/...), so files are named from the root; electron-vite would make them relative.
const absolutePaths: Plugin = { name: 'anneal:absolute-paths', enforce: 'post', config: () => ({ base: '/' }) };

export default defineConfig({
  main: {
    build: {
      target: NODE, minify: false,
      rolldownOptions: { input: { index: 'src/main/index.ts', serve: 'src/main/serve.ts', host: 'src/main/host/entry.ts', engine: 'src/main/engine/entry.ts' }, output: cjs },
    },
  },
  preload: { build: { target: NODE, externalizeDeps: false, rolldownOptions: { input: { index: 'src/preload/index.ts' }, output: cjs } } },
  renderer: {
    root: 'src/renderer', plugins: [react(), absolutePaths], html: { cspNonce: NONCE_PLACEHOLDER },
    // No data: URLs for files: fonts and scripts come from our own origin only.
    build: { target: CHROME, cssTarget: CHROME, minify: true, assetsInlineLimit: 0, chunkSizeWarningLimit: 2000, rolldownOptions: { input: resolve('src/renderer/index.html') } },
  },
});
