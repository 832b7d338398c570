import { expect, test } from 'vitest';
import { ProgressBarThinning, readProgressBar } from '@launchlog/server/orchestrator/output/progress-bar';

test('a bar without a frame is a bar', () => {
  expect(readProgressBar('model.safetensors:   8% 72.9M/892M [00:01<00:11, 70.1MB/s]')).toEqual({
    name: 'model.safetensors',
    percent: 8,
  });
  expect(readProgressBar('GPU memory: 8% of 80 GiB')).toBeUndefined();
});

test('two processes that draw a bar of one name add few lines, and a bar that begins again is kept', () => {
  const bars = new ProgressBarThinning();
  const states = Array.from({ length: 100 }, (_, percent) => [percent, Math.max(0, percent - 3)]).flat();
  const kept = states.filter((percent) => bars.wants({ name: 'x', percent }));
  expect(kept.length).toBeLessThan(13);
  expect(bars.wants({ name: 'x', percent: 0 })).toBe(true);
});
