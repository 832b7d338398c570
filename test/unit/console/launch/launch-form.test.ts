import { describe, expect, test } from 'vitest';
import { FIRST_LAUNCH_FORM, readLaunchForm } from '@launchlog/console/launch/launch-form';

const form = FIRST_LAUNCH_FORM;

describe('the launch form', () => {
  test('its initial contents can be launched', () => {
    expect(readLaunchForm(form)).toMatchObject({
      ok: true,
      request: { provider: 'aws', gpuCount: 1, useSpot: true },
    });
  });

  test('empty fields are left to the server', () => {
    const result = readLaunchForm({ ...form, diskSize: '', gpuCount: ' 2 ' });
    expect(result).toMatchObject({ ok: true, request: { diskSize: 256, gpuCount: 2 } });
  });

  test.each([
    [{ model: '' }, 'model', 'is required'],
    [{ gpuCount: 'two' }, 'gpuCount', 'whole number'],
    [{ gpuCount: '1', tensorParallel: '2' }, 'tensorParallel', 'not be larger'],
    [{ gpuMemoryUtilization: '2' }, 'gpuMemoryUtilization', '0.1 to 1'],
    [{ region: 'us west' }, 'region', 'region name'],
  ] as const)('%j is refused at its field', (patch, field, words) => {
    const result = readLaunchForm({ ...form, ...patch });
    expect(result.ok ? undefined : result.errors[field]).toContain(words);
  });

  test('streamer settings are not sent while the streamer is off', () => {
    const off = readLaunchForm({ ...form, streamerConcurrency: '8' });
    expect(off.ok && off.request.streamerConcurrency).toBeUndefined();
    const on = readLaunchForm({ ...form, useRunaiStreamer: true, streamerConcurrency: '8' });
    expect(on.ok && on.request.streamerConcurrency).toBe(8);
  });
});
