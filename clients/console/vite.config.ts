import { defineConfig } from 'vite'

export default defineConfig({
  // Relative, so the console works under any path a front proxy gives it.
  base: './',
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    target: 'es2022',
    // Every asset is a file of its own: the content security policy knows no inline ones.
    assetsInlineLimit: 0,
    modulePreload: false,
  },
})
