import { mkdir, mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';

interface Step {
  wanted(): Promise<string | undefined>;
  build(fingerprint: string): Promise<number>;
}
interface StepOptions {
  readonly root: string;
  readonly name: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly run: (last: readonly string[]) => Promise<void>;
}
interface BuildModules {
  readonly BuildStep: new (options: StepOptions) => Step;
  readonly publish: (site: { from: string; to: string; keep: readonly string[] }) => Promise<void>;
  readonly withBuildLock: <Result>(
    path: string,
    work: () => Promise<Result>,
    onWait: () => void,
  ) => Promise<Result>;
}

const FOLDER = fileURLToPath(new URL('../../../server/build/', import.meta.url));

let root: string;
let build: BuildModules;
let runs = 0;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'launchlog-build-'));
  await put('src/one.ts', 'one');
  runs = 0;
  const names = ['build-step.js', 'publish.js', 'build-lock.js'];
  const modules: object[] = await Promise.all(
    names.map((name) => import(pathToFileURL(join(FOLDER, name)).href) as Promise<object>),
  );
  build = Object.assign({}, ...modules) as BuildModules;
});
afterEach(() => rm(root, { recursive: true, force: true }));

async function put(path: string, text: string): Promise<void> {
  await mkdir(join(root, path, '..'), { recursive: true });
  await writeFile(join(root, path), text);
}

function step(): Step {
  const run = async () => {
    runs += 1;
    await put('dist/one.js', `built ${runs}`);
  };
  return new build.BuildStep({ root, name: 'part', inputs: ['src', 'lock.json'], outputs: ['dist'], run });
}

/** Builds as `npm start` does; returns whether there was something to do. */
async function built(): Promise<boolean> {
  const fingerprint = await step().wanted();
  if (fingerprint !== undefined) await step().build(fingerprint);
  return fingerprint !== undefined;
}

test('what did not change is not built again, whatever the times of the files', async () => {
  expect(await built()).toBe(true);
  await utimes(join(root, 'src/one.ts'), 1, 1);
  expect(await built()).toBe(false);
  expect(runs).toBe(1);
});

test('what a compiler writes beside the sources is not a change of them', async () => {
  await built();
  await put('src/tsconfig.tsbuildinfo', '{}');
  expect(await built()).toBe(false);
});

test.each([
  ['a changed file', () => put('src/one.ts', 'two')],
  ['a new file', () => put('src/deep/two.ts', '')],
  ['a removed file', () => rm(join(root, 'src/one.ts'))],
  ['an input that did not exist', () => put('lock.json', '{}')],
  ['a removed output', () => rm(join(root, 'dist/one.js'))],
])('%s is built', async (_name, change) => {
  await built();
  await change();
  expect(await built()).toBe(true);
  expect(await built()).toBe(false);
});

test('a build that failed is repeated', async () => {
  await built();
  await put('src/one.ts', 'two');
  const failing = new build.BuildStep({
    root,
    name: 'part',
    inputs: ['src', 'lock.json'],
    outputs: ['dist'],
    run: () => Promise.reject(new Error('no')),
  });
  await expect(failing.build((await failing.wanted()) ?? '')).rejects.toThrow('no');
  await put('src/one.ts', 'one');
  expect(await built()).toBe(true);
});

test('a new site leaves the files of the last one, and removes those before it', async () => {
  const to = join(root, 'site');
  let keep: string[] = [];
  for (const version of ['a', 'b', 'c']) {
    await rm(join(root, 'draft'), { recursive: true, force: true });
    await put('draft/index.html', version);
    await put(`draft/assets/${version}.js`, version);
    await build.publish({ from: join(root, 'draft'), to, keep });
    keep = [join(to, 'index.html'), join(to, 'assets', `${version}.js`)];
  }
  expect(await readdir(join(to, 'assets'))).toEqual(['b.js', 'c.js']);
  expect(await readFile(join(to, 'index.html'), 'utf8')).toBe('c');
});

test('two builds of one folder run one after the other, and the lock of a dead process holds nobody up', async () => {
  await put('lock', '999999999');
  const order: string[] = [];
  const lock = join(root, 'lock');
  const first = build.withBuildLock(
    lock,
    async () => {
      order.push('first begins');
      await second.waiting;
      order.push('first ends');
    },
    () => undefined,
  );
  const second = startSecond(lock, order);
  await Promise.all([first, second.done]);
  expect(order).toEqual(['first begins', 'first ends', 'second']);
});

function startSecond(lock: string, order: string[]) {
  let waits: () => void = () => undefined;
  const waiting = new Promise<void>((resolve) => (waits = resolve));
  const done = (async () => {
    await expect.poll(() => order).toContain('first begins');
    await build.withBuildLock(lock, async () => void order.push('second'), waits);
  })();
  return { waiting, done };
}
