import { defineConfig } from 'vitest/config';
import base from '../vitest.config.js';

const { projects: _, ...common } = base.test ?? {};

/** One case at a time: each is a launch with everything that it installs, and takes minutes. */
export default defineConfig({
  ...base,
  test: {
    ...common,
    include: ['real/**/*.test.ts'],
    globalSetup: ['skypilot/skypilot-venv.ts', 'real/real-parts.ts'],
    maxWorkers: 1,
    fileParallelism: false,
    testTimeout: 40 * 60_000,
    hookTimeout: 10 * 60_000,
  },
});
