import { describe, expect, test } from 'vitest';
import { foldCarriageReturns, progressBarKey } from '@launchlog/console/log/line/progress-bar';

describe('progress bars', () => {
  test('the last state of a line that overwrote itself is kept, and the others are counted', () => {
    expect(foldCarriageReturns('10%\r20%\r\r30%\r')).toEqual({ message: '30%', folded: 2 });
    expect(foldCarriageReturns('plain')).toEqual({ message: 'plain', folded: 0 });
    expect(foldCarriageReturns('\r')).toEqual({ message: '', folded: 0 });
  });

  test.each([
    [
      'Loading safetensors checkpoint shards:  25% Completed | 1/4 [00:03<00:10]',
      'Loading safetensors checkpoint shards:',
    ],
    ['Capturing CUDA graph shapes:  37%|███▋      | 13/35', 'Capturing CUDA graph shapes:'],
    ['model-00001.safetensors: 100%|██████████| 9.98G/9.98G', 'model-00001.safetensors:'],
    ['  3% [=>      ]', ''],
  ])('%j is a progress bar', (text, key) => {
    expect(progressBarKey(text)).toBe(key);
  });

  test.each(['GPU memory use is 95% of 80 GiB', 'progress 40%', '100% done', ''])(
    '%j is not a progress bar',
    (text) => {
      expect(progressBarKey(text)).toBeUndefined();
    },
  );
});
