import { describe, expect, test } from 'vitest';
import { FIRST_LAUNCH_FORM, launchFormSchema, readLaunchForm } from '@launchlog/console/launch/launch-form';

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

  test('labels, variables, image and key are sent', () => {
    const typed = {
      labels: 'team=search\n\n a/b = c',
      envs: 'URL=a=b',
      image: 'a/b',
      endpointAuth: 'generated',
    };
    expect(readLaunchForm({ ...form, ...typed, labels: 'team=search\n\nowner=me' })).toMatchObject({
      ok: true,
      request: {
        labels: { team: 'search', owner: 'me' },
        envs: { URL: 'a=b' },
        image: 'a/b',
        endpointAuth: 'generated',
      },
    });
    const wrong = readLaunchForm({ ...form, ...typed });
    expect(wrong.ok ? undefined : wrong.errors.labels).toContain('must be');
  });

  test('a task of its own replaces machine, model and vLLM', () => {
    const result = readLaunchForm({ ...form, taskYaml: 'run: x', diskSize: '512', deploymentId: 'd' });
    expect(result).toMatchObject({
      ok: true,
      request: { taskYaml: 'run: x', deploymentId: 'd', diskSize: 256 },
    });
    expect(result.ok && result.request.provider).toBeUndefined();
  });

  test('a form that an earlier console stored is read', () => {
    const { taskYaml: _, labels: __, ...stored } = form;
    expect(launchFormSchema.parse(stored)).toEqual(form);
  });

  test('streamer settings are not sent while the streamer is off', () => {
    const off = readLaunchForm({ ...form, streamerConcurrency: '8' });
    expect(off.ok && off.request.streamerConcurrency).toBeUndefined();
    const on = readLaunchForm({ ...form, useRunaiStreamer: true, streamerConcurrency: '8' });
    expect(on.ok && on.request.streamerConcurrency).toBe(8);
  });
});
