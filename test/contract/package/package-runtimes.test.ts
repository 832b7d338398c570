import { readFileSync } from 'node:fs';
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core';
import { build as esbuild } from 'esbuild';
import { build as vite } from 'vite';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { OutsideProject } from '../../support/package/outside-project.js';
import { runNode } from '../../support/process/node-run.js';
import { PROBED, probePath, RuntimeProbe } from '../../support/server/runtime-probe.js';
import { BUILD_MS } from '../../support/within.js';

let project: OutsideProject;
let probe: RuntimeProbe;

beforeAll(async () => {
  project = OutsideProject.create();
  probe = await RuntimeProbe.start(project);
}, BUILD_MS);

afterAll(async () => {
  await probe.close();
  project.remove();
});

async function outputOf(path: string): Promise<unknown> {
  const program = runNode([path], { environment: probe.environment });
  expect([await program.exitCode, program.stderr()]).toEqual([0, '']);
  return JSON.parse(program.stdout()) as unknown;
}

describe('the client works', () => {
  test('as an ES module in Node', async () => {
    expect(await outputOf(probePath(project, 'main.mjs'))).toEqual(PROBED);
  });

  test('as CommonJS in Node', async () => {
    const esm = readFileSync(probePath(project, 'probe.mjs'), 'utf8');
    const probeCode = esm
      .replace(/import (\{[^}]+\}) from ('[^']+');/, 'const $1 = require($2);')
      .replace('export async', 'async');
    const run = 'probe({ url, token, id }).then((found) => console.log(JSON.stringify(found)));';
    const environment = 'const { LAUNCHLOG_URL: url, LAUNCHLOG_TOKEN: token, NODE_ID: id } = process.env;';
    const path = project.write('main.cjs', `${probeCode}\n${environment}\n${run}\n`);
    expect(await outputOf(path)).toEqual(PROBED);
  });

  test('in a server that a bundler made of one file', async () => {
    const outfile = probePath(project, 'bundled.mjs');
    const entryPoints = [probePath(project, 'main.mjs')];
    await esbuild({ entryPoints, outfile, bundle: true, platform: 'node', format: 'esm', logLevel: 'error' });
    expect(await outputOf(outfile)).toEqual(PROBED);
  });

  test('in a server that renders pages, whose bundle has the client in it', async () => {
    await vite({
      root: project.folder,
      configFile: false,
      logLevel: 'error',
      ssr: { noExternal: true },
      build: {
        ssr: probePath(project, 'main.mjs'),
        outDir: 'rendered',
        rollupOptions: { output: { entryFileNames: 'main.mjs' } },
      },
    });
    expect(await outputOf(probePath(project, 'rendered/main.mjs'))).toEqual(PROBED);
  });
});

test('where a runtime has no WebSocket, a followed log fails at once and names the option', async () => {
  const outfile = probePath(project, 'page.mjs');
  const contents = `
    import { createLaunchlogClient } from '@launchlog/sdk';
    delete globalThis.WebSocket;
    const { LAUNCHLOG_URL: url, LAUNCHLOG_TOKEN: token, NODE_ID: id } = process.env;
    const client = createLaunchlogClient({ url, token });
    try { for await (const event of client.followLog(id)); } catch (error) { console.log(JSON.stringify(String(error))); }`;
  const stdin = { contents, resolveDir: project.folder };
  await esbuild({ stdin, outfile, bundle: true, platform: 'browser', format: 'esm', logLevel: 'error' });
  expect(await outputOf(outfile)).toBe(
    "TypeError: this runtime has no WebSocket: pass a class of one as the option 'WebSocket'",
  );
});

describe('the types', () => {
  test('are right for every way to resolve them: ES modules, CommonJS, bundlers and old compilers', async () => {
    const tarball = new Uint8Array(readFileSync(project.tarball));
    const analysis = await checkPackage(createPackageFromTarballData(tarball));
    expect(analysis).toMatchObject({ types: { kind: 'included' }, problems: [] });
  });

  test.each([
    ['bundler', { module: 'ESNext', moduleResolution: 'Bundler', lib: ['ES2022', 'DOM'], types: [] }],
    ['CommonJS', { module: 'Node16', moduleResolution: 'Node16', lib: ['ES2022'], types: ['node'] }],
  ])('hold in a strict project of the kind %s, without skipLibCheck', (kind, options) => {
    const extension = kind === 'CommonJS' ? 'cts' : 'ts';
    project.write(
      `types.${extension}`,
      `import { createLaunchlogClient, isLaunchlogError, LaunchFailedError } from '@launchlog/sdk';
export async function run(): Promise<string> {
  const client = createLaunchlogClient({ url: 'http://127.0.0.1:8080', token: async () => 'x' });
  for await (const node of client.nodes.list({ status: 'active' })) return node.id;
  const page = await client.nodes.list();
  await client.pipeLog(page.nodes[0]?.id ?? '', new WritableStream<string>());
  return (await client.waitUntilActive('id')).endpoint ?? '';
}
export const kindOf = (error: unknown): string =>
  error instanceof LaunchFailedError ? error.reason : isLaunchlogError(error) ? error.kind : '';
`,
    );
    const compilerOptions = {
      target: 'ES2022',
      strict: true,
      exactOptionalPropertyTypes: true,
      noEmit: true,
    };
    project.write(
      `tsconfig.${kind}.json`,
      JSON.stringify({ compilerOptions: { ...compilerOptions, ...options }, files: [`types.${extension}`] }),
    );
    expect(project.typeCheck(`tsconfig.${kind}.json`)).toEqual([]);
  });
});
