import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

const root = fileURLToPath(new URL('../..', import.meta.url));
/** The server to which the development server passes calls on. */
const SERVER = 'http://127.0.0.1:8080';

export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  plugins: [react()],
  // Below any path: the server makes the addresses in index.html absolute.
  base: './',
  resolve: {
    // The workspaces' sources, so that the console can be built before they are.
    alias: [
      { find: /^@launchlog\/shared\/(.*)$/, replacement: `${root}shared/src/$1.ts` },
      { find: /^@launchlog\/sdk\/react$/, replacement: `${root}client-sdk/src/react.ts` },
      { find: /^@launchlog\/sdk$/, replacement: `${root}client-sdk/src/index.ts` },
    ],
  },
  build: {
    target: ['chrome123', 'firefox121', 'safari17.5'],
    // No inline code and no data: URLs: the content security policy allows only files of the server.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    // One file, which the browser caches until it changes.
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
