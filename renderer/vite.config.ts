import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vite';

export default defineConfig({
  root: import.meta.dirname,
  base: './',
  plugins: [svelte({ compilerOptions: { runes: true, modernAst: true } })],
  build: {
    outDir: '../dist/renderer',
    emptyOutDir: true,
    // The shell ships its own Chromium; a browser may be a few versions behind.
    target: ['chrome108', 'firefox128', 'safari17'],
    // An inlined file would be a data: URL, which the policy allows for pictures only.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    sourcemap: false,
  },
});
