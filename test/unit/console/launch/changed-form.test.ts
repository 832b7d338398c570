import { expect, test } from 'vitest';
import { formOf, keptFields, readChangedForm } from '@launchlog/console/launch/again/changed-form';
import { launchRequest } from '../../../support/new-node.js';

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
  expect(keptFields(request)).toEqual(expect.arrayContaining(['anyOf']));
});

test('only what was changed is a change; an emptied field is taken away', () => {
  const form = { ...formOf(request), region: 'us-east-1', deploymentId: '', gpuCount: '2' };
  const result = readChangedForm(form, request);
  expect(result).toMatchObject({
    ok: true,
    changes: { region: 'us-east-1', deploymentId: null, gpuCount: 2 },
  });
  expect(result.ok && result.request).toMatchObject({ gpuCount: 2, envs: { A: 'b' } });
  expect(result.ok && result.request).not.toHaveProperty('anyOf');
});

test('a wrong change is refused at its field', () => {
  const result = readChangedForm({ ...formOf(request), tensorParallel: '8' }, request);
  expect(result.ok ? undefined : result.errors.tensorParallel).toContain('not be larger');
});
