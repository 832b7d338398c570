import { cpSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { defineConfig } from 'tsdown';
import type { UserConfig } from 'tsdown';
import { writeInlinedPackages } from '../client-sdk/build/inlined-packages.ts';

const OUT = 'bundle';
const SCRIPTS = 'src/redis';

const inlined: UserConfig['plugins'] = {
  name: 'inlined-packages',
  writeBundle(_options, bundle) {
    const modules = Object.values(bundle).flatMap((chunk) => (chunk.type === 'chunk' ? chunk.moduleIds : []));
    writeInlinedPackages(OUT, modules);
  },
};

/** The server loads the scripts of Redis from the folder of its own code. */
const redisScripts: UserConfig['plugins'] = {
  name: 'redis-scripts',
  writeBundle() {
    for (const name of readdirSync(SCRIPTS)) {
      if (name.endsWith('.lua')) cpSync(join(SCRIPTS, name), join(OUT, name));
    }
  },
};

/** What is published and what the image runs. The `devDependencies` are inlined, the `dependencies` are not: see decision 175. */
export default defineConfig({
  entry: { main: 'src/main.ts', 'pglite-worker': 'src/database/pglite-worker.js' },
  outDir: OUT,
  format: 'esm',
  outExtensions: () => ({ js: '.js' }),
  platform: 'node',
  target: 'node20',
  dts: false,
  logLevel: 'warn',
  plugins: [inlined, redisScripts],
});
