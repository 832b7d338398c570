import { defineConfig } from 'vitest/config';
import base from '../vitest.config.js';

const { projects: _, ...common } = base.test ?? {};

/** Runs what needs programs and packages that the other tests do without, and the contracts of the stores on more of them. */
export default defineConfig({
  ...base,
  test: {
    ...common,
    include: [
      'compat/**/*.test.ts',
      'contract/**/{node,change,audit,token,notification}-store*.test.ts',
      'contract/**/{archive-ledger,launch-metrics,notification-outbox,released-statements}.test.ts',
    ],
    env: { COMPAT: 'true' },
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
