import { spawn } from 'node:child_process';
import { cp, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { BuildStep } from './build-step.js';
import { withBuildLock } from './build-lock.js';
import { publish } from './publish.js';

/*
 * Builds the server, the command line with the SDK, and the console: what changed, and nothing else. `npm start` runs it
 * before each start, so it must cost nothing where nothing changed. With `--bundle` it also builds what is published and what
 * the image runs; with `--server` it builds what is published of the server, without command line and console. It reports on standard error. See decisions 164 and 175.
 */

const root = fileURLToPath(new URL('../..', import.meta.url));
const CONSOLE_DRAFT = '.cache/console-build';
/** See decision 187. */
const TSC = 'node_modules/typescript-7/bin/tsc';
/** What can change any part. */
const EVERYWHERE = ['package-lock.json', 'tsconfig.base.json', 'server/build', 'shared'];

const server = new BuildStep({
  root,
  name: 'server',
  inputs: [...EVERYWHERE, 'server/src', 'server/package.json', 'server/tsconfig.json'],
  outputs: ['shared/dist', 'server/dist'],
  run: async () => {
    await run(process.execPath, [TSC, '-b', 'shared', 'server']);
    await copyAssets('redis', '.lua');
    await copyAssets('database', '.js');
  },
});

const commandLine = new BuildStep({
  root,
  name: 'command line',
  // Its types are written from those of the server's router.
  inputs: [...EVERYWHERE, 'server/src', 'client-sdk'],
  outputs: ['client-sdk/dist'],
  run: async () => {
    await run(process.execPath, [TSC, '-b', 'client-sdk']);
    await run(process.execPath, ['build.js'], 'client-sdk');
  },
});

const webConsole = new BuildStep({
  root,
  name: 'console',
  inputs: [...EVERYWHERE, 'server/console', 'client-sdk/src'],
  outputs: ['server/console/dist'],
  run: async (last) => {
    const outDir = join(root, CONSOLE_DRAFT);
    await run('vite', ['build', '--logLevel', 'warn', '--outDir', outDir, '--emptyOutDir', 'server/console']);
    await publish({
      from: outDir,
      to: join(root, 'server/console/dist'),
      keep: last.map((file) => join(root, file)),
    });
  },
});

const bundle = new BuildStep({
  root,
  name: 'bundle',
  inputs: [
    ...EVERYWHERE,
    'server/src',
    'server/package.json',
    'server/tsdown.config.ts',
    'client-sdk/build',
    'client-sdk/build.js',
  ],
  outputs: ['server/bundle'],
  run: () => run(process.execPath, ['../client-sdk/build.js'], 'server'),
});

const database = new BuildStep({
  root,
  name: 'database',
  inputs: ['node_modules/@electric-sql/pglite/package.json', 'server/build/prepare-database.js'],
  outputs: ['server/prepared'],
  run: () => run(process.execPath, ['server/build/prepare-database.js']),
});

const parts = process.argv.includes('--server')
  ? [server, database, bundle]
  : [server, database, commandLine, webConsole, ...(process.argv.includes('--bundle') ? [bundle] : [])];

const LOCK = join(root, '.cache/build/lock');
await withBuildLock(LOCK, buildAll, () =>
  report('Another build of this folder is running: waiting for it …'),
);

async function buildAll() {
  const startedAt = performance.now();
  const known = new Map();
  const steps = await Promise.all(
    parts.map(async (step) => ({ step, fingerprint: await step.wanted(known) })),
  );
  const wanted = steps.filter(({ fingerprint }) => fingerprint !== undefined);
  if (wanted.length === 0) return;
  report(
    `Building ${wanted.map(({ step }) => step.name).join(', ')} … (the first time, this takes about a minute)`,
  );
  for (const { step, fingerprint } of wanted) {
    const seconds = await step.build(fingerprint);
    report(`  ${step.name}: ${seconds.toFixed(1)} s`);
  }
  report(`Built in ${((performance.now() - startedAt) / 1_000).toFixed(1)} s.`);
}

async function copyAssets(folder, extension) {
  const from = join(root, 'server/src', folder);
  for (const name of await readdir(from)) {
    if (name.endsWith(extension)) await cp(join(from, name), join(root, 'server/dist', folder, name));
  }
}

/** Runs a program of the workspaces. Its failure ends the build with its exit code; it has printed the reason. */
function run(program, args, folder = '.') {
  const env = { ...process.env, PATH: `${join(root, 'node_modules/.bin')}:${process.env.PATH}` };
  const child = spawn(program, args, {
    cwd: join(root, folder),
    env,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => {
      if (code === 0) resolve();
      else reject(new Error(`${program} ${args.join(' ')} ended with exit code ${code}`));
    });
  });
}

function report(text) {
  process.stderr.write(`${text}\n`);
}
