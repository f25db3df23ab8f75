/** Builds the benchmark's program into .cache/bench-ipc, the way the app is built. */
import { resolve } from 'node:path';
import { defineConfig } from 'electron-vite';
import type { Plugin } from 'vite';
import { NONCE_PLACEHOLDER } from '../../src/shared/page-policy.ts';

const cjs = { format: 'cjs', entryFileNames: '[name].cjs', chunkFileNames: 'chunks/[name]-[hash].cjs' } as const;
const absolutePaths: Plugin = { name: 'bench:absolute-paths', enforce: 'post', config: () => ({ base: '/' }) };
const out = (name: string): string => resolve('.cache/bench-ipc', name);

export default defineConfig({
  main: { build: { outDir: out('main'), target: 'node18.15', rolldownOptions: { input: { desktop: 'bench/ipc/desktop.ts', child: 'bench/ipc/child.ts' }, output: cjs } } },
  preload: { build: { outDir: out('preload'), target: 'node18.15', externalizeDeps: false, rolldownOptions: { input: { index: 'src/preload/index.ts' }, output: cjs } } },
  renderer: { root: 'bench/ipc', plugins: [absolutePaths], html: { cspNonce: NONCE_PLACEHOLDER }, build: { outDir: out('renderer'), emptyOutDir: true, target: 'chrome114', rolldownOptions: { input: resolve('bench/ipc/index.html') } } },
});
