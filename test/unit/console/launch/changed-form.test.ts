import { expect, test } from 'vitest';
import { formOf, keptFields, readChangedForm } from '@launchlog/console/launch/again/changed-form';
import { launchRequest } from '../../../support/sample/new-node.js';

const request = launchRequest({
  region: undefined,
  gpuCount: 4,
  envs: { A: 'b' },
  anyOf: [{ gpu: 'A100' }, { gpu: 'H100' }],
  deploymentId: 'chat',
});

test('an unchanged form changes nothing, and alternatives stay', () => {
  const result = readChangedForm(formOf(request), request);
  expect(result).toMatchObject({ ok: true, changes: {} });
  expect(result.ok && result.request).toEqual(request);
  expect(keptFields({ ...request, ofTomorrow: 1 } as typeof request)).toEqual(['ofTomorrow']);
});

test('only what was changed is a change; an emptied field is taken away, and so are removed alternatives', () => {
  const form = { ...formOf(request), region: 'us-east-1', deploymentId: '', gpuCount: '2', anyOf: [] };
  const result = readChangedForm(form, request);
  expect(result).toMatchObject({
    ok: true,
    changes: { region: 'us-east-1', deploymentId: null, gpuCount: 2, anyOf: null },
  });
  expect(result.ok && result.request).toMatchObject({ gpuCount: 2, envs: { A: 'b' } });
  expect(result.ok && result.request).not.toHaveProperty('anyOf');
});

test('a wrong change is refused at its field', () => {
  const result = readChangedForm({ ...formOf(request), tensorParallel: '8' }, request);
  expect(result.ok ? undefined : result.errors.tensorParallel).toContain('not be larger');
});

test('alternatives that the form shows stay when the machine beside them changes', () => {
  const result = readChangedForm({ ...formOf(request), gpuCount: '2' }, request);
  expect(result.ok && result.changes).toEqual({ gpuCount: 2, anyOf: request.anyOf });
  expect(result.ok && result.request).toMatchObject({ gpuCount: 2, anyOf: request.anyOf });
});

test('an ordinary launch becomes a task with a probe of its own, and nothing of the former machine is left', () => {
  const form = { ...formOf(request), taskYaml: 'run: x', readyPath: '/up', readyPort: '80' };
  const result = readChangedForm(form, launchRequest({ ...request, vllmArgs: '--a', onLoss: 'relaunch' }));
  expect(result.ok && result.request).toMatchObject({ taskYaml: 'run: x', ready: { path: '/up', port: 80 } });
  expect(result.ok && result.request).not.toHaveProperty('provider');
});

test('without relaunches, their number goes too', () => {
  const launched = launchRequest({ onLoss: 'relaunch', relaunchesPerHour: 5, relaunchUnreachableAfter: 10 });
  const result = readChangedForm({ ...formOf(launched), onLoss: '' }, launched);
  expect(result).toMatchObject({
    ok: true,
    changes: { onLoss: null, relaunchesPerHour: null, relaunchUnreachableAfter: null },
  });
});
