import { defineConfig } from 'vitest/config';
import base from '../vitest.config.js';

const { projects: _, ...common } = base.test ?? {};

/** Holds the chart with the real helm, which it builds from the Go module proxy where it is missing. */
export default defineConfig({
  ...base,
  test: { ...common, include: ['helm/**/*.test.ts'], testTimeout: 120_000, hookTimeout: 900_000 },
});
