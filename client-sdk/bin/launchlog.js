#!/usr/bin/env node
// Committed, not built, so that `npm ci` can link it before the first build.
import { existsSync } from 'node:fs';

const cli = new URL('../dist/cli.js', import.meta.url);
if (!existsSync(cli)) {
  process.stderr.write('launchlog is not built yet: run `npm run build:sdk` first.\n');
  process.exit(2);
}
const { main } = await import(cli.href);
await main();
