import { defineConfig } from 'vitest/config';
import base from '../vitest.config.js';

const { projects: _, ...common } = base.test ?? {};

/** Sends telemetry to the real OpenTelemetry Collector, which it builds from the Go module proxy. */
export default defineConfig({
  ...base,
  test: { ...common, include: ['otel/**/*.test.ts'], testTimeout: 180_000, hookTimeout: 1_800_000 },
});
