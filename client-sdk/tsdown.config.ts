import { rmSync } from 'node:fs';
import { defineConfig } from 'tsdown';
import type { UserConfig } from 'tsdown';
import { writeInlinedPackages } from './build/inlined-packages.ts';
import { writePlainDeclarations } from './build/plain-declarations.ts';
import { pureSchemas } from './build/pure-schemas.ts';

/** The one module that differs between runtimes. The `imports` of package.json choose it. */
const NODE_WEB_SOCKET = '#node-web-socket';

rmSync('dist', { recursive: true, force: true });
writePlainDeclarations();

const base: UserConfig = {
  target: 'es2022',
  outExtensions: ({ format }) =>
    format === 'cjs' ? { js: '.cjs', dts: '.d.cts' } : { js: '.js', dts: '.d.ts' },
  dts: false,
  clean: false,
  logLevel: 'warn',
};

const bundled = new Set<string>();

/** The same files for all builds, which each of them completes. */
const inlined: UserConfig['plugins'] = {
  name: 'inlined-packages',
  writeBundle(_options, bundle) {
    for (const chunk of Object.values(bundle)) {
      if (chunk.type === 'chunk') for (const id of chunk.moduleIds) bundled.add(id);
    }
    writeInlinedPackages('dist', [...bundled]);
  },
};

/**
 * The bundler puts the comment of a field at the end of the line before it, where no editor finds it. The same declarations
 * serve CommonJS under another name.
 */
const finishedDeclarations: UserConfig['plugins'] = {
  name: 'finished-declarations',
  generateBundle(_options, bundle) {
    for (const chunk of Object.values(bundle)) {
      if (chunk.type !== 'chunk' || !chunk.fileName.endsWith('.d.ts')) continue;
      const code = chunk.code.replace(/^( *)(\S.*[;{]) (\/\*\*.*\*\/)$/gm, '$1$2\n$1$3');
      const needsLib = code.includes('AsyncDisposable');
      chunk.code = needsLib ? `/// <reference lib="esnext.disposable" />\n${code}` : code;
      const fileName = chunk.fileName.replace(/\.d\.ts$/, '.d.cts');
      const source = chunk.code.replace(/(from ["']\.\/[^"']+)\.js(["'])/g, '$1.cjs$2');
      this.emitFile({ type: 'asset', fileName, source });
    }
  },
};

const nodeWebSocket: UserConfig['plugins'] = {
  name: 'node-web-socket',
  resolveId: (source) =>
    source === './node-web-socket.js' ? { id: NODE_WEB_SOCKET, external: true } : undefined,
};

/** What uses no schema carries none, and nothing of zod. */
const schemas: UserConfig['plugins'] = {
  name: 'pure-schemas',
  transform: (code, id) => (id.includes('/shared/src/') ? pureSchemas(code) : undefined),
};

const client = { index: 'src/index.ts', react: 'src/react.ts', testing: 'src/testing.ts' };
const trpc = 'src/trpc.ts';

/**
 * The published package has no dependencies: everything is inlined. The library is built for every runtime, its
 * WebSocket for Node and the command line for Node.
 */
export default defineConfig([
  {
    ...base,
    entry: { ...client, trpc },
    // A peer for its types alone: the library has a copy of what it needs.
    noExternal: [/^@trpc\//],
    external: ['react'],
    tsconfig: 'tsconfig.package.json',
    platform: 'neutral',
    format: ['esm', 'cjs'],
    plugins: [nodeWebSocket, schemas, inlined],
  },
  // The types of the router need tRPC's, and those of the client must not.
  ...[{ trpc }, client].map((entry) => ({
    ...base,
    entry,
    tsconfig: 'tsconfig.declarations.json',
    platform: 'neutral' as const,
    format: 'esm' as const,
    plugins: [nodeWebSocket, finishedDeclarations],
    // Not ours to bundle: a user's own copy of tRPC has to recognise its types.
    external: ['@trpc/server', 'react'],
    dts: { emitDtsOnly: true },
    // Its code is thrown away, and the plain declarations have none.
    inputOptions: { shimMissingExports: true },
  })),
  {
    ...base,
    entry: { 'node-web-socket': 'src/node-web-socket.ts', 'no-web-socket': 'src/no-web-socket.ts' },
    platform: 'node',
    format: 'esm',
    plugins: [inlined],
  },
  {
    ...base,
    entry: { cli: 'src/cli/main.ts' },
    noExternal: [/^@trpc\//],
    tsconfig: 'tsconfig.package.json',
    platform: 'node',
    format: 'esm',
    plugins: [nodeWebSocket, schemas, inlined],
  },
]);
