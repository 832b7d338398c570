import { defineConfig } from 'vitest/config';
import base from '../vitest.config.js';

const { projects: _, ...common } = base.test ?? {};

/** The real SkyPilot takes seconds for each step, and the machines that run these tests have few cores. */
export default defineConfig({
  ...base,
  test: {
    ...common,
    include: ['skypilot/**/*.test.ts'],
    globalSetup: ['skypilot/skypilot-venv.ts'],
    maxWorkers: 1,
    fileParallelism: false,
    testTimeout: 240_000,
    hookTimeout: 180_000,
  },
});
