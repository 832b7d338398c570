#!/usr/bin/env node
// Committed, not built, so that `npm ci` can link it before the first build.
import { existsSync } from 'node:fs';

const server = new URL('../bundle/main.js', import.meta.url);
if (!existsSync(server)) {
  process.stderr.write('launchlog-server is not bundled yet: run `npm run build:server` first.\n');
  process.exit(2);
}
await import(server.href);
