import { systemClock } from '@launchlog/server/clock';
import type { LaunchSpec, Observation } from '@launchlog/server/orchestrator/orchestrator';
import { SkypilotApiOrchestrator } from '@launchlog/server/orchestrator/skypilot-api-orchestrator';
import { afterAll, afterEach, beforeAll, describe, expect, inject, test } from 'vitest';
import { collect } from '../support/collect.js';
import { skypilotLaunchSpec, textOf } from '../support/skypilot/launch-spec.js';
import { programsShowing } from '../support/skypilot/process-list.js';
import { SkypilotRig } from '../support/skypilot/rig.js';

const LAUNCH_MS = 180_000;

describe('the API orchestrator with the real SkyPilot server and a stand-in for Lambda Cloud', () => {
  let rig: SkypilotRig;
  let orchestrator: SkypilotApiOrchestrator;

  beforeAll(async () => {
    rig = await SkypilotRig.start({ venv: inject('skypilotVenv'), cloud: 'lambda' });
    orchestrator = open();
  });
  const launched: LaunchSpec[] = [];
  afterEach(async () => {
    rig.mend();
    // Also after a test that failed, so that the next test does not meet its machine.
    for (const spec of launched.splice(0)) await tearDown(spec);
  });
  afterAll(async () => {
    await orchestrator?.close();
    await rig?.close();
  });

  function open(): SkypilotApiOrchestrator {
    return new SkypilotApiOrchestrator({
      address: { endpoint: rig.endpoint },
      clock: systemClock,
      otherRegions: true,
    });
  }

  async function launch(spec: LaunchSpec): Promise<Observation[]> {
    launched.push(spec);
    const seen = await collect(orchestrator.launch(spec, AbortSignal.timeout(LAUNCH_MS)));
    if (seen.at(-1)?.kind === 'failed') console.log(JSON.stringify(seen.at(-1)));
    return seen;
  }

  async function tearDown(spec: LaunchSpec): Promise<string> {
    const seen = await collect(orchestrator.tearDown(spec, AbortSignal.timeout(LAUNCH_MS)));
    return seen.map((one) => (one.kind === 'action' ? one.message : one.kind)).join('\n');
  }

  test('launches, reports setup and model server, serves, shows no secret on a command line of ours, and is removed', async () => {
    const secret = 'hf_rigsecretrigsecret';
    const spec = skypilotLaunchSpec({ vllmArgs: `--note '$(id) "x"'` }, { secrets: { HF_TOKEN: secret } });
    const seen: Observation[] = [];
    const shown: string[] = [];
    for await (const one of orchestrator.launch(spec, AbortSignal.timeout(LAUNCH_MS))) {
      seen.push(one);
      if (one.kind === 'line') shown.push(...programsShowing(secret));
    }
    expect(seen.at(-1)).toMatchObject({
      kind: 'serving',
      endpoint: expect.stringMatching(/^http:\/\/127\.[\d.]+:8000$/),
    });
    expect(textOf(seen, 'launch')).toMatch(
      /Launching on Lambda us-east-1[^]*Instance is up[^]*Job submitted, ID: 1/,
    );
    expect(textOf(seen, 'job')).toMatch(
      /\(setup pid=\d+\)[^]*Installed 171 packages[^]*Application startup complete/,
    );
    expect(shown).toEqual([]);
    expect(JSON.stringify(seen)).not.toContain(secret);
    expect(JSON.parse(rig.readText('vllm-environment.json'))).toMatchObject({ HF_TOKEN: secret });
    expect((JSON.parse(rig.readText('vllm-arguments.json')) as string[]).slice(-2)).toEqual([
      '--note',
      '$(id) "x"',
    ]);
    expect(rig.lambda?.running).toHaveLength(1);
    expect(await tearDown(spec)).toContain('Removing');
    expect(rig.lambda?.running).toEqual([]);
  });

  test('continues in another region when the first has no capacity', async () => {
    rig.lambda?.capacity.set('us-east-1', 'none');
    const spec = skypilotLaunchSpec();
    const seen = await launch(spec);
    expect(textOf(seen, 'launch')).toMatch(
      /Launching on Lambda us-east-1[^]*insufficient-capacity[^]*Launching on Lambda us-west-1[^]*Instance is up/,
    );
    expect(seen.at(-1)).toMatchObject({ kind: 'serving' });
    await tearDown(spec);
  });

  test('fails for lack of capacity when every region is exhausted, and leaves nothing', async () => {
    rig.lambda?.capacity.set('us-east-1', 'none');
    rig.lambda?.capacity.set('us-west-1', 'none');
    const spec = skypilotLaunchSpec();
    const seen = await launch(spec);
    expect(seen.at(-1)).toMatchObject({
      kind: 'failed',
      reason: 'no_capacity',
      message: expect.stringContaining('Failed to provision all possible launchable resources'),
    });
    await tearDown(spec);
    expect(rig.lambda?.running).toEqual([]);
  });

  test('a runtime that cannot be set up fails the launch, and its machine keeps running until it is torn down', async () => {
    rig.breakNext('fail-runtime-setup');
    const spec = skypilotLaunchSpec();
    expect((await launch(spec)).at(-1)).toMatchObject({ kind: 'failed', reason: 'setup_failed' });
    expect(rig.lambda?.running).toHaveLength(1);
    await tearDown(spec);
    expect(rig.lambda?.running).toEqual([]);
  });

  test('a setup script that fails ends the launch with the last lines of the script', async () => {
    rig.breakNext('fail-setup');
    const spec = skypilotLaunchSpec();
    const seen = await launch(spec);
    expect(textOf(seen, 'job')).toContain('No solution found when resolving dependencies');
    expect(seen.at(-1)).toMatchObject({ kind: 'failed', reason: 'setup_failed' });
    await tearDown(spec);
  });

  test('a cancel while the machine boots ends the request and removes the machine', async () => {
    if (rig.lambda) rig.lambda.bootMs = 60_000;
    const spec = skypilotLaunchSpec();
    const stop = new AbortController();
    for await (const one of orchestrator.launch(spec, stop.signal)) {
      if (one.kind === 'spinner' && one.text.includes('Checking instance status')) stop.abort();
    }
    expect(await tearDown(spec)).toMatch(/Cancelling.*\n.*Removing/);
    expect(rig.lambda?.running).toEqual([]);
    if (rig.lambda) rig.lambda.bootMs = 0;
    // The cancelled request must not start another machine.
    await systemClock.sleep(5_000);
    expect(rig.lambda?.running).toEqual([]);
  });

  test('another process resumes a launch in the middle, repeats no line and starts no second machine', async () => {
    const spec = skypilotLaunchSpec();
    const before = rig.lambda?.launches.length ?? 0;
    const first: Observation[] = [];
    let stored: Pick<LaunchSpec, 'handle' | 'checkpoint'> = { handle: undefined, checkpoint: undefined };
    for await (const one of orchestrator.launch(spec, AbortSignal.timeout(LAUNCH_MS))) {
      first.push(one);
      if (one.kind === 'handle') stored = { ...stored, handle: one.handle };
      if (one.kind === 'line') stored = { ...stored, checkpoint: one.checkpoint };
      if (one.kind === 'line' && one.text.includes('Launching on')) break;
    }
    await orchestrator.close();
    orchestrator = open();
    const second = await launch({ ...spec, ...stored });
    expect(second.at(-1)).toMatchObject({ kind: 'serving' });
    const lines = `${textOf(first)}\n${textOf(second)}`.split('\n');
    for (const once of ['Considered resources', 'Launching on Lambda', 'Instance is up', 'Job submitted']) {
      expect(lines.filter((line) => line.includes(once))).toHaveLength(1);
    }
    expect((rig.lambda?.launches.length ?? 0) - before).toBe(1);
    await tearDown(spec);
  });

  test('a server that is restarted during a launch ends it as interrupted, and the machine can be removed', async () => {
    if (rig.lambda) rig.lambda.bootMs = 15_000;
    const spec = skypilotLaunchSpec();
    let last: Observation | undefined;
    for await (const one of orchestrator.launch(spec, AbortSignal.timeout(LAUNCH_MS))) {
      last = one;
      if (one.kind === 'spinner' && one.text.includes('Checking instance status')) {
        await rig.stopServer();
        await rig.startServer();
      }
    }
    expect(last).toMatchObject({ kind: 'failed', reason: 'interrupted' });
    if (rig.lambda) rig.lambda.bootMs = 0;
    await tearDown(spec);
    expect(rig.lambda?.running).toEqual([]);
  });
});
