import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { describe, expect, inject, test } from 'vitest';
import { checkedRequest } from '@launchlog/server/launch/request-check';
import { skypilotTask } from '@launchlog/server/orchestrator/skypilot/task';
import { launchRequestSchema } from '@launchlog/shared/launch-request';
import { documentedTasks } from '../support/docs/documented-tasks.js';
import { GOLDEN_TASKS, goldenTask } from '../support/skypilot/golden-tasks.js';

/** How SkyPilot reads a task, without a catalog. */
const PARSER = `
import json, sys
import jsonschema, yaml
from sky import task
from sky.utils import schemas
config = yaml.safe_load(sys.stdin.read())
jsonschema.validate(config, schemas.get_task_schema())
jsonschema.validate(config['resources'], schemas.get_resources_schema())
# As \`--secret NAME\` does.
for name, value in (config.get('secrets') or {}).items():
    config['secrets'][name] = 'x' if value is None else value
del config['resources']
parsed = task.Task.from_yaml_config(config)
print(json.dumps({'name': parsed.name, 'run': parsed.run,
                  'secrets': {name: value.get_secret_value() for name, value in parsed.secrets.items()}}))
`;

describe("SkyPilot's own parser", () => {
  test.each(documentedTasks())('accepts the documented task %s, as Launchlog completes it', (_, asked) => {
    const { secrets = {}, ...request } = checkedRequest(launchRequestSchema.parse(asked), 'skypilot-api');
    const spec = {
      nodeId: 'n',
      clusterName: 'cic-x',
      request,
      secrets,
      handle: undefined,
      checkpoint: undefined,
    };
    const parsed = read(skypilotTask(spec, { otherRegions: false, secrets: 'included' }));
    expect(parsed).toMatchObject({ name: 'cic-x', secrets });
    expect(parsed.run).toContain('exec ');
  });

  test.each(Object.keys(GOLDEN_TASKS))('accepts the task %s and reads from it what was meant', (name) => {
    const parsed = read(goldenTask(name));
    expect(parsed.name).toBe('cic-lambda-useast1-a100-od-550e84');
    expect(parsed.run).toContain('exec vllm serve');
    const golden = GOLDEN_TASKS[name];
    const secrets = golden?.options?.secrets === 'withheld' ? { HF_TOKEN: 'x' } : (golden?.secrets ?? {});
    expect(parsed.secrets).toEqual(secrets);
  });
});

function read(task: string) {
  const output = execFileSync(path.join(inject('skypilotVenv'), 'bin', 'python'), ['-c', PARSER], {
    input: task,
    encoding: 'utf8',
  });
  return JSON.parse(output.trim().split('\n').at(-1) ?? '') as {
    name: string;
    secrets: Record<string, string>;
    run: string;
  };
}
