import { describe, expect, test } from 'vitest';
import { FIRST_LAUNCH_FORM, launchFormSchema } from '@launchlog/console/launch/launch-form';
import { readLaunchForm } from '@launchlog/console/launch/read-launch-form';

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
    const { taskYaml: _, labels: __, anyOf: ___, maxHourlyCost: ____, ...stored } = form;
    expect(launchFormSchema.parse(stored)).toEqual(form);
  });

  test('what is done about the node, its price, and machines that would do are sent', () => {
    const empty = { provider: '', region: '', gpu: '', count: '', spot: '' } as const;
    const result = readLaunchForm({
      ...form,
      maxHourlyCost: '12.5',
      onLoss: 'relaunch',
      relaunchesPerHour: '2',
      relaunchUnreachableAfter: '10m',
      terminateAfter: '3d',
      terminateWhenIdle: '90',
      anyOf: [empty, { provider: 'gcp', region: '', gpu: 'H100', count: '2', spot: 'on demand' }],
    });
    expect(result).toMatchObject({
      ok: true,
      request: {
        maxHourlyCost: 12.5,
        onLoss: 'relaunch',
        relaunchesPerHour: 2,
        relaunchUnreachableAfter: 10,
        terminateAfter: 4_320,
        terminateWhenIdle: 90,
        anyOf: [{ provider: 'aws' }, { provider: 'gcp', gpu: 'H100', count: 2, spot: false }],
      },
    });
  });

  test.each([
    [{ terminateAfter: 'soon' }, 'terminateAfter', "a span such as '45m'"],
    [{ maxHourlyCost: 'much' }, 'maxHourlyCost', 'US dollars per hour'],
    [{ onLoss: 'relaunch', relaunchesPerHour: '99' }, 'relaunchesPerHour', 'from 1 to 20'],
    [{ taskYaml: 'run: x', readyPath: 'up' }, 'readyPath', 'must be a path'],
    [{ taskYaml: 'run: x', readyPort: '0' }, 'readyPort', 'from 1 to 65535'],
    [
      { anyOf: [{ provider: '', region: '', gpu: 'L4', count: 'x', spot: '' as const }] },
      'anyOf',
      'Machine 1: count must be',
    ],
  ] as const)('%j is refused at its field too', (patch, field, words) => {
    const result = readLaunchForm({ ...form, ...(patch as object) });
    expect(result.ok ? undefined : result.errors[field]).toContain(words);
  });

  test('what is hidden is not sent: relaunches without on_loss, a probe or machines beside what excludes them', () => {
    const typed = { relaunchesPerHour: '2', relaunchUnreachableAfter: '10m', readyPath: '/up' };
    const plain = readLaunchForm({ ...form, ...typed });
    expect(plain.ok && Object.keys(plain.request)).not.toContain('relaunchesPerHour');
    expect(plain.ok && Object.keys(plain.request)).not.toContain('ready');
    const machine = { provider: '', region: '', gpu: 'L4', count: '', spot: '' as const };
    const task = readLaunchForm({ ...form, ...typed, taskYaml: 'run: x', anyOf: [machine] });
    expect(task.ok && task.request).toMatchObject({ ready: { path: '/up' } });
    expect(task.ok && Object.keys(task.request)).not.toContain('anyOf');
  });

  test('streamer settings are not sent while the streamer is off', () => {
    const off = readLaunchForm({ ...form, streamerConcurrency: '8' });
    expect(off.ok && off.request.streamerConcurrency).toBeUndefined();
    const on = readLaunchForm({ ...form, useRunaiStreamer: true, streamerConcurrency: '8' });
    expect(on.ok && on.request.streamerConcurrency).toBe(8);
  });
});
