import { describe, expect, test } from 'vitest';
import { checkedRequest } from '@launchlog/server/launch/request-check';
import { askedRequest, changedRequest } from '@launchlog/shared/launch-changes';
import type { LaunchChanges } from '@launchlog/shared/launch-changes';
import { launchRequestSchema } from '@launchlog/shared/launch-request';

const TASK = 'resources: {any_of: [{infra: gcp}, {infra: aws}], accelerators: H100}\nrun: vllm serve a/b\n';

describe('a launch with a task of its own', () => {
  const launched = (taskYaml: string) =>
    checkedRequest(launchRequestSchema.parse({ taskYaml }), 'skypilot-api');
  const again = (taskYaml: string, changes: LaunchChanges) =>
    checkedRequest(
      launchRequestSchema.parse(changedRequest(askedRequest(launched(taskYaml)), changes)),
      'skypilot-api',
    );

  test.each([TASK, 'resources: {infra: aws}\nrun: x\n'])('is the same when it is sent again: %s', (task) => {
    expect(again(task, {})).toEqual(launched(task));
  });

  test('takes the machine and the model from another task', () => {
    const other = 'resources: {infra: lambda, accelerators: L4:2}\nrun: vllm serve c/d\n';
    expect(again(TASK, { taskYaml: other })).toEqual(launched(other));
  });
});
