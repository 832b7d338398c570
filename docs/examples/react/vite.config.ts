import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

const { LAUNCHLOG_URL = 'http://127.0.0.1:8080', LAUNCHLOG_TOKEN = '' } = process.env;

export default defineConfig({
  plugins: [react()],
  server: {
    proxy: {
      // The token stays here: the page never has it.
      '/trpc': { target: LAUNCHLOG_URL, ws: true, headers: { 'X-Admin-Token': LAUNCHLOG_TOKEN } },
    },
  },
});
