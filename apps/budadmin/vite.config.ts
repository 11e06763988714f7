/** The dashboard's build: served under /ui by the control plane, hashed assets, one chunk per page. */
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

export default defineConfig({
  root: import.meta.dirname,
  base: '/ui/',
  plugins: [react()],
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    target: 'es2023',
    reportCompressedSize: false,
    // React, Mantine and the router are one chunk of every page; splitting them further only adds requests.
    chunkSizeWarningLimit: 700,
    rolldownOptions: {
      // One chunk, so that without-eval.ts speaks to zod before the first schema is made.
      output: {
        codeSplitting: { groups: [{ name: 'vocabulary', test: /without-eval|\/zod\/|packages\/(kernel|contract)\// }] },
      },
    },
    modulePreload: { polyfill: false },
  },
})
