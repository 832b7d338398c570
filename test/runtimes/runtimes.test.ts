import { execFile, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { freePort } from '../support/network/free-port.js';
import { OutsideProject } from '../support/package/outside-project.js';
import { PROBED, probePath, RuntimeProbe } from '../support/server/runtime-probe.js';

const run = promisify(execFile);
const CACHE = fileURLToPath(new URL('../../.cache/runtimes', import.meta.url));
const RUNTIMES = [
  'bun@1.4.5',
  'deno@2.9.6',
  'workerd@1.20261117.1',
  'node-20@npm:node@20',
  'node-22@npm:node@22',
  'node-24@npm:node@24',
];

let project: OutsideProject;
let probe: RuntimeProbe;

beforeAll(async () => {
  mkdirSync(CACHE, { recursive: true });
  if (!existsSync(join(CACHE, 'node_modules/node-24/bin/node'))) {
    execFileSync('npm', ['install', '--no-audit', '--no-fund', '--prefix', CACHE, ...RUNTIMES], {
      stdio: 'pipe',
    });
  }
  project = OutsideProject.create();
  probe = await RuntimeProbe.start(project);
});

afterAll(async () => {
  await probe.close();
  project.remove();
});

const program = (path: string) => join(CACHE, 'node_modules', path);

describe('the client works in', () => {
  test.each([
    ['Node 20', 'node-20/bin/node', []],
    ['Node 22', 'node-22/bin/node', []],
    ['Node 24', 'node-24/bin/node', []],
    ['Bun', '.bin/bun', ['run']],
    ['Deno', '.bin/deno', ['run', '--allow-net', '--allow-env', '--allow-read']],
  ])('%s', async (_name, path, args) => {
    const env = { ...process.env, ...probe.environment };
    const { stdout } = await run(program(path), [...args, probePath(project, 'main.mjs')], {
      cwd: project.folder,
      env,
    });
    expect(JSON.parse(stdout)).toEqual(PROBED);
  });

  test.each([
    ['workerd', ''],
    ['workerd with the compatibility of Node', '"nodejs_compat"'],
  ])('%s', async (_name, flag) => {
    const outfile = probePath(project, 'worker.bundled.mjs');
    const conditions = ['workerd', 'worker', 'browser'];
    const entryPoints = [probePath(project, 'worker.mjs')];
    await build({ entryPoints, outfile, bundle: true, format: 'esm', conditions, logLevel: 'error' });
    const port = await freePort();
    const config = project.write(
      'worker.capnp',
      `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "main", worker = (
      modules = [(name = "worker", esModule = embed "worker.bundled.mjs")],
      compatibilityDate = "2026-01-01", compatibilityFlags = [${flag}],
      globalOutbound = "network")),
    (name = "network", network = (allow = ["private", "public"])),
  ],
  sockets = [(name = "http", address = "127.0.0.1:${port}", http = (), service = "main")]
);
`,
    );
    const worker = spawn(program('.bin/workerd'), ['serve', config], { stdio: 'inherit' });
    const ended = once(worker, 'exit');
    try {
      await expect
        .poll(() =>
          fetch(`http://127.0.0.1:${port}/nothing`, { method: 'OPTIONS' }).then(
            () => true,
            () => false,
          ),
        )
        .toBe(true);
      const answer = await fetch(probe.workerUrl(`http://127.0.0.1:${port}`));
      expect(await answer.json()).toEqual(PROBED);
    } finally {
      worker.kill();
      await ended;
    }
  });
});
