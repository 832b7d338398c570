import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { SummaryReporter } from './support/summary-reporter.js';

// Debian keeps the programs of servers (nginx) where the PATH of an ordinary user does not lead.
process.env['PATH'] = `${process.env['PATH'] ?? ''}:/usr/local/sbin:/usr/sbin:/sbin`;

const root = fileURLToPath(new URL('..', import.meta.url));

/** Tests read the sources of the workspaces, not what was built of them; only tests that start processes need a build. */
const sources = [
  { find: /^@launchlog\/shared\/(.*)$/, replacement: `${root}shared/src/$1.ts` },
  { find: /^@launchlog\/server\/(.*)$/, replacement: `${root}server/src/$1.ts` },
  { find: /^@launchlog\/sdk$/, replacement: `${root}client-sdk/src/index.ts` },
  { find: /^@launchlog\/sdk\/(.*)$/, replacement: `${root}client-sdk/src/$1.ts` },
  { find: /^@launchlog\/console\/(.*)$/, replacement: `${root}server/console/src/$1` },
];

/** What is promised is waited for as long as a busy machine may need, and found as soon as it is there. */
const POLL = { timeout: 45_000, interval: 20 };
/** Longer than one wait, so that what did not come is named by the wait that missed it. */
const TEST_TIMEOUT_MS = 60_000;
const SERVER_TEST_TIMEOUT_MS = 120_000;

/** Files of one project share processes, which load each source once, unless `isolate` is set. */
function project(name: string, { timeoutMs = TEST_TIMEOUT_MS, isolate = false } = {}) {
  const include = [`${name}/**/*.test.ts`];
  return {
    extends: true as const,
    test: { name, include, testTimeout: timeoutMs, hookTimeout: timeoutMs, isolate },
  };
}

/** They start servers and programs. */
const SERVER_TESTS = { timeoutMs: SERVER_TEST_TIMEOUT_MS };

export default defineConfig({
  resolve: { alias: sources },
  test: {
    root: fileURLToPath(new URL('.', import.meta.url)),
    reporters: ['default', new SummaryReporter()],
    pool: 'forks',
    // Twice the cores of a small machine: many tests wait for processes and sockets, and use one and a half cores with three workers.
    maxWorkers: 4,
    // PGlite is not compiled a second time, optimized: that takes longer than what the tests ask of it.
    execArgv: ['--liftoff-only'],
    expect: { poll: POLL },
    projects: [
      project('architecture', { isolate: true }),
      project('unit'),
      project('contract'),
      project('integration', SERVER_TESTS),
      project('security', SERVER_TESTS),
      project('e2e', SERVER_TESTS),
      project('fuzz'),
      project('faults', SERVER_TESTS),
    ],
  },
});
