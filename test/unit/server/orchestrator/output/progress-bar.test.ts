import { expect, test } from 'vitest';
import { ProgressBarThinning, readProgressBar } from '@launchlog/server/orchestrator/output/progress-bar';

test('a bar without a frame is a bar', () => {
  expect(readProgressBar('model.safetensors:   8% 72.9M/892M [00:01<00:11, 70.1MB/s]')).toEqual({
    name: 'model.safetensors',
    percent: 8,
  });
  expect(readProgressBar('GPU memory: 8% of 80 GiB')).toBeUndefined();
});

test('what rsync rewrites while it copies a file is a bar, and a line with a size and a rate is not', () => {
  const states = [
    '         32,768   1%    4.46MB/s    0:00:00',
    '      2,523,136  82%    2.38MB/s    0:00:00',
    '      3,056,081 100%    2.72MB/s    0:00:01 (xfr#4, to-chk=0/6)',
  ];
  expect(states.map((state) => readProgressBar(state)?.percent)).toEqual([1, 82, 100]);
  expect(readProgressBar('sent 3,012,800 bytes  received 107 bytes  860,830.57 bytes/sec')).toBeUndefined();
  expect(readProgressBar('100 requests, 5% failed, 2.0MB/s')).toBeUndefined();
  const bars = new ProgressBarThinning();
  const small = [
    '          8,411 100%    0.00kB/s    0:00:00',
    '          8,411 100%    0.00kB/s    0:00:00 (xfr#1)',
  ];
  expect(small.map((state) => bars.wants(readProgressBar(state) ?? { name: '', percent: 0 }))).toEqual([
    true,
    false,
  ]);
});

test('two processes that draw a bar of one name add few lines, and a bar that begins again is kept', () => {
  const bars = new ProgressBarThinning();
  const states = Array.from({ length: 100 }, (_, percent) => [percent, Math.max(0, percent - 3)]).flat();
  const kept = states.filter((percent) => bars.wants({ name: 'x', percent }));
  expect(kept.length).toBeLessThan(13);
  expect(bars.wants({ name: 'x', percent: 0 })).toBe(true);
});
