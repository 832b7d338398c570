import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { SummaryReporter } from './support/summary-reporter.js';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Tests read the sources of the workspaces, not what was built of them; only tests that start processes need a build. */
const sources = [
  { find: /^@launchlog\/shared\/(.*)$/, replacement: `${root}shared/src/$1.ts` },
  { find: /^@launchlog\/server\/(.*)$/, replacement: `${root}server/src/$1.ts` },
  { find: /^@launchlog\/sdk$/, replacement: `${root}client-sdk/src/index.ts` },
  { find: /^@launchlog\/sdk\/(.*)$/, replacement: `${root}client-sdk/src/$1.ts` },
  { find: /^@launchlog\/console\/(.*)$/, replacement: `${root}server/console/src/$1` },
];

function project(name: string, timeoutMs: number) {
  return {
    extends: true as const,
    test: { name, include: [`${name}/**/*.test.ts`], testTimeout: timeoutMs, hookTimeout: 60_000 },
  };
}

export default defineConfig({
  resolve: { alias: sources },
  test: {
    root: fileURLToPath(new URL('.', import.meta.url)),
    reporters: ['default', new SummaryReporter()],
    pool: 'forks',
    maxWorkers: 2,
    projects: [
      project('architecture', 30_000),
      project('unit', 10_000),
      project('contract', 30_000),
      project('integration', 60_000),
      project('e2e', 120_000),
      project('security', 60_000),
      project('fuzz', 60_000),
      project('faults', 120_000),
    ],
  },
});
