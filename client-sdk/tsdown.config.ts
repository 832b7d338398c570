import { rmSync, writeFileSync } from 'node:fs';
import { defineConfig } from 'tsdown';
import type { UserConfig } from 'tsdown';
import { writePlainDeclarations } from './build/plain-declarations.ts';
import { thirdPartyLicenses } from './build/third-party-licenses.ts';

/** The one module that differs between runtimes. The `imports` of package.json choose it. */
const NODE_WEB_SOCKET = '#node-web-socket';

rmSync('dist', { recursive: true, force: true });
writePlainDeclarations();

const base: UserConfig = {
  target: 'es2022',
  outExtensions: ({ format }) =>
    format === 'cjs' ? { js: '.cjs', dts: '.d.cts' } : { js: '.js', dts: '.d.ts' },
  // Schemas only compute. What uses none of them carries none of them, and nothing of zod.
  treeshake: { manualPureFunctions: ['z'] },
  dts: false,
  clean: false,
  logLevel: 'warn',
};

const bundled = new Set<string>();

/** One file for all builds, which each of them completes. */
const licenses: UserConfig['plugins'] = {
  name: 'third-party-licenses',
  writeBundle(_options, bundle) {
    for (const chunk of Object.values(bundle)) {
      if (chunk.type === 'chunk') for (const id of chunk.moduleIds) bundled.add(id);
    }
    writeFileSync('dist/THIRD-PARTY-LICENSES.txt', thirdPartyLicenses([...bundled]));
  },
};

/** The bundler puts the comment of a field at the end of the line before it, where no editor finds it. */
const commentsOnOwnLines: UserConfig['plugins'] = {
  name: 'comments-on-own-lines',
  generateBundle(_options, bundle) {
    for (const chunk of Object.values(bundle)) {
      if (chunk.type !== 'chunk') continue;
      chunk.code = chunk.code.replace(/^( *)(\S.*[;{]) (\/\*\*.*\*\/)$/gm, '$1$2\n$1$3');
    }
  },
};

const nodeWebSocket: UserConfig['plugins'] = {
  name: 'node-web-socket',
  resolveId: (source) =>
    source === './node-web-socket.js' ? { id: NODE_WEB_SOCKET, external: true } : undefined,
};

const library = { index: 'src/index.ts' };

/**
 * The published package has no dependencies: everything is inlined. The library is built for every runtime, its
 * WebSocket for Node and the command line for Node.
 */
export default defineConfig([
  {
    ...base,
    entry: library,
    tsconfig: 'tsconfig.package.json',
    platform: 'neutral',
    format: ['esm', 'cjs'],
    plugins: [nodeWebSocket, licenses],
  },
  {
    ...base,
    entry: library,
    tsconfig: 'tsconfig.declarations.json',
    platform: 'neutral',
    format: ['esm', 'cjs'],
    plugins: [commentsOnOwnLines],
    dts: { emitDtsOnly: true },
    // Its code is thrown away, and the plain declarations have none.
    inputOptions: { shimMissingExports: true },
  },
  {
    ...base,
    entry: { 'node-web-socket': 'src/node-web-socket.ts', 'no-web-socket': 'src/no-web-socket.ts' },
    platform: 'node',
    format: 'esm',
    plugins: [licenses],
  },
  {
    ...base,
    entry: { cli: 'src/cli/main.ts' },
    tsconfig: 'tsconfig.package.json',
    platform: 'node',
    format: 'esm',
    plugins: [nodeWebSocket, licenses],
  },
]);
