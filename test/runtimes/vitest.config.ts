import { defineConfig } from 'vitest/config';
import base from '../vitest.config.js';

const { projects: _, ...common } = base.test ?? {};

/** Runtimes are installed on the first run, which takes minutes. */
export default defineConfig({
  ...base,
  test: {
    ...common,
    include: ['runtimes/**/*.test.ts'],
    maxWorkers: 1,
    testTimeout: 120_000,
    hookTimeout: 600_000,
  },
});
