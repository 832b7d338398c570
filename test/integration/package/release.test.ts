import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { Spec, Validation } from '@cyclonedx/cyclonedx-library';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { buildSdk } from '../../support/package/built-sdk.js';
import { buildServerBundle } from '../../support/package/built-workspaces.js';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const BUILD_MS = 300_000;
const PACKAGES = ['.', 'shared', 'server', 'server/console', 'client-sdk', 'test'];
const NAMING = ['CHANGELOG.md', 'package-lock.json', 'docs/deployment/helm/launchlog/Chart.yaml'];
const MANIFEST = 'docs/deployment/kubernetes/launchlog.yaml';

interface Published {
  readonly workspace: string;
}
interface Bill {
  readonly metadata: { readonly component: { readonly name: string; readonly version: string } };
  readonly components: readonly {
    readonly name: string;
    readonly version: string;
    readonly licenses: object[];
  }[];
}

let copy: string;
let setRelease: (root: string, release: { version: string; date: string }) => Promise<void>;

async function release<Exports>(file: string): Promise<Exports> {
  const path = join(root, 'server/build/release', file);
  return (await import(pathToFileURL(path).href)) as Exports;
}

async function text(path: string): Promise<string> {
  return readFile(join(copy, path), 'utf8');
}

async function version(folder: string): Promise<string> {
  return (JSON.parse(await text(join(folder, 'package.json'))) as { version: string }).version;
}

describe('a new version', () => {
  beforeEach(async () => {
    ({ setRelease } = await release<{ setRelease: typeof setRelease }>('set-release.js'));
    copy = await mkdtemp(join(tmpdir(), 'launchlog-release-'));
    for (const path of [...PACKAGES.map((folder) => join(folder, 'package.json')), ...NAMING, MANIFEST]) {
      await mkdir(dirname(join(copy, path)), { recursive: true });
      await cp(join(root, path), join(copy, path));
    }
    await writeFile(join(copy, 'CHANGELOG.md'), '# Changelog\n\n## Unreleased\n\n### Added\n\n- One.\n');
  });
  afterEach(() => rm(copy, { recursive: true, force: true }));

  test('is written wherever the release is named', async () => {
    const current = await version('.');
    await setRelease(copy, { version: '99.1.0', date: '2026-12-01' });
    for (const folder of PACKAGES) expect(await version(folder), folder).toBe('99.1.0');
    expect(await text('CHANGELOG.md')).toContain(
      '## Unreleased\n\n## 99.1.0 – 2026-12-01\n\n### Added\n\n- One.',
    );
    expect(await text(NAMING[2] ?? '')).toMatch(/^version: 99\.1\.0\nappVersion: 99\.1\.0$/m);
    expect(await text(MANIFEST)).toContain('launchlog:99.1.0');
    const ours = /"@launchlog\/[a-z]+": "([^"]+)"/g;
    for (const path of ['package-lock.json', 'client-sdk/package.json', 'test/package.json']) {
      const versions = [...(await text(path)).matchAll(ours)].map(([, found]) => found);
      expect(new Set(versions), path).toEqual(new Set(['99.1.0']));
    }
    expect(await text('package-lock.json')).not.toContain(`"name": "launchlog",\n  "version": "${current}"`);
  });

  test.each([
    ['0.0.1', 'is not later than'],
    ['0.1.0', 'is not later than'],
    ['next', 'is no semantic version'],
    ['v1.0.0', 'is no semantic version'],
  ])('%s is refused, and nothing is written', async (wrong, reason) => {
    const before = await text('package.json');
    await expect(setRelease(copy, { version: wrong, date: '2026-12-01' })).rejects.toThrow(reason);
    expect(await text('package.json')).toBe(before);
  });

  test('needs a change to release', async () => {
    await writeFile(join(copy, 'CHANGELOG.md'), '# Changelog\n\n## Unreleased\n\n## 0.1.0 – 2026-11-23\n');
    const made = setRelease(copy, { version: '99.1.0', date: '2026-12-01' });
    await expect(made).rejects.toThrow(/no changes/);
  });
});

describe('the bill of materials', () => {
  test.each([
    [
      'server',
      ['ioredis', 'pglite', 'hono', 'react', 'pg-protocol'],
      ['vitest', 'tsdown', 'typescript', 'vite'],
    ],
    ['sdk', ['client', 'zod', 'commander'], ['hono', 'pg', 'tsdown', 'typescript']],
  ])(
    'of %s is valid CycloneDX, with what is inlined and without what only builds',
    async (name, present, absent) => {
      if (name === 'server') await buildServerBundle();
      else buildSdk();
      const { PUBLISHED, softwareBill } = await release<{
        PUBLISHED: Record<string, Published>;
        softwareBill: (root: string, published: Published | undefined) => Promise<string>;
      }>('software-bill.js');
      const written = await softwareBill(root, PUBLISHED[name]);
      const validator = new Validation.JsonStrictValidator(Spec.Spec1dot6.version);
      expect(await validator.validate(written)).toBeNull();
      const bill = JSON.parse(written) as Bill;
      const names = bill.components.map((component) => component.name);
      expect(names).toEqual(expect.arrayContaining(present));
      for (const each of absent) expect(names).not.toContain(each);
      expect(bill.components.filter(({ licenses }) => licenses.length === 0)).toEqual([]);
    },
    BUILD_MS,
  );
});
