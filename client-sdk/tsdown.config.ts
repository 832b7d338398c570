import { defineConfig } from 'tsdown';

/** What is published: two entries with the shared schemas inlined, and declarations that name nothing of the server. */
export default defineConfig({
  entry: { index: 'src/index.ts', cli: 'src/cli/main.ts' },
  tsconfig: 'tsconfig.package.json',
  platform: 'node',
  target: 'es2023',
  format: 'esm',
  outExtensions: () => ({ js: '.js', dts: '.d.ts' }),
  dts: true,
  clean: true,
  logLevel: 'warn',
});
