import { defineConfig } from 'tsdown';
import { readableDeclarations } from './readable-declarations.ts';

/** What is published: two entries with the shared schemas inlined, and declarations that name nothing of the server. */
export default defineConfig({
  entry: { index: 'src/index.ts', cli: 'src/cli/main.ts' },
  tsconfig: 'tsconfig.package.json',
  platform: 'node',
  target: 'es2023',
  format: 'esm',
  outExtensions: () => ({ js: '.js', dts: '.d.ts' }),
  dts: true,
  plugins: [
    {
      name: 'readable-declarations',
      generateBundle(_options, bundle) {
        const chunk = bundle['index.d.ts'];
        if (chunk?.type === 'chunk') chunk.code = readableDeclarations(chunk.code);
      },
    },
  ],
  clean: true,
  logLevel: 'warn',
});
