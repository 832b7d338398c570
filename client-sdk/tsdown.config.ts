import { defineConfig } from 'tsdown';
import { readableDeclarations } from './readable-declarations.ts';
import { thirdPartyLicenses } from './third-party-licenses.ts';

/**
 * The published package: two entries with the shared schemas and the development dependencies inlined, and declarations
 * that name nothing of the server.
 */
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
    {
      name: 'third-party-licenses',
      generateBundle(_options, bundle) {
        const moduleIds = Object.values(bundle).flatMap((chunk) =>
          chunk.type === 'chunk' && chunk.fileName.endsWith('.js') ? chunk.moduleIds : [],
        );
        const source = thirdPartyLicenses(moduleIds);
        if (source !== '') this.emitFile({ type: 'asset', fileName: 'THIRD-PARTY-LICENSES.txt', source });
      },
    },
  ],
  clean: true,
  logLevel: 'warn',
});
