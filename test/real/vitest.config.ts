import { BaseSequencer, type TestSpecification } from 'vitest/node';
import { defineConfig } from 'vitest/config';
import base from '../vitest.config.js';

const { projects: _, ...common } = base.test ?? {};

/** The first success fills the layer from which the machines of all other cases start. */
class SuccessFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const isFirst = ({ moduleId }: TestSpecification) => moduleId.endsWith('/success.test.ts');
    const sorted = await super.sort(files);
    return [...sorted.filter(isFirst), ...sorted.filter((file) => !isFirst(file))];
  }
}

/** One case at a time: each is a launch with everything that it installs, and takes minutes. */
export default defineConfig({
  ...base,
  test: {
    ...common,
    include: ['real/**/*.test.ts'],
    globalSetup: ['skypilot/skypilot-venv.ts', 'real/real-parts.ts'],
    sequence: { sequencer: SuccessFirst },
    maxWorkers: 1,
    fileParallelism: false,
    testTimeout: 40 * 60_000,
    hookTimeout: 10 * 60_000,
  },
});
