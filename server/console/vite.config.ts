import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

const root = fileURLToPath(new URL('../..', import.meta.url));
/** Where `npm run dev` finds a running server. */
const SERVER = 'http://127.0.0.1:8080';

export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  plugins: [react()],
  resolve: {
    // Sources of the workspaces, so that the console can be built before anything else was.
    alias: [
      { find: /^@launchlog\/shared\/(.*)$/, replacement: `${root}shared/src/$1.ts` },
      { find: /^@launchlog\/sdk$/, replacement: `${root}client-sdk/src/index.ts` },
    ],
  },
  build: {
    target: ['chrome123', 'firefox121', 'safari17.5'],
    // No data: URLs and nothing inline: the server's content security policy allows files of its own only.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    // One page, kept by the browser until it changes.
    chunkSizeWarningLimit: 700,
  },
  worker: { format: 'es' },
  server: {
    proxy: {
      '/session': SERVER,
      '/admin': SERVER,
      '/trpc': { target: SERVER, ws: true },
    },
  },
});
