import { gzipSync } from 'node:zlib';
import { build as esbuild } from 'esbuild';
import { build as vite } from 'vite';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { OutsideProject } from '../../support/package/outside-project.js';
import { BUILD_MS } from '../../support/within.js';

const KB = 1024;
const USED =
  "import { createLaunchlogClient } from '@launchlog/sdk';\nglobalThis.create = createLaunchlogClient;\n";
const WHOLE = "import * as sdk from '@launchlog/sdk';\nglobalThis.sdk = sdk;\n";
const UNUSED = "import { createLaunchlogClient, LaunchlogApiError } from '@launchlog/sdk';\n";

let project: OutsideProject;

beforeAll(() => {
  project = OutsideProject.create();
}, BUILD_MS);

afterAll(() => project.remove());

async function byEsbuild(program: string): Promise<string> {
  const built = await esbuild({
    stdin: { contents: program, resolveDir: project.folder },
    bundle: true,
    minify: true,
    format: 'esm',
    write: false,
    logLevel: 'error',
  });
  return built.outputFiles.map((file) => file.text).join('');
}

async function byVite(program: string): Promise<string> {
  const input = project.write('browser.js', program);
  const built = await vite({
    root: project.folder,
    configFile: false,
    logLevel: 'error',
    build: { write: false, modulePreload: false, rollupOptions: { input } },
  });
  const outputs = [built].flat().flatMap((result) => ('output' in result ? result.output : []));
  return outputs.map((chunk) => (chunk.type === 'chunk' ? chunk.code : '')).join('');
}

const compressed = (code: string) => gzipSync(code, { level: 9 }).length;

describe.each([
  ['esbuild', byEsbuild],
  ['Vite', byVite],
])('the size of the client in a page built by %s', (_name, bundle) => {
  test('is at most 20 KB compressed, for the client and for everything that the library exports', async () => {
    for (const program of [USED, WHOLE]) {
      const code = await bundle(program);
      expect(code).toMatch(/nodes/);
      expect(code).not.toMatch(/["'`]node:|ZodError|_zod/);
      expect(compressed(code)).toBeLessThanOrEqual(20 * KB);
    }
  });

  test('is nothing for an import that is not used', async () => {
    expect((await bundle(UNUSED)).trim()).toBe('');
  });
});

test('an installation brings one package of at most 2 MB', () => {
  expect(project.installed()).toEqual(['@launchlog/sdk']);
  expect(project.installedBytes()).toBeLessThanOrEqual(2 * KB * KB);
});
