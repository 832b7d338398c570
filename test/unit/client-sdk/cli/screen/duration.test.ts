import { describe, expect, test } from 'vitest';
import { durationText } from '@launchlog/sdk/cli/screen/duration';

describe('a duration for people', () => {
  test.each([
    [0, '0s'],
    [59.6, '1m 00s'],
    [380, '6m 20s'],
    [7_380, '2h 03m'],
    [273_600, '3d 4h'],
    [-5, '0s'],
  ])('%d seconds are %s', (seconds, text) => {
    expect(durationText(seconds)).toBe(text);
  });
});
